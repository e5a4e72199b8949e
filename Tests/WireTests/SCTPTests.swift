import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

@Suite struct SCTPTests {
  static let client = HostPort("10.20.0.20", 45931)
  static let server = HostPort("10.20.0.40", 3868)

  /// Ports 3868 and 50000, tag 01020304; a SACK, then two DATA chunks: TSN 7 of stream 0 with "abc" and a byte of
  /// padding, TSN 8 of stream 1, unordered, with "defg".
  static let bundle =
    "0f1cc350 01020304 00000000 03000010 00000001 00010000 00000000"
    + "00030013 00000007 00000000 0000002e 61626300" + "00070014 00000008 00010000 00000000 64656667"

  private func ip(_ hex: String) throws -> [UInt8] { Recipe.ipv4(132, try #require(Hex.decode(hex))) }

  private func packet(_ chunks: [SCTPChunk], tag: UInt32 = 1) -> [UInt8] {
    PacketBuilder.sctp(SCTPBuilder(from: Self.client, to: Self.server, verificationTag: tag, chunks: chunks))
  }

  private func fed(_ chunks: [SCTPChunk]...) -> Bench {
    var bench = Bench()
    for chunks in chunks { bench.feed(packet(chunks)) }
    bench.finish()
    return bench
  }

  private func positions(_ bench: Bench) -> [UInt32] {
    bench.delivered.map { if case .message(let position) = $0.delivery { position } else { 0 } }
  }

  /// "fragments" of the text "REGISTER", three bytes each.
  private func pieces(_ tsn: UInt32, _ text: String = "REGISTER", isUnordered: Bool = false) -> [SCTPChunk] {
    SCTPChunk.fragments(of: Array(text.utf8), size: 3, tsn: tsn, isUnordered: isUnordered)
  }

  // MARK: Packets

  @Test func givesEachUserMessageOfABundle() throws {
    var bench = Bench()
    bench.feed(try ip(Self.bundle), linkType: .raw)
    #expect(bench.texts == ["abc", "defg"])
    #expect(positions(bench) == [7, 8])
    let payload = try #require(bench.delivered.first)
    #expect(payload.path.transport == .sctp)
    #expect(payload.path.layers.layers.map(\.name) == ["raw", "ip", "sctp"])
    #expect(payload.path.source.port == 3868)
    #expect(payload.path.destination.port == 50000)
    #expect(payload.frames == [1])
    #expect(!payload.isTruncated)
    #expect(bench.issues.isEmpty)
    #expect(bench.notDecoded.isEmpty)
  }

  @Test func neverTrapsOnAPacketThatEndsEarly() throws {
    let whole = try ip(Self.bundle)
    for length in 0..<whole.count {
      var cut = Bench()
      cut.feed(whole, linkType: .raw, captured: length)
      cut.finish()
      #expect(!cut.issues.isEmpty, "\(length) captured")
      #expect(cut.delivered.allSatisfy { "abcdefg".contains(String(decoding: $0.bytes, as: UTF8.self)) })
      let short = Recipe.ipv4(132, Array(whole[20..<max(20, length)]))
      var bench = Bench()
      bench.feed(short, linkType: .raw)
      bench.finish()
      #expect(bench.delivered.allSatisfy { !$0.isTruncated })
    }
  }

  @Test func saysWhatTheCaptureCut() throws {
    let whole = try ip(Self.bundle)
    var bench = Bench()
    bench.feed(whole, linkType: .raw, captured: whole.count - 1)
    #expect(bench.texts == ["abc", "def"])
    #expect(bench.delivered.map(\.isTruncated) == [false, true])
    #expect(bench.issues == ["SCTP: packet cut by the capture"])
    #expect(bench.dissector.census.issues[0].bytes == 1)
  }

  @Test(arguments: [
    ("00030003 00000007 00000000 0000002e 61626300", "SCTP: chunk length under 4"),
    ("00030018 00000007 00000000 0000002e 61626300", "SCTP: chunk beyond the packet"),
    ("00030010 00000007 00000000 0000002e", "SCTP: DATA chunk without user data"),
    ("4003000c 00000007 00000000", "SCTP: DATA chunk without user data"),
    ("0b000004 0000", "SCTP: bytes behind the last chunk"),
  ])
  func namesDamage(chunk: String, issue: String) throws {
    var bench = Bench()
    bench.feed(try ip("0f1cc350 01020304 00000000" + chunk), linkType: .raw)
    #expect(bench.delivered.isEmpty)
    #expect(bench.issues == [issue])
  }

  @Test func readsPacketsInFragmentsOfIP() {
    let content = [UInt8](repeating: 0x61, count: 3000)
    let segment = SCTPBuilder(from: Self.client, to: Self.server, chunks: [.data(1, content)])
    let packet = IPv4Builder(
      from: Self.client.host, to: Self.server.host, protocolNumber: 132, identification: 9, payload: segment.bytes)
    var bench = Bench()
    for piece in packet.fragments(mtu: 1500) { bench.feed(EthernetBuilder(ip: piece).bytes) }
    #expect(bench.delivered.map(\.bytes) == [content])
    #expect(bench.delivered.first?.frames == [1, 2, 3])
  }

  // MARK: What nobody reads

  @Test func countsByIdentifierWhatNobodyReads() {
    var bench = Bench()
    bench.take = { Taken(bytes: $0.bytes.u8(0) == 0x61 ? $0.bytes.byteCount : 0) }
    for (tsn, ppid) in [0, 18, 46, 47, 4711].enumerated() {
      bench.feed(packet([.data(UInt32(tsn), ppid: UInt32(ppid), Array("abc".utf8))]))
    }
    #expect(bench.texts == ["abc", "abc", "abc", "abc"], "DTLS is not offered")
    #expect(bench.notDecoded == ["SCTP PPID 47 (DTLS) 1"])
    for (tsn, ppid) in [0, 18, 18, 46, 4711].enumerated() {
      bench.feed(packet([.data(UInt32(tsn), ppid: UInt32(ppid), [1, 2]), .data(9, ppid: UInt32(ppid), [3, 4])]))
    }
    #expect(
      bench.notDecoded == [
        "SCTP PPID 0 1", "SCTP PPID 18 (S1AP) 2", "SCTP PPID 46 (Diameter) 1", "SCTP PPID 47 (DTLS) 1",
        "SCTP PPID 4711 1",
      ])
    #expect(bench.issues.isEmpty)
  }

  // MARK: Fragments

  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]], [false, true])
  func joinsFragmentsInAnyOrder(order: [Int], isUnordered: Bool) throws {
    let pieces = pieces(5, isUnordered: isUnordered)
    var bench = Bench()
    for index in order { bench.feed(packet([pieces[index]])) }
    bench.finish()
    #expect(bench.texts == ["REGISTER"])
    #expect(positions(bench) == [5])
    let payload = try #require(bench.delivered.first)
    #expect(payload.frames == [1, 2, 3])
    #expect(payload.time == Timestamp(nanoseconds: 3_000_000))
    #expect(bench.issues.isEmpty)
  }

  @Test func joinsFragmentsOfOnePacket() {
    let bench = fed(pieces(5) + [.data(8, Array("next".utf8))])
    #expect(bench.texts == ["REGISTER", "next"])
    #expect(bench.delivered.map(\.frames) == [[1], [1]])
  }

  @Test func wrapsTheTSN() {
    let late = pieces(0xffff_fffe)
    let bench = fed([late[2]], [.data(1, Array("next".utf8))], [late[0], late[1]])
    #expect(bench.texts == ["next", "REGISTER"])
    #expect(positions(bench) == [1, 0xffff_fffe])
  }

  @Test func keepsStreamsDirectionsAndAssociationsApart() {
    let left = SCTPChunk.fragments(of: Array("left".utf8), size: 2, tsn: 5, stream: 1)
    let right = SCTPChunk.fragments(of: Array("tail".utf8), size: 2, tsn: 5, stream: 2)
    #expect(fed([left[0]], [right[1]], [right[0]], [left[1]]).texts == ["tail", "left"])
    var bench = Bench()
    bench.feed(packet([left[0]], tag: 1))
    bench.feed(packet([left[1]], tag: 2))
    bench.feed(PacketBuilder.sctp(SCTPBuilder(from: Self.server, to: Self.client, chunks: [left[1]])))
    bench.finish()
    #expect(bench.delivered.isEmpty)
    #expect(bench.issues == ["SCTP: message not whole: fragments are missing"])
    #expect(bench.dissector.census.issues[0].count == 3)
    #expect(bench.dissector.census.issues[0].bytes == 6)
  }

  @Test func givesARetransmissionAtItsOldPosition() {
    let pieces = pieces(5)
    let bench = fed(
      [.data(4, Array("one".utf8))], [.data(4, Array("one".utf8))], [pieces[0]], [pieces[1]], [pieces[1]],
      [pieces[2]], [pieces[2]], [pieces[1]])
    #expect(bench.texts == ["one", "one", "REGISTER"])
    #expect(positions(bench) == [4, 4, 5])
    #expect(bench.delivered[2].frames == [3, 4, 5, 6])
    #expect(bench.issues.isEmpty, "what came again is not missing its other fragments")
  }

  @Test func givesASecondCopyOfAllFragmentsAgain() {
    let pieces = pieces(5)
    let bench = fed(pieces, pieces)
    #expect(bench.texts == ["REGISTER", "REGISTER"])
    #expect(positions(bench) == [5, 5])
    #expect(bench.delivered.map(\.frames) == [[1], [2]])
  }

  @Test func separatesCapturePoints() throws {
    let pieces = pieces(5)
    var bench = Bench()
    for (channel, index) in [(1, 0), (2, 0), (1, 1), (1, 2), (2, 1), (2, 2)] {
      let header: [UInt8] = [8, 0, 0, 0, 0, 0, 0, UInt8(channel), 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
      bench.feed(header + packet([pieces[index]]).dropFirst(14), linkType: .linuxCooked2)
    }
    #expect(bench.texts == ["REGISTER", "REGISTER"])
    #expect(bench.delivered.map(\.path.point.channel) == [1, 2])
    #expect(bench.delivered.map(\.frames) == [[1, 3, 4], [2, 5, 6]])
    #expect(positions(bench) == [5, 5])
  }

  @Test func endsAMessageWhereTheCaptureCutAFragment() {
    let pieces = pieces(5)
    var bench = Bench()
    bench.feed(packet([pieces[0]]))
    let second = packet([pieces[1]])
    bench.feed(second, captured: second.count - 3)  // padding, and two of three bytes
    bench.feed(packet([pieces[2]]))
    #expect(bench.texts == ["REGI"])
    #expect(bench.delivered.map(\.isTruncated) == [true])
    #expect(bench.issues == ["SCTP: packet cut by the capture"])
  }

  @Test func joinsInterleavedFragments() {
    let begin = SCTPChunk.begin
    let end = SCTPChunk.end
    let bench = fed(
      [.interleaved(10, message: 1, flags: begin, Array("one ".utf8))],
      [.interleaved(11, stream: 1, message: 1, flags: begin, Array("two ".utf8))],
      [.interleaved(12, stream: 1, message: 1, identifier: 1, flags: end, Array("TWO".utf8))],
      [.interleaved(14, message: 1, identifier: 2, flags: end, Array("ONE".utf8))],
      [.interleaved(13, message: 1, identifier: 1, flags: 0, Array("and ".utf8))],
      [.interleaved(15, message: 2, Array("three".utf8))])
    #expect(bench.texts == ["two TWO", "one and ONE", "three"])
    #expect(positions(bench) == [11, 10, 15])
    #expect(bench.issues.isEmpty)
  }

  /// RFC 9260, 6.4: what is sent again goes to another address of the receiver, and may come from another one.
  @Test func joinsFragmentsThatTookDifferentPaths() {
    let pieces = pieces(5)
    var bench = Bench()
    bench.feed(packet([pieces[0]]))
    bench.feed(
      PacketBuilder.sctp(
        SCTPBuilder(
          from: HostPort("10.9.0.20", Self.client.port), to: HostPort("10.9.0.40", Self.server.port),
          chunks: [pieces[1]])))
    bench.feed(packet([pieces[2]]))
    bench.finish()
    #expect(bench.texts == ["REGISTER"])
    #expect(bench.delivered.map(\.frames) == [[1, 2, 3]])
    #expect(bench.issues.isEmpty)
  }

  @Test func joinsFragmentsWithoutAnIdentifier() {
    let pieces = SCTPChunk.fragments(of: Array("REGISTER".utf8), size: 3, tsn: 5, ppid: 0)
    #expect(fed([pieces[0]], [pieces[1]], [pieces[2]]).texts == ["REGISTER"])
  }

  // MARK: Bounds

  @Test(arguments: [UInt8(1), 6, 14]) func forgetsFragmentsWhereTheAssociationEnds(type: UInt8) {
    let pieces = pieces(5)
    let bench = fed([pieces[0]], [SCTPChunk(type: type)], [pieces[1], pieces[2]])
    #expect(!bench.delivered.contains { !$0.isEvent })
    #expect(
      bench.issues == [
        "SCTP: message not whole: the association ended", "SCTP: message not whole: fragments are missing",
      ])
  }

  @Test func givesUpAFragmentAfterThirtySeconds() {
    let pieces = pieces(5)
    var bench = Bench()
    bench.feed(packet([pieces[0]]), milliseconds: 0)
    bench.feed(packet([pieces[1]]), milliseconds: 29_000)
    bench.feed(packet([pieces[2]]), milliseconds: 31_000)
    bench.finish()
    #expect(bench.delivered.isEmpty)
    #expect(bench.dissector.census.issues.map(\.count) == [2])
    #expect(bench.dissector.census.issues[0].bytes == 8)
  }

  @Test func boundsAMessage() {
    let chunks = SCTPChunk.fragments(of: [UInt8](repeating: 1, count: (1 << 20) + 1), size: 60_000, tsn: 1)
    var bench = Bench()
    for chunk in chunks { bench.feed(packet([chunk]), milliseconds: 1) }
    bench.finish()
    #expect(bench.delivered.isEmpty)
    #expect(bench.issues == ["SCTP: message of more than 1 MiB or 4096 fragments"])
    let largest = SCTPChunk.fragments(of: [UInt8](repeating: 1, count: 1 << 20), size: 60_000, tsn: 1)
    bench = Bench()
    for chunk in largest.reversed() { bench.feed(packet([chunk]), milliseconds: 1) }
    #expect(bench.delivered.map(\.bytes.count) == [1 << 20])
  }

  @Test func boundsTheFragmentsOfAMessage() {
    let chunks = SCTPChunk.fragments(of: [UInt8](repeating: 1, count: 4097), size: 1, tsn: 1)
    var bench = Bench()
    for chunk in chunks { bench.feed(packet([chunk]), milliseconds: 1) }
    #expect(bench.delivered.isEmpty)
    #expect(bench.issues == ["SCTP: message of more than 1 MiB or 4096 fragments"])
  }

  @Test func boundsWhatWaits() {
    var bench = Bench()
    let data = [UInt8](repeating: 1, count: 60_000)
    for index: UInt32 in 0..<100 { bench.feed(packet([.data(index * 2, flags: 0, data)]), milliseconds: 1) }
    #expect(bench.issues == ["SCTP: message not whole: too many fragments at once"])
    #expect(bench.dissector.census.issues[0].count == 31)
    bench = Bench()
    for index: UInt32 in 0..<1030 { bench.feed(packet([.data(index * 2, flags: 2, [1])]), milliseconds: 1) }
    #expect(bench.dissector.census.issues.map(\.count) == [6])
    bench = Bench()
    for index: UInt32 in 0..<5000 {
      bench.feed(packet([.data(1000, flags: 2, [1]), .data(1002, flags: 1, [1])], tag: index), milliseconds: 1)
      bench.feed(packet([.data(1001, flags: 0, [1])], tag: index), milliseconds: 1)
    }
    bench.feed(packet([.data(1, flags: 2, [1])]), milliseconds: 2)
    bench.feed(packet([.data(5, flags: 2, [1])]), milliseconds: 30_003)
    #expect(bench.delivered.count == 5000, "what is whole leaves nothing behind")
    #expect(bench.dissector.census.issues.map(\.count) == [1])
  }
}
