import IMSBytes
import IMSCapture
import Testing

@Suite struct PcapTests {
  /// The bytes of a file as tcpdump writes it: little endian, microseconds, Ethernet, one packet of four bytes.
  static let literal = Hex.decode(
    """
    d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
    15cd5b07 40e20100 04000000 3c000000 deadbeef
    """)!

  @Test func readsTheLiteralFile() throws {
    var reader = try capture(Self.literal)
    #expect(reader.format == .pcap)
    #expect(reader.interfaces == [.init(name: nil, linkType: .ethernet, packets: 0)])
    let frames = reader.readAll()
    #expect(frames.count == 1)
    #expect(frames[0].number == 1)
    #expect(frames[0].nanoseconds == 123_456_789_123_456_000)
    #expect(frames[0].original == 60)
    #expect(frames[0].offset == 24)
    #expect(frames[0].bytes == [0xde, 0xad, 0xbe, 0xef])
    #expect(reader.packets == 1)
    #expect(reader.bytesRead == UInt64(Self.literal.count))
    #expect(reader.issues.isEmpty)
  }

  @Test(arguments: [UInt32(0xa1b2_c3d4), 0xa1b2_3c4d, 0xa1b2_cd34], [false, true])
  func readsEveryMagicInBothByteOrders(magic: UInt32, isLittleEndian: Bool) throws {
    let recipe = PcapRecipe(magic: magic, order: Order(isLittleEndian: isLittleEndian), linkType: 113)
    let file = recipe.header + recipe.record(7, 5, [1, 2, 3]) + recipe.record(6, 9, [4], original: 100)
    var reader = try capture(file)
    let frames = reader.readAll()
    let unit: Int64 = magic == 0xa1b2_3c4d ? 1 : 1000
    #expect(frames.map(\.nanoseconds) == [7_000_000_000 + 5 * unit, 6_000_000_000 + 9 * unit])
    #expect(frames.map(\.bytes) == [[1, 2, 3], [4]])
    #expect(frames.map(\.linkType) == [113, 113])
    #expect(frames[1].original == 100)
    #expect(reader.firstTime?.nanoseconds == 6_000_000_000 + 9 * unit)
    #expect(reader.lastTime?.nanoseconds == 7_000_000_000 + 5 * unit)
    #expect(reader.interfaces[0].packets == 2)
  }

  @Test func keepsOnlyTheLowerHalfOfTheLinkType() throws {
    let reader = try capture(PcapRecipe(linkType: 0x1400_0001).header)
    #expect(reader.interfaces[0].linkType == .ethernet)
  }

  @Test func peeksWithoutTaking() throws {
    let recipe = PcapRecipe()
    var reader = try capture(recipe.header + recipe.record(1, 0, [1]) + recipe.record(2, 0, [2]))
    #expect(reader.peekTime()?.nanoseconds == 1_000_000_000)
    #expect(reader.peekTime()?.nanoseconds == 1_000_000_000)
    #expect(reader.packets == 0)
    #expect(reader.next()?.number == 1)
    #expect(reader.peekTime()?.nanoseconds == 2_000_000_000)
    #expect(reader.next()?.number == 2)
    #expect(reader.peekTime() == nil)
    #expect(reader.next()?.number == nil)
  }

  @Test func endsAtABreakWithAnIssue() throws {
    let recipe = PcapRecipe()
    let whole = recipe.header + recipe.record(1, 0, [1, 2, 3]) + recipe.record(2, 0, [4, 5, 6])
    for length in 0..<whole.count {
      let cut = Array(whole.prefix(length))
      if length < 24 {
        #expect(throws: InputError.self) { _ = try capture(cut) }
        continue
      }
      var reader = try capture(cut)
      let frames = reader.readAll()
      #expect(frames.count == (length < 43 ? 0 : 1))
      let offset: UInt64 = length < 43 ? 24 : 43
      let number = length < 43 ? 1 : 2
      let isClean = length == 24 || length == 43
      let expected = isClean ? [] : [CaptureIssue(reason: "file ends inside packet \(number)", offset: offset)]
      #expect(reader.issues == expected)
    }
  }

  @Test func stopsAtAnAbsurdLength() throws {
    let recipe = PcapRecipe()
    let absurd = recipe.order.u32(1) + recipe.order.u32(1) + recipe.order.u32(.max) + recipe.order.u32(4)
    var reader = try capture(recipe.header + recipe.record(1, 0, [1]) + absurd + [0, 0, 0, 0])
    #expect(reader.readAll().count == 1)
    #expect(reader.issues.count == 1)
    #expect(reader.issues[0].offset == 24 + 17)
  }

  @Test func readsAnyPacketThroughAnyBlock() throws {
    let recipe = PcapRecipe()
    var file = recipe.header
    for length in [0, 1, 63, 64, 500, 3, 70000, 9] {
      file += recipe.record(UInt32(length), 0, (0..<length).map { UInt8($0 & 0xff) })
    }
    var whole = try capture(file)
    let expected = whole.readAll()
    #expect(expected.count == 8)
    for (blockSize, chunk) in [(64, 1), (64, 7), (100, 100), (4096, 13), (1 << 20, 1)] {
      var reader = try capture(file, blockSize: blockSize, chunk: chunk)
      #expect(reader.readAll() == expected)
      #expect(reader.bytesRead == UInt64(file.count))
    }
  }

  @Test func tellsWhatIsNoCapture() {
    #expect(throws: InputError(.empty, path: "memory", reason: "is empty")) { _ = try capture([]) }
    let gzip = #expect(throws: InputError.self) { _ = try capture([0x1f, 0x8b, 8, 0, 1]) }
    #expect(gzip?.kind == .notACapture(first: [0x1f, 0x8b, 8, 0, 1]))
    #expect(gzip?.reason == "is a gzip archive, not a capture: unpack it first")
    let other = #expect(throws: InputError.self) { _ = try capture(Array("GMBU 2".utf8)) }
    #expect(other?.reason == "is a Network Monitor capture: convert it to pcapng first")
    let text = #expect(throws: InputError.self) { _ = try capture(Array("hello world".utf8)) }
    #expect(text?.description.contains("neither pcap nor pcapng") == true)
  }
}
