import Foundation
import TestSupport
import Testing

/// Whatever happened to the file, the program ends with a documented exit code.
@Suite struct DamageTests {
  private static let documented: Set<Int32> = [0, 1, 2, 3]

  /// Numbers from a fixed seed: the same damage on every run.
  private struct Places {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
  }

  @Test func cutAtTwoHundredPlaces() throws {
    let whole = try Files.sample("cx-over-sctp.pcapng")
    var places = Places(state: 1)
    for _ in 0..<200 {
      let count = places.next(below: whole.count)
      let status = try Tool.withFile(Array(whole.prefix(count))) { try Tool.run("check", $0).status }
      #expect(Self.documented.contains(status), "cut at \(count)")
    }
  }

  @Test func flippedAtTwoHundredPlaces() throws {
    let whole = try Files.sample("sip-over-tcp.pcapng")
    var places = Places(state: 2)
    for _ in 0..<200 {
      var damaged = whole
      let place = places.next(below: whole.count)
      damaged[place] ^= UInt8(1 << places.next(below: 8))
      let status = try Tool.withFile(damaged) { try Tool.run("check", $0).status }
      #expect(Self.documented.contains(status), "byte \(place)")
    }
  }
}
