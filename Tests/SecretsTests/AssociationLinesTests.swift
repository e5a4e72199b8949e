import IMSBytes
import IMSSecrets
import Testing

@Suite struct AssociationLinesTests {
  static let cbc =
    #""IPv4","10.10.0.2","10.20.0.10","0x00001003","AES-CBC [RFC3602]","0x603f2e978cca8f648c97030488918b93","HMAC-SHA-1-96 [RFC2404]","0x1651dab6f17b6d772950562a0b06b54e00000000""#

  @Test func readsALineOfWireshark() throws {
    let association = try #require(try AssociationLines.read(Self.cbc).first)
    #expect(association.spi == 0x1003)
    #expect(association.spiMask == .max)
    #expect(association.source == AddressPattern(isIPv4: true, high: 0, low: 0x0a0a_0002))
    #expect(association.destination == AddressPattern(isIPv4: true, high: 0, low: 0x0a14_000a))
    #expect(association.suite.encryption == .aesCBC(key: try #require(Hex.decode("603f2e978cca8f648c97030488918b93"))))
    #expect(association.suite.isVerifiable)
  }

  @Test(arguments: [
    cbc,
    #""IPv6","2001:db8:0:0:0:0:0:1","*","0x0000****","NULL","","HMAC-MD5-96 [RFC2403]","0x00112233445566778899aabbccddeeff""#,
    #""IPv4","10.*.0.2","*","*","NULL","","ANY 96 bit authentication [no checking]","""#,
    #""IPv4","*","*","0x12345678","AES-GCM with 16 octet ICV [RFC4106]","0x00112233445566778899aabbccddeeff01020304","NULL","""#,
    #""IPv6","2001:db8:*:0:0:0:0:1","*","*","NULL","","HMAC-SHA-256-128 [RFC4868]","0x0011""#,
  ]) func writesWhatItReads(_ line: String) throws {
    let associations = try AssociationLines.read(line)
    #expect(associations.count == 1)
    #expect(AssociationLines.write(associations) == line + "\n")
  }

  @Test func toleratesRemarksOtherSpellingsAndTheNinthField() throws {
    let text = """
      # learned elsewhere

      "IPv4", "10.0.0.0/8" ,"10.20.0.10","4099","NULL","","HMAC-MD5-96 [RFC2403]","secret\\x21","32-bit"
      """
    let association = try #require(try AssociationLines.read(text + "\r\n").first)
    #expect(association.spi == 4099)
    #expect(association.suite.integrity == .hmac(.md5, key: Array("secret!".utf8), length: 12))
    let inside = AddressPattern(isIPv4: true, high: 0, low: 0x0aff_0001)
    let outside = AddressPattern(isIPv4: true, high: 0, low: 0x0bff_0001)
    let proxy = AddressPattern(isIPv4: true, high: 0, low: 0x0a14_000a)
    #expect(association.matches(4099, inside, proxy))
    #expect(!association.matches(4099, outside, proxy))
    #expect(!association.matches(4098, inside, proxy))
  }

  @Test(arguments: [
    (#""IPv5","*","*","*","NULL","","NULL","""#, 1, "expected IPv4 or IPv6"),
    (#""IPv4","10.0.0.300","*","*","NULL","","NULL","""#, 8, "'10.0.0.300' is no IPv4 address"),
    (#""IPv4","*","10.0.0.0/40","*","NULL","","NULL","""#, 12, "a prefix has 0 to 32 bits"),
    (#""IPv4","*","*","0xzz","NULL","","NULL","""#, 16, "'0xzz' is no SPI"),
    (
      #""IPv4","*","*","*","TripleDES-CBC [RFC2451]","0x00","NULL","""#, 20,
      "encryption 'TripleDES-CBC [RFC2451]' is not supported"
    ),
    (#""IPv4","*","*","*","AES-CBC [RFC3602]","0x00","NULL","""#, 40, "AES takes 16, 24 or 32 octets"),
    (#""IPv4","*","*","*","NULL","","FOO","""#, 30, "authentication 'FOO' is not supported"),
    (#""IPv4","*","*","*","NULL","","HMAC-MD5-96 [RFC2403]","0xqq""#, 54, "the key is not hexadecimal"),
    (#""IPv4","*","*""#, 15, "expected a comma and the SPI"),
    (#""IPv4",*,"*""#, 8, "expected the source address in quotes"),
    (#""IPv4","*"#, 8, "the quotes around the source address are not closed"),
    (#""IPv4","*","*","*","NULL","","NULL","","64-bit""#, 40, "extended sequence numbers are not supported"),
  ]) func saysWhereItCannotRead(_ line: String, _ column: Int, _ reason: String) {
    #expect(throws: AssociationLines.Failure(line: 2, column: column, reason: reason)) {
      try AssociationLines.read("# first\n" + line)
    }
  }

  @Test func survivesEveryTruncation() {
    for length in 1..<Self.cbc.count {
      #expect(throws: AssociationLines.Failure.self) { try AssociationLines.read(String(Self.cbc.prefix(length))) }
    }
  }

  @Test func remarksOnWhatWiresharkDoesNotKnow() {
    var association = SecurityAssociation(
      source: .any(isIPv4: true), destination: .any(isIPv4: true), spi: 255,
      suite: ESPSuite(encryption: .null, integrity: .aesGMAC(key: [1], salt: [2])))
    #expect(AssociationLines.write([association]) == "# SPI 0x000000ff: Wireshark cannot be told of aes-gmac\n")
    association.suite = ESPSuite(encryption: .unsupported("des-ede3-cbc"), integrity: .null)
    #expect(AssociationLines.write([association]).contains("des-ede3-cbc"))
  }
}
