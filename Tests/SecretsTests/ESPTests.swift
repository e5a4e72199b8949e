import IMSBytes
import IMSSecrets
import Testing

/// The worked examples of ESP on Gm: CK and IK of MILENAGE test set 1 (TS 35.208), one REGISTER line in UDP.
@Suite struct ESPTests {
  static let keys = AKAKeys(
    confidentiality: Hex.decode("b40ba9a3c58b2a05bbf0d987b21bf8cb") ?? [],
    integrity: Hex.decode("f769bcd751044604127672711c6d3441") ?? [])!

  /// The UDP datagram inside.
  static let inner = Hex.decode("9c4117d400270000") ?? []
  static let datagram = inner + Array("REGISTER sip:hims.net SIP/2.0\r\n".utf8)

  static let nullPacket =
    "000003e9000000019c4117d4002700005245474953544552207369703a68696d732e6e6574205349502f322e300d0a0102030311"
  static let vector = "000003e900000001 0001020304050607"
  static let gmacBody = "9c4117d4002700005245474953544552207369703a68696d732e6e6574205349502f322e300d0a0102030311"

  static let packets: [(alg: Text?, ealg: Text?, packet: String)] = [
    ("hmac-sha-1-96", nil, nullPacket + "b182edfc390ea22a4989fd63"),
    ("hmac-md5-96", "null", nullPacket + "6c62635898ababd12ff4108f"),
    (
      "HMAC-SHA-1-96", "aes-cbc",
      """
      000003e9 00000001 000102030405060708090a0b0c0d0e0f
      33dc1072adc0a9b96e519d7c706e6c6c41a9d146a017bc8e8d769225e2a87b372788c425662a1cfcf3a456c48fe4ef04
      ff2939f3feec80b5a428360a
      """
    ),
    (
      "null", "aes-gcm",
      """
      000003e9 00000001 0001020304050607
      5fee66c108cda08062cd2abb1459941b25cd52f37e36792013dab62449a04d4643f3a31d24b41585
      2356ed7d97c43e190ca598b5f6c022dbd2e833e6
      """
    ),
    ("aes-gmac", "null", vector + gmacBody + "47d66e0f771f7c23b9481543680ea702"),
    ("aes-gmac", nil, vector + gmacBody + "0b04b94504919e348f47246178d448c9"),
  ]

  private func payload(_ opened: ESPOpened, of packet: [UInt8]) -> [UInt8]? {
    switch opened {
    case .clear(let range, 17): Array(packet[range])
    case .decrypted(let bytes, 17): bytes
    default: nil
    }
  }

  @Test(arguments: packets.indices) func opensTheWorkedExamples(index: Int) throws {
    let (alg, ealg, text) = Self.packets[index]
    let packet = try #require(Hex.decode(text))
    let suite = Self.keys.suite(alg: alg, ealg: ealg)
    #expect(suite.unsupported == nil)
    #expect(suite.isVerifiable)
    #expect(payload(suite.open(packet.span.bytes), of: packet) == Self.datagram)
  }

  /// Every bit is covered by the check value, or is the check value.
  @Test(arguments: packets.indices) func refusesEveryByteChanged(index: Int) throws {
    let (alg, ealg, text) = Self.packets[index]
    let packet = try #require(Hex.decode(text))
    let suite = Self.keys.suite(alg: alg, ealg: ealg)
    for place in packet.indices {
      var changed = packet
      changed[place] ^= 0x10
      #expect(suite.open(changed.span.bytes) == .wrongCheck)
    }
  }

  @Test(arguments: packets.indices) func survivesEveryTruncation(index: Int) throws {
    let (alg, ealg, text) = Self.packets[index]
    let packet = try #require(Hex.decode(text))
    let suite = Self.keys.suite(alg: alg, ealg: ealg)
    for length in packet.indices {
      let opened = suite.open(packet.span.bytes.extracting(0..<length))
      #expect([.malformed, .wrongCheck].contains(opened))
    }
  }

