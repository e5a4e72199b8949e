import Testing

@testable import IMSBytes

/// Long texts are read in two chains, what is left of them in one: each octet counts in its place.
@Suite struct FingerprintTests {
  private static func text(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 / 7) }
  }

  private static func fingerprint(_ bytes: [UInt8]) -> Fingerprint { Fingerprint(of: bytes.span.bytes) }

  @Test func everyLengthAndEveryOctetCounts() {
    var known = Set<Fingerprint>()
    for count in 0...300 { #expect(known.insert(Self.fingerprint(Self.text(count))).inserted, "\(count)") }
    for count in [16, 33, 128, 129, 160, 161, 192, 193, 300] {
      for place in 0..<count {
        var bytes = Self.text(count)
        bytes[place] ^= 1
        #expect(known.insert(Self.fingerprint(bytes)).inserted, "octet \(place) of \(count)")
      }
    }
  }

  @Test(arguments: [144, 200, 256, 300]) func theOrderOfBlocksCounts(count: Int) {
    let bytes = Self.text(count)
    var known: Set = [Self.fingerprint(bytes)]
    for first in 0..<count / 16 {
      for second in first + 1..<count / 16 {
        var swapped = bytes
        for place in 0..<16 { swapped.swapAt(first * 16 + place, second * 16 + place) }
        #expect(known.insert(Self.fingerprint(swapped)).inserted, "blocks \(first) and \(second)")
      }
    }
  }
}
