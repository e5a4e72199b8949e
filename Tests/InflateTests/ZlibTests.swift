import IMSBytes
import IMSInflate
import TestSupport
import Testing

/// A payload that an agent of HEP packed.
@Suite struct ZlibTests {
  private static func unpack(_ bytes: [UInt8]) -> [UInt8]? { Zlib.unpack(bytes.span.bytes) }

  @Test(arguments: [0, 1, 800, 70_000, Zlib.largest]) func givesWhatWasPacked(count: Int) {
    let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
    #expect(Self.unpack(Packed.zlib(plain)) == plain)
  }

  @Test func refusesWhatUnpacksToTooMuch() {
    #expect(Self.unpack(Packed.zlib([UInt8](repeating: 0, count: Zlib.largest + 1))) == nil)
    #expect(Self.unpack(Packed.zlib([UInt8](repeating: 0, count: 50 << 20))) == nil)
  }

  @Test func refusesWhatIsDamagedOrCut() {
    let packed = Packed.zlib(Array("REGISTER sip:hims.net SIP/2.0\r\n".utf8))
    for length in 0..<packed.count { #expect(Self.unpack(Array(packed.prefix(length))) == nil) }
    var damaged = packed
    damaged[packed.count - 1] ^= 1
    #expect(Self.unpack(damaged) == nil)
    #expect(Self.unpack(Array("INVITE".utf8)) == nil)
  }
}
