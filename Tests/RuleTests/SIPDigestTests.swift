import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSSecrets
import TestSupport
import Testing

/// SIP Digest in every algorithm, from the bytes of a capture to the verdict: HA1 of the MAA, qop auth and auth-int, the proof
/// of the network.
@Suite struct SIPDigestTests {
  struct Case: Sendable {
    var algorithm: String
    var hash: DigestHash
    var qop: String
  }

  static let cases: [Case] = [
    ("MD5", DigestHash.md5), ("MD5-sess", .md5), ("SHA-256", .sha256), ("SHA-256-sess", .sha256),
    ("SHA-512-256", .sha512Half), ("SHA-512-256-sess", .sha512Half),
  ].flatMap { algorithm, hash in ["auth", "auth-int"].map { Case(algorithm: algorithm, hash: hash, qop: $0) } }

  private static let line = "what stands in the body"
  private static let body = line + "\r\n"

  /// By hand, as RFC 7616 §3.4 has it.
  private static func response(_ sample: Case, _ method: String, _ body: String) -> String {
    func h(_ text: String) -> String { sample.hash.hex(Array(text.utf8)).string }
    var ha1 = ha1(sample)
    if sample.algorithm.hasSuffix("-sess") { ha1 = h("\(ha1):abc:xyz") }
    let ha2 = h("\(method):sip:hims.net" + (sample.qop == "auth" ? "" : ":\(h(body))"))
    return h("\(ha1):abc:00000001:xyz:\(sample.qop):\(ha2)")
  }

  private static func ha1(_ sample: Case) -> String {
    sample.hash.hex(Array("name.private@hims.net:hims.net:s3cr3t".utf8)).string
  }

  /// SIP-Auth-Data-Item: SIP-Authentication-Scheme, SIP-Digest-Authenticate with Digest-Realm, Digest-QoP and Digest-HA1.
  private static func item(_ ha1: String) -> String {
    func avp(_ code: UInt16, _ data: [UInt8], isOfVendor: Bool) -> [UInt8] {
      let length = (isOfVendor ? 12 : 8) + data.count
      let padding = [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
      return [
        0, 0, UInt8(code >> 8), UInt8(code & 255), isOfVendor ? 0xc0 : 0x40, 0, UInt8(length >> 8), UInt8(length & 255),
      ]
        + (isOfVendor ? [0, 0, 0x28, 0xaf] : []) + data + padding
    }
    let group =
      avp(104, Array("hims.net".utf8), isOfVendor: false) + avp(110, Array("auth".utf8), isOfVendor: false)
      + avp(121, Array(ha1.utf8), isOfVendor: false)
    return "0x"
      + Hex.encode(avp(608, Array("SIP Digest".utf8), isOfVendor: true) + avp(635, group, isOfVendor: true))
  }

  private static func report(
    _ sample: Case, ha1: String? = nil, response: String? = nil, rspauth: String? = nil
  ) throws -> FlowReport {
    let due = response ?? Self.response(sample, "REGISTER", body)
    let proof = rspauth ?? Self.response(sample, "", "")
    let challenge = "Digest realm=\"hims.net\", nonce=\"abc\", algorithm=\(sample.algorithm), qop=\"auth,auth-int\""
    let credentials =
      "Digest username=\"name.private@hims.net\", realm=\"hims.net\", nonce=\"abc\", uri=\"sip:hims.net\", "
      + "algorithm=\(sample.algorithm), qop=\(sample.qop), nc=00000001, cnonce=\"xyz\", response=\"\(due)\""
    let trace = try TraceText(
      """
      UE -> P: REGISTER sip:hims.net
        -Security-Client
      P -> I: REGISTER sip:hims.net
      I -> S: REGISTER sip:hims.net
      S -> HSS: MAR
        SIP-Authentication-Scheme: SIP Digest
      HSS -> S: MAA
        SIP-Auth-Data-Item: \(item(ha1 ?? Self.ha1(sample)))
      S -> I: 401 Unauthorized
        WWW-Authenticate: \(challenge)
      I -> P: 401 Unauthorized
        WWW-Authenticate: \(challenge)
      P -> UE: 401 Unauthorized
        -Security-Server
        WWW-Authenticate: \(challenge)
      UE -> P: REGISTER sip:hims.net
        -Security-Client
        Authorization: \(credentials)
        | \(line)
      P -> I: REGISTER sip:hims.net
        Authorization: \(credentials)
        | \(line)
      I -> S: REGISTER sip:hims.net
        Authorization: \(credentials)
        | \(line)
      S -> I: 200 OK
        Authentication-Info: qop=\(sample.qop), cnonce="xyz", nc=00000001, rspauth="\(proof)"
      I -> P: 200 OK
      P -> UE: 200 OK
      """)
    let reports = Trace.reports(trace.bytes, profile: .strict)
    #expect(reports.count == 1)
    return try #require(reports.first)
  }

  @Test(arguments: cases) func theRightResponsePasses(_ sample: Case) throws {
    let report = try Self.report(sample)
    #expect(report.flow.mechanism == .digest)
    #expect(Set(report.passed).isSuperset(of: ["AUT003", "AUT009", "AUT014"]), "\(report.findings.map(\.message))")
  }

  @Test(arguments: cases) func aWrongOneIsFound(_ sample: Case) throws {
    let zeros = String(repeating: "0", count: sample.hash == .md5 ? 32 : 64)
    let answered = try Self.report(sample, response: zeros)
    #expect(answered.findings.contains { $0.rule == "AUT009" && $0.severity == .error })
    #expect(!answered.findings.contains { $0.rule == "AUT014" })
    let granted = try Self.report(sample, rspauth: zeros)
    #expect(granted.findings.contains { $0.rule == "AUT014" && $0.message == "the proof of the network is wrong" })
    #expect(!granted.findings.contains { $0.rule == "AUT009" })
  }

  /// HA1 of MD5 says nothing of a response by SHA-256, nor does any of an algorithm that nobody knows.
  @Test func whatCannotBeComputedIsNotJudged() throws {
    let md5 = Self.ha1(Case(algorithm: "MD5", hash: .md5, qop: "auth"))
    for sample in [
      Case(algorithm: "SHA-256", hash: .sha256, qop: "auth"), Case(algorithm: "SHA-1", hash: .sha256, qop: "auth"),
    ] {
      let report = try Self.report(sample, ha1: md5)
      #expect(report.notObservable.contains { $0.rule == "AUT009" })
      #expect(!report.findings.contains { ["AUT009", "AUT014"].contains($0.rule) })
    }
  }
}
