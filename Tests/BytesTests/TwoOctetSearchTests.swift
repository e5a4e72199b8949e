import IMSBytes
import Testing

@Suite struct TwoOctetSearchTests {
  /// Octet by octet, as the search is described.
  private static func expected(_ bytes: [UInt8], from start: Int) -> Int? {
    bytes.indices.first { index in
      guard index >= start, bytes[index] == 10 || bytes[index] == 1 else { return false }
      if index + 3 >= bytes.count { return true }
      return bytes[index] == 10 ? (0x21...0x7f).contains(bytes[index + 1]) : bytes[index + 1] <= 16
    }
  }

  @Test func findsWhatOneByOneFinds() {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let octets: [UInt8] = [1, 10, 0, 16, 17, 0x20, 0x21, 0x7f, 0x80, 11, 9, 0x81, 0x8a, 255, 2, 3]
    var found = 0
    for round in 0..<20_000 {
      let isSparse = round % 2 == 0
      // Some are longer than what is searched at once.
      let count = next(round % 20 == 0 ? 1500 : 90)
      let bytes = (0..<count).map { _ in isSparse && next(8) > 0 ? 0x55 : octets[next(octets.count)] }
      let start = next(bytes.count + 2) - 1
      let hit = bytes.span.bytes.firstIndex(of: 10, beforeVisible: start, or: 1, beforeAtMost: 16)
      #expect(hit == Self.expected(bytes, from: start))
      if hit != nil { found += 1 }
    }
    #expect(found > 5000)
  }
}
