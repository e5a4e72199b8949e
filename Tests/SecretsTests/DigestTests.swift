import IMSBytes
import IMSSecrets
import Testing

/// The worked example: MILENAGE test set 1 of TS 35.208, digests cross-checked with another implementation.
@Suite struct DigestTests {
  private let res = Hex.decode("a54211d5e3ba50bf") ?? []
  private let ck = Hex.decode("b40ba9a3c58b2a05bbf0d987b21bf8cb") ?? []
  private let ik = Hex.decode("f769bcd751044604127672711c6d3441") ?? []

  private func request(_ algorithm: Text, qop: Text? = nil) -> DigestRequest {
    DigestRequest(
      method: "REGISTER", username: "name.private@hims.net", realm: "hims.net", uri: "sip:hims.net",
      nonce: "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", algorithm: algorithm, qop: qop,
      nonceCount: qop.map { _ in "00000001" }, clientNonce: qop.map { _ in "0a4f113b" })
  }

  @Test(
    arguments: [
      (nil, "48f8e42850c542326d78277d14b7bfa4"), ("auth", "418d1039b6be114ea40bc36db13f0781"),
      ("auth-int", "14dc8dc40f6bb6aed26c13532bcd2bc7"),
    ] as [(String?, String)])
  func akaWithMD5(_ qop: String?, _ expected: String) {
    #expect(request("AKAv1-MD5", qop: qop.map { Text($0) }).response(to: .password(res)) == Text(expected))
  }

  @Test(
    arguments: [
      ("AKAv2-MD5", DigestHash.md5, nil, "4db437856b4924357754be153b08ad34"),
      ("AKAv2-MD5", .md5, "auth", "3dade6cb023dffd6062a24a462008931"),
      ("AKAv2-SHA-256", .sha256, nil, "b8686ed200f57cf3cedb99cce7a4a6306c69ec2af1806983786bb3e33e536950"),
      ("AKAv2-SHA-256", .sha256, "auth", "951ffe2fa3fe060fe3a6b7d25d26fd00d70b63d513e2ab0729541345bfed3873"),
    ] as [(String, DigestHash, String?, String)])
  func akaVersion2(_ algorithm: String, _ hash: DigestHash, _ qop: String?, _ expected: String) {
    let password = AKAv2.password(response: res, integrityKey: ik, confidentialityKey: ck, hash: hash)
    #expect(request(Text(algorithm), qop: qop.map { Text($0) }).response(to: password) == Text(expected))
  }

  @Test func sipDigestWithThePasswordAndWithItsHA1() {
    var plain = request("MD5", qop: "auth")
    plain.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c0"
    #expect(plain.response(to: .password(Array("s3cr3t".utf8))) == "05565225f26335747c0bcff808e69c30")
    #expect(plain.response(to: .ha1("28b8e601edf8965f1ed0054d4fc14a2a")) == "05565225f26335747c0bcff808e69c30")
  }

  @Test func wrongResponsesNameTheirHypothesis() {
    let request = request("AKAv1-MD5")
    let cases: [(Text, DigestHypothesis?)] = [
      ("5706a9c6dccc02379bdc9a802bc98b7e", .responseAsHexText), ("5b7652f7729b30b4d82d99e14d46cf77", .emptyPassword),
      ("00000000000000000000000000000000", nil),
    ]
    for (response, hypothesis) in cases {
      #expect(DigestHypothesis.explaining(response, request, secret: .password(res)) == hypothesis)
    }
    let withQop = self.request("AKAv1-MD5", qop: "auth")
    #expect(
      DigestHypothesis.explaining("48f8e42850c542326d78277d14b7bfa4", withQop, secret: .password(res)) == .qopIgnored)
  }

  @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"]) func base64IsItsOwnInverse(_ text: String) {
    #expect(Base64.decode(Text(Base64.encode(Array(text.utf8)))) == Array(text.utf8))
  }

  @Test func base64OfTheRFC() {
    #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
    #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
    #expect(Base64.decode("Zm9v*mFy") == nil)
    #expect(Base64.decode("Z") == nil)
  }
}
