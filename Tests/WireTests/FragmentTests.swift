import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

@Suite struct FragmentTests {
  static let content = (0..<60).map { UInt8($0) }
  /// A UDP datagram of 68 bytes in pieces of 24, 24 and 20.
  static let pieces4: [[UInt8]] = cut(Recipe.udp(content)) { bytes, offset, isLast in
    Recipe.ethernet(
      0x0800,
      Recipe.ipv4(17, bytes, identification: 0x4242, fragment: UInt16(offset / 8) | (isLast ? 0 : 0x2000)))
  }
  static let pieces6: [[UInt8]] = cut(Recipe.udp(content)) { bytes, offset, isLast in
    Recipe.ethernet(
      0x86dd, Recipe.ipv6(44, [17, 0] + Recipe.number(UInt16(offset) | (isLast ? 0 : 1)) + [0, 0, 0x42, 0x42] + bytes))
  }

  static func cut(_ bytes: [UInt8], _ make: ([UInt8], Int, Bool) -> [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: 24).map { offset in
      make(Array(bytes[offset..<min(offset + 24, bytes.count)]), offset, offset + 24 >= bytes.count)
    }
  }

  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]], [false, true])
  func joinsFragmentsInAnyOrder(order: [Int], isIPv6: Bool) throws {
    let pieces = isIPv6 ? Self.pieces6 : Self.pieces4
    var bench = Bench()
    for index in order { bench.feed(pieces[index]) }
    bench.finish()
    #expect(bench.delivered.map(\.bytes) == [Self.content])
    let payload = try #require(bench.delivered.first)
    #expect(payload.frames == [1, 2, 3])
    #expect(payload.time == Timestamp(nanoseconds: 3_000_000))
    #expect(payload.path.source.port == 5060)
    #expect(payload.path.layers.layers == [.ethernet, isIPv6 ? .ipv6 : .ipv4, .udp])
    #expect(bench.issues.isEmpty)
  }

  /// The same packet captured twice at one point.
  @Test(arguments: [[0, 0, 1, 1, 2, 2], [0, 1, 2, 0, 1, 2], [0, 1, 0, 2, 1, 2], [2, 2, 1, 0, 1, 0], [0, 1, 2, 2]])
  func neverBreaksADatagramThatCameTwice(order: [Int]) {
    var bench = Bench()
    for index in order { bench.feed(Self.pieces4[index]) }
    bench.finish()
    #expect(!bench.delivered.isEmpty)
    #expect(bench.delivered.allSatisfy { $0.bytes == Self.content })
    #expect(bench.issues.isEmpty)
  }

  @Test func namesTheFramesOfCopies() {
    var bench = Bench()
    for index in [0, 0, 1, 2] { bench.feed(Self.pieces4[index]) }
    #expect(bench.delivered.map(\.frames) == [[1, 2, 3, 4]])
  }

  @Test func letsTheFirstBytesWin() {
    let whole = Recipe.udp(Self.content)
    func piece(_ range: Range<Int>, _ value: UInt8?) -> [UInt8] {
      let bytes = value.map { [UInt8](repeating: $0, count: range.count) } ?? Array(whole[range])
      let fragment = UInt16(range.lowerBound / 8) | (range.upperBound == whole.count ? 0 : 0x2000)
      return Recipe.ethernet(0x0800, Recipe.ipv4(17, bytes, fragment: fragment))
    }
    var bench = Bench()
    bench.feed(piece(16..<32, nil))
    bench.feed(piece(8..<40, 0xee))
    bench.feed(piece(0..<24, 0xdd))
    bench.feed(piece(32..<68, nil))
    bench.finish()
    // The header's first eight bytes came with the third piece.
    let filler = [UInt8](repeating: 0xee, count: 8)
    let expected: [UInt8] = filler + whole[16..<32] + filler + whole[40...]
    #expect(bench.delivered.map(\.bytes) == [expected])
  }

  @Test func countsWhatStaysUnfinished() {
    var bench = Bench()
    bench.feed(Self.pieces4[0], milliseconds: 0)
    bench.feed(Self.pieces4[2], milliseconds: 10)
    for seconds: Int64 in 1...31 {
      bench.feed([0, 0], linkType: LinkType(rawValue: 147), milliseconds: seconds * 1000)
    }
    bench.feed(Self.pieces6[1], milliseconds: 31_000)
    #expect(bench.issues == ["IPv4: datagram not whole: fragments are missing"])
    bench.feed(Self.pieces4[1], milliseconds: 31_001)
    bench.finish()
    #expect(bench.delivered.isEmpty)
    #expect(bench.dissector.census.issues.map(\.count) == [2, 1])
    #expect(bench.dissector.census.issues[0].frames == [1, 35])
  }

  @Test func isNotMovedByOneWrongStamp() {
    var bench = Bench()
    let year: Int64 = 365 * 86_400_000
    bench.feed(Self.pieces4[0], milliseconds: year)
    bench.feed(Self.pieces4[1], milliseconds: 2 * year)
    bench.feed(Self.pieces4[1], milliseconds: 0)
    bench.feed(Self.pieces4[2], milliseconds: year + 1)
    #expect(bench.delivered.map(\.bytes) == [Self.content])
    #expect(bench.issues.isEmpty)
  }

  /// After a pause of the capture the clock follows, forwards and backwards.
  @Test(arguments: [Int64(100_000), -100_000]) func followsAClockThatWasSet(jump: Int64) {
    var bench = Bench()
    bench.feed(Self.pieces4[0], milliseconds: 1_000_000)
    for step in 0..<60 {
      bench.feed([0], linkType: LinkType(rawValue: 147), milliseconds: 1_000_000 + jump + Int64(step) * 1000)
    }
    bench.feed(Self.pieces6[0], milliseconds: 1_000_000 + jump + 60_000)
    #expect(bench.issues.count == (jump > 0 ? 1 : 0))
    bench.finish()
    #expect(bench.issues.count == 2)
  }

  @Test func boundsTheNumberOfDatagrams() {
    var bench = Bench()
    for number in 0..<1030 {
      bench.feed(
        Recipe.ethernet(
          0x0800, Recipe.ipv4(17, [UInt8](repeating: 0, count: 8), identification: UInt16(number), fragment: 0x2000)),
        milliseconds: 1)
    }
    #expect(bench.issues == ["IPv4: datagram not whole: too many fragments at once"])
    #expect(bench.dissector.census.issues[0].count == 6)
  }

  /// Of a fragment, a chunk of SCTP and a segment of TCP that wait.
  @Test func namesTheFirstCopiesAlone() {
    var bench = Bench()
    let first = Recipe.ethernet(
      0x0800, Recipe.ipv4(17, [UInt8](repeating: 0, count: 8), identification: 7, fragment: 0x2000))
    for _ in 0..<Bounds.namedCopies + 3 { bench.feed(first, milliseconds: 1) }
    #expect(bench.dissector.unnamedFrames == 2)
    bench = Bench()
    for _ in 0..<Bounds.namedCopies + 3 {
      bench.feed(
        PacketBuilder.sctp(
          SCTPBuilder(
            from: HostPort("10.0.0.1", 3868), to: HostPort("10.0.0.2", 3868), verificationTag: 1,
            chunks: [.data(1, flags: 2, [1])])), milliseconds: 1)
    }
    #expect(bench.dissector.unnamedFrames == 2)
    bench = Bench()
    bench.feedTCP(9, "", flags: 2, milliseconds: 0)
    for _ in 0..<Bounds.namedCopies + 3 { bench.feedTCP(20, "x", milliseconds: 1) }
    #expect(bench.dissector.unnamedFrames == 2)
  }

  @Test func boundsTheBytesOfDatagrams() {
    var bench = Bench()
    for number in 0..<80 {
      let piece = [UInt8](repeating: 0, count: 8)
      bench.feed(
        Recipe.ethernet(0x0800, Recipe.ipv4(17, piece, identification: UInt16(number), fragment: 0x2000 + 8000)),
        milliseconds: 1)
    }
    // 63 datagrams whose last known byte is the 64 008th, and room for a whole one.
    #expect(bench.issues == ["IPv4: datagram not whole: too many fragments at once"])
    #expect(bench.dissector.census.issues[0].count == 80 - UInt64((4 << 20) - 65_535) / 64_008 - 1)
  }

  @Test func refusesAFragmentBeyond64KiB() {
    var bench = Bench()
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, [UInt8](repeating: 0, count: 64), fragment: 0x1fff)))
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, [1, 2, 3], fragment: 0x2000)))
    bench.finish()
    #expect(bench.delivered.isEmpty)
    #expect(
      bench.issues == ["IPv4: fragment reaches beyond 64 KiB", "IPv4: fragment length is no multiple of 8"])
  }

  @Test func deliversUpToTheCutOfATruncatedFragment() throws {
    var bench = Bench()
    bench.feed(Self.pieces4[0])
    bench.feed(Self.pieces4[1], captured: 14 + 20 + 10)
    bench.feed(Self.pieces4[2])
    let payload = try #require(bench.delivered.first)
    #expect(payload.bytes == Array(Self.content.prefix(24 + 10 - 8)))
    #expect(payload.isTruncated)
  }
}
