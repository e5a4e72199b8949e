import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

/// SCTP from literal bytes: DATA chunks alone, bundled, in fragments, again.
@Suite struct SCTPTests {
  /// A DATA chunk. `flags`: B 2, E 1, U 4.
  private func data(
    _ tsn: UInt32, _ text: String, flags: UInt8 = 3, stream: UInt16 = 1, payloadProtocol: UInt32 = 46
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.u8(0)
    writer.u8(flags)
    writer.u16(UInt16(16 + text.utf8.count))
    writer.u32(tsn)
    writer.u16(stream)
    writer.u16(0)
    writer.u32(payloadProtocol)
    writer.raw(text.utf8)
    while writer.bytes.count % 4 != 0 { writer.u8(0) }
    return writer.bytes
  }

  private let sack: [UInt8] = [3, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0]

  private func packet(_ chunks: [UInt8]...) -> [UInt8] {
    var writer = ByteWriter()
    writer.u16(3868)
    writer.u16(40000)
    writer.u32(0xcafe)
    writer.u32(0)
    for chunk in chunks { writer.raw(chunk) }
    return Recipe.ethernet(0x0800, Recipe.ipv4(132, writer.bytes))
  }

  @Test func aUserMessageOfOneChunkIsDelivered() {
    var bench = Bench()
    bench.feed(packet(data(7, "hello")))
    #expect(bench.texts == ["hello"])
    #expect(bench.delivered[0].delivery == .message(position: 7))
    #expect(bench.delivered[0].path.transport == .sctp)
    #expect(bench.delivered[0].path.layers.layers == [.ethernet, .ipv4, .sctp])
    #expect(bench.delivered[0].path.source.port == 3868)
  }

  @Test func bundledChunksAreMessagesOfTheirOwn() {
    var bench = Bench()
    bench.feed(packet(sack, data(1, "one"), data(2, "three"), sack, data(3, "x")))
    #expect(bench.texts == ["one", "three", "x"])
    #expect(bench.notDecoded.isEmpty && bench.issues.isEmpty)
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]]) func fragmentsComeInAnyOrder(_ order: [Int]) {
    let chunks = [
      data(0xffff_ffff, "be", flags: 2), data(0, "gin", flags: 0), data(1, "ning", flags: 1),
    ]
    var bench = Bench()
    for index in order { bench.feed(packet(chunks[index])) }
    #expect(bench.texts == ["beginning"])
    #expect(bench.delivered[0].delivery == .message(position: 0xffff_ffff))
    #expect(bench.delivered[0].frames == [1, 2, 3])
  }

  @Test func fragmentsOfTwoStreamsAndOfUnorderedMessagesDoNotMix() {
    var bench = Bench()
    bench.feed(packet(data(1, "a", flags: 2, stream: 1), data(2, "x", flags: 2, stream: 2)))
    bench.feed(packet(data(3, "y", flags: 1, stream: 2)))
    bench.feed(packet(data(2, "b", flags: 1, stream: 1)))
    #expect(bench.texts == ["xy", "ab"])
    bench.feed(packet(data(9, "u", flags: 6), data(10, "v", flags: 5)))
    #expect(bench.texts.last == "uv")
  }

  @Test func aRetransmittedChunkIsTheSameTSNAgain() {
    var bench = Bench()
    bench.feed(packet(data(7, "hello")))
    bench.feed(packet(data(7, "hello")))
    #expect(bench.delivered.map(\.delivery) == [.message(position: 7), .message(position: 7)])
    bench.feed(packet(data(8, "be", flags: 2)))
    bench.feed(packet(data(8, "be", flags: 2)))
    bench.feed(packet(data(9, "gin", flags: 1)))
    #expect(bench.texts.last == "begin")
    #expect(bench.delivered.count == 3)
  }

  @Test func otherPayloadsAreCountedByTheirNumber() {
    var bench = Bench()
    bench.feed(packet(data(1, "s1ap", payloadProtocol: 18), data(2, "dtls", payloadProtocol: 47)))
    bench.feed(packet(data(3, "old", payloadProtocol: 0), [64, 3, 0, 4]))
    #expect(bench.texts == ["old"])
    #expect(bench.notDecoded == ["SCTP I-DATA 1", "SCTP PPID 18 1", "SCTP PPID 47 1"])
  }

  @Test func aMessageThatNeverBecomesWholeIsSaid() {
    var bench = Bench()
    bench.feed(packet(data(1, "be", flags: 2)), milliseconds: 0)
    bench.feed(packet(data(9, "x")), milliseconds: 40_000)
    #expect(bench.issues == ["SCTP: user message never whole"])
    bench.feed(packet(data(11, "be", flags: 2)), milliseconds: 40_001)
    bench.finish()
    #expect(bench.dissector.census.issues.first?.count == 2)
  }

  @Test func noByteOfAPacketMayBeMissingWithoutAWord() {
    let whole = packet(data(1, "one"), sack, data(2, "two", flags: 2), data(3, "more", flags: 1))
    for count in 14...whole.count {
      var bench = Bench()
      bench.feed(whole, captured: count)
      bench.finish()
      let isWhole = count == whole.count
      #expect(bench.texts.contains("twomore") == isWhole)
      #expect(bench.issues.isEmpty == isWhole || count == 14)
    }
    for count in 14..<whole.count {
      var bench = Bench()
      bench.feed(Array(whole[..<count]))
      bench.finish()
    }
  }

  @Test func aChunkWithoutLengthEndsThePacket() {
    var bench = Bench()
    bench.feed(packet(data(1, "one"), [0, 3, 0, 0], data(2, "two")))
    #expect(bench.texts == ["one"])
    #expect(bench.issues == ["SCTP: chunk length under 4"])
  }
}
