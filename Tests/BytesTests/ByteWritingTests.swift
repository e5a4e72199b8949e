import IMSBytes
import Testing

@Suite struct ByteWritingTests {
  private static func decimal(_ value: UInt64, _ digits: Int) -> String {
    var bytes = Array("x".utf8)
    bytes.append(decimal: value, digits: digits)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, UInt64(Int64.max), .max])
  func aNumberHasItsDigits(_ value: UInt64) {
    #expect(Self.decimal(value, 1) == "x\(value)")
  }

  @Test func zerosStandBeforeAShorterOne() {
    #expect(Self.decimal(0, 4) == "x0000" && Self.decimal(70, 9) == "x000000070" && Self.decimal(1234, 2) == "x1234")
    #expect(Self.decimal(5, 20) == "x" + String(repeating: "0", count: 19) + "5")
    #expect(Self.decimal(.max, 30) == "x\(UInt64.max)")
  }

  @Test func aStringIsAppendedInUTF8() {
    var bytes: [UInt8] = []
    for part in ["", "short", "a string that has more octets than a small one", "µ – 日本"] { bytes.append(part) }
    #expect(String(decoding: bytes, as: UTF8.self) == "shorta string that has more octets than a small oneµ – 日本")
  }

  /// Each octet at each place, in texts with and without a whole run of sixteen.
  @Test(arguments: [1, 15, 16, 17, 40]) func anOctetIsPlainWhereverItStands(_ count: Int) {
    for octet in UInt8.min...UInt8.max {
      let isPlain = (0x20..<0x7f).contains(octet) && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
      for place in 0..<count {
        var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
        bytes[place] = octet
        #expect(Text(bytes).read { $0.isPlain } == isPlain, "\(octet) at \(place)")
      }
    }
    #expect(Text("").read { $0.isPlain })
  }

  @Test func anAddressOfFourOctets() {
    #expect(AddressText.ipv4(0) == "0.0.0.0" && AddressText.ipv4(.max) == "255.255.255.255")
    #expect(AddressText.ipv4(0x0a00_6401) == "10.0.100.1")
  }
}
