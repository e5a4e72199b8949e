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
  func akaVersion2(_ algorithm: String, _ hash: DigestHash, _ qop: String?, _ expected: String) throws {
    let keys = try #require(AKAKeys(confidentiality: ck, integrity: ik))
    let password = AKAv2.password(response: res, keys: keys, hash: hash)
    let request = request(Text(algorithm), qop: qop.map { Text($0) })
    #expect(request.response(to: .password(password)) == Text(expected))
    #expect(request.response(to: .aka(response: res, keys: keys)) == Text(expected))
    #expect(request.response(to: .aka(response: res, keys: nil)) == nil)
  }

  @Test(
    arguments: [
      ("AKAv2-MD5", "shzt3q8CWaZnCAWqs3WmEQ=="), ("AKAv2-SHA-256", "wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk="),
    ])
  func thePasswordOfVersion2(_ algorithm: String, _ expected: String) throws {
    let keys = try #require(AKAKeys(confidentiality: ck, integrity: ik))
    let hash = try #require(DigestAlgorithm(Text(algorithm))).hash
    #expect(AKAv2.password(response: res, keys: keys, hash: hash) == Array(expected.utf8))
  }

  /// The proof of the network has no method; with auth-int the body of the response is hashed.
  @Test func rspauthIsTheDigestOfAnEmptyMethod() {
    var proof = request("AKAv1-MD5", qop: "auth")
    proof.method = ""
    #expect(proof.response(to: .password(res)) == "0314c2708f29627f068d0917bdb11c7f")
    var plain = request("MD5", qop: "auth")
    plain.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c0"
    plain.method = ""
    #expect(plain.response(to: .password(Array("s3cr3t".utf8))) == "20638283c4f199a523401adb68182142")
    var whole = plain
    whole.qop = "auth-int"
    #expect(whole.response(to: .password(Array("s3cr3t".utf8))) != plain.response(to: .password(Array("s3cr3t".utf8))))
  }

  private static let mufasa = DigestRequest(
    method: "GET", username: "Mufasa", realm: "http-auth@example.org", uri: "/dir/index.html",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", qop: "auth", nonceCount: "00000001",
    clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")

  /// RFC 7616 §3.9.1.
  @Test(
    arguments: [
      ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
      ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ]) func theExamplesOfHTTP(_ algorithm: String, _ expected: String)
  {
    var request = Self.mufasa
    request.algorithm = Text(algorithm)
    #expect(request.response(to: .password(Array("Circle of Life".utf8))) == Text(expected))
  }

  /// RFC 2617 §3.5.
  @Test func theOldestExample() {
    let request = DigestRequest(
      method: "GET", username: "Mufasa", realm: "testrealm@host.com", uri: "/dir/index.html",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop: "auth", nonceCount: "00000001", clientNonce: "0a4f113b")
    #expect(request.response(to: .password(Array("Circle Of Life".utf8))) == "6629fae49393a05397450978507c4ef1")
  }

  /// FIPS 180-4: the digests of "abc" and of nothing.
  @Test func theHashOfSHA512Half() {
    #expect(
      DigestHash.sha512Half.hex(Array("abc".utf8))
        == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")
    #expect(
      DigestHash.sha512Half.hex([]) == "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")
  }

  /// Composed by hand from the hash: HA1 with and without session, auth-int with its body.
  @Test(
    arguments: [
      ("MD5", DigestHash.md5), ("SHA-256", .sha256), ("SHA-512-256", .sha512Half),
    ]) func sessionAndBodyAreHashedIn(_ algorithm: String, _ hash: DigestHash)
  {
    func h(_ text: String) -> String { hash.hex(Array(text.utf8)).string }
    var request = Self.mufasa
    request.algorithm = Text("\(algorithm)-sess")
    request.qop = "auth-int"
    request.body = "what stands here"
    let nonces = "\(request.nonce):\(request.clientNonce ?? "")"
    let ha1 = h("\(h("Mufasa:http-auth@example.org:secret")):\(nonces)")
    let ha2 = h("GET:/dir/index.html:\(h("what stands here"))")
    let middle = "\(request.nonce):00000001:\(request.clientNonce ?? ""):auth-int"
    let expected = Text(h("\(ha1):\(middle):\(ha2)"))
    #expect(request.response(to: .password(Array("secret".utf8))) == expected)
    #expect(request.response(to: .ha1(Text(h("Mufasa:http-auth@example.org:secret")))) == expected)
  }

  @Test func whatCannotBeComputedIsSaid() {
    for algorithm in ["SHA-1", "AKAv3-MD5", "", "token"] as [Text] {
      #expect(request(algorithm).response(to: .password(res)) == nil)
      #expect(DigestAlgorithm(algorithm) == nil)
    }
    #expect(DigestAlgorithm(nil) == DigestAlgorithm("md5"))
    // HA1 of MD5 does for no other hash.
    #expect(request("SHA-256").response(to: .ha1("28b8e601edf8965f1ed0054d4fc14a2a")) == nil)
  }

  @Test func theOtherVersionOfAKAIsNamed() throws {
    let keys = try #require(AKAKeys(confidentiality: ck, integrity: ik))
    let secret = DigestSecret.aka(response: res, keys: keys)
    #expect(
      DigestHypothesis.explaining("48f8e42850c542326d78277d14b7bfa4", request("AKAv2-MD5"), secret: secret)
        == .passwordOfAKAv1)
    #expect(
      DigestHypothesis.explaining("4db437856b4924357754be153b08ad34", request("AKAv1-MD5"), secret: secret)
        == .passwordOfAKAv2)
    #expect(
      DigestHypothesis.explaining("5706a9c6dccc02379bdc9a802bc98b7e", request("AKAv1-MD5"), secret: secret)
        == .responseAsHexText)
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