  @Test func namesWhatItDoesNotSupport() {
    #expect(Self.keys.suite(alg: "hmac-sha-1-96", ealg: "des-ede3-cbc").unsupported == "des-ede3-cbc")
    #expect(Self.keys.suite(alg: "aes-cmac", ealg: nil).unsupported == "aes-cmac")
    #expect(AKAKeys(confidentiality: [1], integrity: Self.keys.integrity) == nil)
  }

  @Test func derivesTheKeysOfAnnexI() {
    #expect(
      Self.keys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc")
        == ESPSuite(
          encryption: .aesCBC(key: Hex.decode("b40ba9a3c58b2a05bbf0d987b21bf8cb")!),
          integrity: .hmac(.sha1, key: Hex.decode("f769bcd751044604127672711c6d344100000000")!, length: 12)))
    #expect(
      Self.keys.suite(alg: "null", ealg: "aes-gcm").encryption
        == .aesGCM(
          key: Hex.decode("b40ba9a3c58b2a05bbf0d987b21bf8cb")!, salt: Hex.decode("89273db6")!, checkLength: 16))
    #expect(
      Self.keys.suite(alg: "aes-gmac", ealg: nil).integrity
        == .aesGMAC(key: Hex.decode("f769bcd751044604127672711c6d3441")!, salt: Hex.decode("dbc2b1c2")!))
  }

  private static func association(_ spi: UInt32, _ last: UInt64, key: UInt8) -> SecurityAssociation {
    SecurityAssociation(
      source: AddressPattern(isIPv4: true, high: 0, low: 1),
      destination: AddressPattern(isIPv4: true, high: 0, low: last),
      spi: spi, suite: ESPSuite(encryption: .null, integrity: .hmac(.md5, key: [key], length: 12)))
  }

  @Test func ringKeepsGenerationsAndAddressesApart() {
    let source = AddressPattern(isIPv4: true, high: 0, low: 1)
    let destination = AddressPattern(isIPv4: true, high: 0, low: 2)
    var ring = KeyRing()
    var added: [Bool] = []
    #expect(ring.candidates(spi: 7, source: source, destination: destination).isEmpty)
    added.append(ring.add(Self.association(7, 2, key: 1)))
    added.append(ring.add(Self.association(7, 2, key: 2)))
    added.append(ring.add(Self.association(7, 2, key: 1)))
    added.append(ring.add(Self.association(7, 3, key: 3)))
    var wildcard = Self.association(0, 0, key: 4)
    wildcard.spiMask = 0
    wildcard.destination = .any(isIPv4: true)
    added.append(ring.add(wildcard))
    #expect(added == [true, true, false, true, true])
    let found = ring.candidates(spi: 7, source: source, destination: destination)
    #expect(found == [Self.association(7, 2, key: 2), Self.association(7, 2, key: 1), wildcard])
    #expect(ring.candidates(spi: 8, source: source, destination: destination) == [wildcard])
    let other = AddressPattern(isIPv4: false, high: 0, low: 2)
    #expect(ring.candidates(spi: 7, source: source, destination: other).isEmpty)
  }

  /// Associations of one agreement share a suite, which goes with the last of them; its place is taken by another one.
  @Test func ringForgetsTheOldestAndKeepsTheOthersRight() {
    let source = AddressPattern(isIPv4: true, high: 0, low: 1)
    var ring = KeyRing(capacity: 4)
    for number in 0..<20 { ring.add(Self.association(7, UInt64(number), key: UInt8(number / 2))) }
    #expect(ring.forgotten == 16)
    for number in 0..<20 {
      let destination = AddressPattern(isIPv4: true, high: 0, low: UInt64(number))
      let found = ring.candidates(spi: 7, source: source, destination: destination)
      #expect(found == (number < 16 ? [] : [Self.association(7, UInt64(number), key: UInt8(number / 2))]))
    }
  }
}
