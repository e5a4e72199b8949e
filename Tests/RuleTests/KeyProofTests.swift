import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSSecrets
import IMSWire
import TestSupport
import Testing

/// What the subscriber's key proves: the vectors of the forge are of MILENAGE test set 1, so its K and OP are known.
@Suite struct KeyProofTests {
  static let k = "465b5ce8b199b49faa5f0a2ee238a6bc"
  static let op = "cdc202d5123e20f62b6d676ac72cb318"
  static let opc = "cd63cb71954a9f4e48a5994e37a02baf"
  static let otherK = "fec86ba6eb707ed08905757b1bb44b8f"
  private static let user = "name.private"

  private static func keys(ki: String = k, op: String? = nil, opc: String? = nil) throws -> SubscriberKeys {
    var keys = SubscriberKeys()
    try keys.read("\(user) \(ki)", as: .ki)
    if let op { try keys.read("* \(op)", as: .op) }
    if let opc { try keys.read("* \(opc)", as: .opc) }
    #expect(keys.flaw == nil)
    return keys
  }

  private static func reports(_ bytes: [UInt8], _ keys: SubscriberKeys) -> [FlowReport] {
    var options = Options()
    options.profile = .strict
    options.subscriberKeys = keys
    var reports: [FlowReport] = []
    _ = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return reports
  }

  private static func report(_ trace: String, _ keys: SubscriberKeys) throws -> FlowReport {
    let reports = reports(try TraceText(trace).bytes, keys)
    #expect(reports.count == 1)
    return try #require(reports.first)
  }

  private static let whole = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> S: REGISTER sip:hims.net
    S -> HSS: MAR
    HSS -> S: MAA
    S -> I: 401 Unauthorized
    I -> P: 401 Unauthorized
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> S: REGISTER sip:hims.net
    S -> I: 200 OK
    I -> P: 200 OK
    P -> UE: 200 OK
    """

  private static let gm = """
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    """

  /// Overrides in the last REGISTER.
  private static func gm(challenge: [String] = [], answer: [String] = [], end: String = "200 OK") -> String {
    let lines =
      ["UE -> P: REGISTER sip:hims.net", "P -> UE: 401 Unauthorized"] + challenge.map { "  \($0)" }
      + ["UE -> P: REGISTER sip:hims.net"] + answer.map { "  \($0)" } + ["P -> UE: \(end)"]
    return lines.joined(separator: "\n")
  }

  // MARK: right

  @Test func everythingFollowsFromTheRightKey() throws {
    for keys in try [Self.keys(op: Self.op), Self.keys(opc: Self.opc)] {
      let proof = try #require(try Self.report(Self.whole, keys).proof)
      #expect(proof.verdict == .right)
      #expect(
        proof.text.hasPrefix("MAC-A of the challenge, XRES of the MAA, CK and IK and the response of the UE follow"))
      #expect(proof.challenges.count == 1)
      let challenge = try #require(proof.challenges.first)
      #expect(challenge.mac)
      #expect((challenge.xres, challenge.keys, challenge.response) == (true, true, true))
      #expect(challenge.sqn == 0xff9b_b4d0_b607)
      #expect(challenge.amfText == "b9b9")
    }
  }

  @Test func withoutAKeyNothingIsSaid() throws {
    let none = try Self.report(Self.whole, SubscriberKeys())
    #expect(none.proof == nil)
    var other = SubscriberKeys()
    try other.read("somebody \(Self.k)", as: .ki)
    try other.read("* \(Self.op)", as: .op)
    let others = try Self.report(Self.whole, other)
    #expect(others.proof == nil)
  }

  /// Nothing but Gm was captured: the key takes the place of the MAA.
  @Test func theKeyProvesTheDigestOnGmAlone() throws {
    let digest = ["AUT009", "AUT010", "AUT011", "AUT014"]
    let blind = try Self.report(Self.gm, SubscriberKeys())
    #expect(Set(digest).subtracting(["AUT010", "AUT011"]).isSubset(of: blind.notObservable.map(\.rule)))
    let keys = try Self.keys(op: Self.op)
    let proven = try Self.report(Self.gm, keys)
    #expect(Set(proven.passed).isSuperset(of: ["AUT009", "AUT014"]))
    #expect(proven.proof?.verdict == .right)

    let accepted = try Self.report(
      Self.gm(answer: ["Authorization.response: \"00000000000000000000000000000000\""]), keys)
    let finding = try #require(accepted.findings.first { $0.rule == "AUT009" })
    #expect(finding.severity == .error)
    #expect(finding.expected == "the response that follows from the key of the subscriber")

    let refused = try Self.report(Self.gm(end: "403 Forbidden"), keys)
    #expect(refused.findings.map(\.rule).contains("AUT010"))
  }

  /// RFC 7616 §3.5 with RES as password, on Gm alone.
  @Test(arguments: [("0314c2708f29627f068d0917bdb11c7f", true), ("0314c2708f29627f068d0917bdb11c70", false)])
  func theProofOfTheNetworkIsVerified(_ rspauth: String, _ isRight: Bool) throws {
    let trace =
      Self.gm(
        challenge: ["WWW-Authenticate.qop: \"auth\""],
        answer: [
          "Authorization.qop: auth", "Authorization.nc: 00000001", "Authorization.cnonce: \"0a4f113b\"",
          "Authorization.response: \"418d1039b6be114ea40bc36db13f0781\"",
        ])
      + "\n  Authentication-Info: qop=auth, nc=00000001, cnonce=\"0a4f113b\", rspauth=\"\(rspauth)\""
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    #expect(report.passed.contains("AUT009"))
    #expect(report.passed.contains("AUT014") == isRight)
    #expect(
      report.findings.contains { $0.rule == "AUT014" && $0.message == "the proof of the network is wrong" } != isRight)
  }

  // MARK: AKAv2

  @Test(
    arguments: [
      ("AKAv2-MD5", "4db437856b4924357754be153b08ad34", nil),
      ("AKAv2-SHA-256", "b8686ed200f57cf3cedb99cce7a4a6306c69ec2af1806983786bb3e33e536950", nil),
      ("AKAv2-MD5", "48f8e42850c542326d78277d14b7bfa4", "the password was RES, as in AKAv1"),
    ] as [(String, String, String?)]) func version2IsRecomputed(
      _ algorithm: String, _ response: String, _ mistake: String?
    )
    throws
  {
    let answer = ["Authorization.algorithm: \(algorithm)", "Authorization.response: \"\(response)\""]
    let gm = Self.gm(challenge: ["WWW-Authenticate.algorithm: \(algorithm)"], answer: answer)
    let cx = Self.whole.replacing(
      "401 Unauthorized", with: "401 Unauthorized\n  WWW-Authenticate.algorithm: \(algorithm)"
    )
    .replacing(
      "P -> UE: 401 Unauthorized\n  WWW-Authenticate.algorithm: \(algorithm)\nUE -> P: REGISTER sip:hims.net",
      with: "P -> UE: 401 Unauthorized\n  WWW-Authenticate.algorithm: \(algorithm)\nUE -> P: REGISTER sip:hims.net\n  "
        + answer.joined(separator: "\n  "))
    for (trace, keys) in [(gm, try Self.keys(op: Self.op)), (cx, SubscriberKeys())] {
      let report = try Self.report(trace, keys)
      let finding = report.findings.first { $0.rule == "AUT009" }
      #expect(report.passed.contains("AUT009") == (mistake == nil))
      #expect(finding?.message == mistake.map { "accepted although the response is wrong: \($0)" })
    }
  }

  // MARK: keys on Mw

  @Test func theKeysOfTheChallengeAreComparedWithThoseOfK() throws {
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> P: 401 Unauthorized
        WWW-Authenticate.ik: "00000000000000000000000000000002"
      P -> UE: 401 Unauthorized
      """
    #expect(!(try Self.report(trace, SubscriberKeys())).findings.contains { $0.rule == "AUT006" })
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    let finding = try #require(report.findings.first { $0.rule == "AUT006" })
    #expect(finding.message == "ik of the challenge does not follow from the key of the subscriber")
    #expect(report.proof?.verdict == .wrongVector)
  }

  // MARK: told apart

  @Test func anotherKeyThanThatOfTheHSS() throws {
    let keys = try Self.keys(ki: Self.otherK, op: Self.op)
    let proof = try #require(try Self.report(Self.whole, keys).proof)
    #expect(proof.verdict == .wrongKey)
    #expect(proof.text == "wrong key: UE and HSS agree with each other, not with the K and OP that were given")
    let gm = try Self.report(Self.gm, keys)
    #expect(gm.proof?.verdict == .wrongKey)
    // What does not follow from the key is no reason to call a response wrong.
    #expect(gm.notObservable.map(\.rule).contains("AUT009"))
    #expect(!gm.findings.map(\.rule).contains("AUT009"))
  }

  @Test func oneOfBothIsTakenForTheOther() throws {
    let asOPc = try #require(try Self.report(Self.whole, try Self.keys(opc: Self.op)).proof)
    #expect(asOPc.verdict == .wrongOP)
    #expect(asOPc.text == "wrong OP: MAC-A follows when the OPc that was given is taken for OP")
    let asOP = try #require(try Self.report(Self.gm, try Self.keys(op: Self.opc)).proof)
    #expect(asOP.verdict == .wrongOP)
    #expect(asOP.text == "wrong OP: MAC-A follows when the OP that was given is taken for OPc")
  }

  @Test func linesThatWereMixedUpAreFound() throws {
    var keys = SubscriberKeys()
    try keys.read("\(Self.user) \(Self.otherK)\nneighbour \(Self.k)", as: .ki)
    try keys.read("* \(Self.op)", as: .op)
    let proof = try #require(try Self.report(Self.whole, keys).proof)
    #expect(proof.verdict == .wrongKey)
    #expect(proof.text == "wrong key: MAC-A follows from the key of neighbour")
    var operators = SubscriberKeys()
    try operators.read("\(Self.user) \(Self.k)\nneighbour \(Self.otherK)", as: .ki)
    try operators.read("\(Self.user) \(Self.opc)\nneighbour \(Self.op)", as: .op)
    let swapped = try #require(try Self.report(Self.whole, operators).proof)
    #expect(swapped.verdict == .wrongOP)
  }

  /// The separation bit was changed behind the back of MAC-A: with and without XRES as a witness.
  @Test func anotherAMF() throws {
    var octets = try #require(Base64.decode("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="))
    octets[22] = 0x39
    let trace = Self.gm(challenge: ["WWW-Authenticate.nonce: \"\(Base64.encode(octets))\""], end: "403 Forbidden")
    let proof = try #require(try Self.report(trace, try Self.keys(op: Self.op)).proof)
    #expect(proof.verdict == .wrongAMF)
    #expect(proof.text == "wrong AMF: MAC-A was made with AMF b9b9, AUTN says 39b9")

    octets[22] = 0xb9
    octets[23] = 0x17
    let item = Self.item(octets, xres: "a54211d5e3ba50bf")
    let cx = Self.whole.replacing("HSS -> S: MAA", with: "HSS -> S: MAA\n  SIP-Auth-Data-Item: \(item)")
      .replacing("401 Unauthorized", with: "401 Unauthorized\n  WWW-Authenticate.nonce: \"\(Base64.encode(octets))\"")
    let report = try Self.report(cx, try Self.keys(op: Self.op))
    #expect(report.proof?.verdict == .wrongAMF)
    let finding = try #require(report.findings.first { $0.rule == "AUT005" })
    #expect(finding.message.hasSuffix("wrong AMF: MAC-A was made with AMF b9b9, AUTN says b917"))
  }

  @Test func anotherKeyInTheUE() throws {
    let milenage = try #require(Milenage(key: Hex.decode(Self.otherK) ?? [], op: Hex.decode(Self.op) ?? []))
    let answer = try #require(milenage.answer(to: Hex.decode("23553cbe9637a89d218ae64dae47bf35") ?? []))
    let request = DigestRequest(
      method: "REGISTER", username: "name.private@hims.net", realm: "hims.net", uri: "sip:hims.net",
      nonce: "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", algorithm: "AKAv1-MD5")
    let response = try #require(request.response(to: .aka(response: answer.response, keys: nil)))
    let trace = Self.gm(answer: ["Authorization.response: \"\(response)\""], end: "403 Forbidden")
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    #expect(report.proof?.verdict == .wrongKey)
    let sentence = "wrong key or OP in the UE: MAC-A follows from K and OP, its response does not"
    #expect(report.proof?.text == sentence)
    #expect(report.findings.first { $0.rule == "AUT011" }?.message.hasSuffix(sentence) == true)
    // The UE uses OP as OPc.
    let raw = try #require(Milenage(key: Hex.decode(Self.k) ?? [], opc: Hex.decode(Self.op) ?? []))
    let mistaken = try #require(raw.answer(to: Hex.decode("23553cbe9637a89d218ae64dae47bf35") ?? []))
    let other = try #require(request.response(to: .aka(response: mistaken.response, keys: nil)))
    let swapped = try Self.report(
      Self.gm(answer: ["Authorization.response: \"\(other)\""], end: "403 Forbidden"), try Self.keys(op: Self.op))
    #expect(swapped.proof?.verdict == .wrongOP)
    #expect(
      swapped.proof?.text.contains("the response of the UE follows when the OP that was given is taken for OPc") == true
    )
  }

  @Test func theUEFindsTheNetworkFalse() throws {
    let trace = Self.gm(answer: ["Authorization.response: \"\""], end: "403 Forbidden")
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    #expect(report.proof?.verdict == .wrongKey)
    #expect(report.findings.first { $0.rule == "AUT016" }?.expected.contains("wrong key or OP in the UE") == true)
  }

  @Test func aKeyUsedInAnotherWayIsNoWrongKey() throws {
    let trace = Self.gm(
      answer: ["Authorization.response: \"5706a9c6dccc02379bdc9a802bc98b7e\""], end: "403 Forbidden")
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    #expect(report.proof?.verdict == .wrongResponse)
    #expect(report.proof?.text.hasSuffix("RES was used as hexadecimal text") == true)
  }

  // MARK: resynchronisation

  private static func resynchronised(_ auts: String) -> String {
    """
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
      Authorization.auts: "\(auts)"
    P -> I: REGISTER sip:hims.net
    I -> S: REGISTER sip:hims.net
    S -> HSS: MAR
    HSS -> S: MAA
    S -> I: 401 Unauthorized
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    """
  }

  /// AUTS of a SIM whose number is so far ahead of the first challenge.
  private static func auts(ahead: Int64) throws -> String {
    let milenage = try #require(Milenage(key: Hex.decode(k) ?? [], op: Hex.decode(op) ?? []))
    let rand = Hex.decode("23553cbe9637a89d218ae64dae47bf35") ?? []
    let sqn = UInt64(Int64(0xff9b_b4d0_b607) + ahead)
    let mask = try #require(milenage.resynchronisationMask(rand))
    let code = try #require(milenage.codes(rand, sqn: sqn, amf: 0)).resynchronisation
    let concealed = (0..<6).map { UInt8(truncatingIfNeeded: (sqn ^ mask) >> UInt64(40 - 8 * $0)) }
    return Base64.encode(concealed + code)
  }

  /// The next vector of the forge is 32 ahead of the first.
  @Test func theSequenceNumberIsOutOfRange() throws {
    let report = try Self.report(Self.resynchronised(try Self.auts(ahead: 16)), try Self.keys(op: Self.op))
    let proof = try #require(report.proof)
    #expect(proof.verdict == .sqnOutOfRange)
    #expect(proof.text == "SQN out of range: that of the challenge is 16 behind that of the SIM")
    #expect(proof.resynchronisations.map(\.mac) == [true])
    #expect(proof.resynchronisations.map(\.ahead) == [16])
    #expect(proof.challenges.map(\.step) == [nil, 32])
    #expect(report.passed.contains("AUT016"))
    let early = try Self.report(Self.resynchronised(try Self.auts(ahead: -(1 << 30))), try Self.keys(op: Self.op))
    #expect(early.proof?.text.contains("\(1 << 30) ahead of that of the SIM") == true)
  }

  @Test func aChallengeThatStaysBehindIsFound() throws {
    let trace = Self.resynchronised("uoU/PBKc38GEyuSusq8=")
    let blind = try Self.report(trace, SubscriberKeys())
    #expect(blind.passed.contains("AUT016"))
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    let finding = try #require(report.findings.first { $0.rule == "AUT016" })
    #expect(finding.observed == "SQN 128 behind SQN_MS")
    #expect(finding.severity == .error)
  }

  @Test func aWrongCodeInAUTSIsFound() throws {
    let trace = Self.resynchronised("uoU/PBKc38GEyuSusrA=")
    let report = try Self.report(trace, try Self.keys(op: Self.op))
    #expect(report.findings.contains { $0.rule == "AUT016" && $0.message.hasPrefix("MAC-S of auts does not follow") })
    #expect(report.proof?.verdict == .wrongKey)
    #expect(report.proof?.resynchronisations.map(\.mac) == [false])
    // With another key than that of the HSS nothing is said of the UE.
    let other = try Self.report(trace, try Self.keys(ki: Self.otherK, op: Self.op))
    #expect(!other.findings.contains { $0.rule == "AUT016" })
  }

  // MARK: the order of vectors

  /// A SIP-Auth-Data-Item in hexadecimal digits: number, scheme, challenge, XRES.
  private static func item(_ challenge: [UInt8], number: UInt8 = 1, xres: String = "a54211d5e3ba50bf") -> String {
    func avp(_ code: UInt16, _ data: [UInt8]) -> [UInt8] {
      let length = UInt8(12 + data.count)
      let padding = [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
      return [0, 0, UInt8(code >> 8), UInt8(code & 255), 0xc0, 0, 0, length, 0, 0, 0x28, 0xaf] + data + padding
    }
    let children =
      avp(613, [0, 0, 0, number]) + avp(608, Array("Digest-AKAv1-MD5".utf8)) + avp(609, challenge)
      + avp(610, Hex.decode(xres) ?? [])
    return "0x" + Hex.encode(children)
  }

  private static func octets(_ vector: AKAVector) -> [UInt8] { vector.rand + vector.autn }

  @Test(
    arguments: [([0, 1], nil), ([1, 0], "a vector is used after one that stands behind it")] as [([Int], String?)])
  func vectorsOfOneMAAAreUsedInTheirOrder(_ used: [Int], _ fault: String?) throws {
    let vectors = AKAVector.standard
    let items = (0..<2).map {
      "  SIP-Auth-Data-Item: \(Self.item(Self.octets(vectors[$0]), number: UInt8($0 + 1), xres: Hex.encode(vectors[$0].xres)))"
    }
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> S: REGISTER sip:hims.net
      S -> HSS: MAR
      HSS -> S: MAA
      \(items.joined(separator: "\n"))
      S -> I: 401 Unauthorized
        WWW-Authenticate.nonce: "\(vectors[used[0]].nonce)"
      P -> UE: 401 Unauthorized
        WWW-Authenticate.nonce: "\(vectors[used[0]].nonce)"
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> S: REGISTER sip:hims.net
      S -> I: 401 Unauthorized
        WWW-Authenticate.nonce: "\(vectors[used[1]].nonce)"
      P -> UE: 401 Unauthorized
        WWW-Authenticate.nonce: "\(vectors[used[1]].nonce)"
      """
    let report = try Self.report(trace, SubscriberKeys())
    let findings = report.findings.filter { $0.rule == "AUT005" }
    #expect(findings.filter { $0.severity == .error }.map(\.message) == [fault].compactMap(\.self))
    #expect(
      findings.filter { $0.severity == .warning }.map(\.message)
        == (fault == nil ? [] : ["the first vector of the MAA is passed over"]))
    // SQN goes back with them.
    let proof = try #require(try Self.report(trace, try Self.keys(op: Self.op)).proof)
    #expect(proof.challenges.map(\.mac) == [true, true])
  }

  // MARK: captures

  private static func opened(_ bytes: [UInt8], _ keys: SubscriberKeys) -> (verified: Int, reports: [FlowReport]) {
    var options = Options()
    options.subscriberKeys = keys
    var reports: [FlowReport] = []
    let run = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return (run.coverage.esp.reduce(0) { $0 + $1.count.verified }, reports)
  }

  /// The MAA and Mw are cut away: CK and IK come from K.
  @Test func theKeyOpensGmAlone() throws {
    var editor = try Trace.sample("seed-registration.pcap")
    editor.drop(where: Self.isBehindTheProxy)
    #expect(editor.records.count == 4)
    #expect(Self.opened(editor.pcapng, SubscriberKeys()).verified == 0)
    let (verified, reports) = Self.opened(editor.pcapng, try Self.keys(op: Self.op))
    #expect(verified == 2)
    #expect(reports.map(\.proof?.verdict) == [.right])
    // With another key the packets stay as they were.
    let other = Self.opened(editor.pcapng, try Self.keys(ki: Self.otherK, op: Self.op))
    #expect(other.verified == 0)
    #expect(other.reports.map(\.proof?.verdict) == [.wrongKey])
  }

  /// The same associations as by the 401 on Mw and the MAA, encryption among them.
  @Test func theKeyOfGmIsThatOfTheNetwork() throws {
    var editor = try Trace.sample("seed-registration.pcap")
    #expect(editor.replaceText("alg=hmac-sha-1-96", with: "alg=hmac-sha-1-96;ealg=aes-cbc", in: "SIP/2.0 401") > 0)
    #expect(editor.replaceText("alg=hmac-sha-1-96", with: "alg=hmac-sha-1-96;ealg=aes-cbc", in: "REGISTER") > 0)
    let whole = Self.associations(editor.pcapng, SubscriberKeys())
    #expect(whole.count == 4)
    #expect(whole.allSatisfy { $0.suite.encrypts })
    editor.drop(where: Self.isBehindTheProxy)
    #expect(Self.associations(editor.pcapng, SubscriberKeys()).isEmpty)
    let keys = try Self.keys(op: Self.op)
    #expect(Self.associations(editor.pcapng, keys) == whole)
    // The REGISTER before the challenge was not captured: To of the 401 names the subscriber.
    var named = SubscriberKeys()
    try named.read("name \(Self.k)", as: .ki)
    try named.read("* \(Self.op)", as: .op)
    editor.records.removeFirst()
    #expect(Self.associations(editor.pcapng, named).isSubset(of: whole))
    #expect(!Self.associations(editor.pcapng, named).isEmpty)
  }

  private static func associations(_ bytes: [UInt8], _ keys: SubscriberKeys) -> Set<SecurityAssociation> {
    var options = Options()
    options.subscriberKeys = keys
    options.keepsKeys = true
    return Set(Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { _ in }.associations)
  }

  /// By source and destination of IPv4 in Ethernet.
  private static func isBehindTheProxy(_ record: CaptureRecord) -> Bool {
    let ends: [[UInt8]] = [[192, 0, 2, 10], [198, 51, 100, 10]]
    return [26, 30].contains { start in !ends.contains(Array(record.bytes[start..<start + 4])) }
  }

  /// A published capture of a real UE with the published keys of its test SIM (K of 8baf…, OP of ones): the MAA, Gm and what
  /// the UE answered follow from them.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func aRecordedUEIsProven() throws {
    let url = try #require(Files.captures(in: "public").first { $0.lastPathComponent.hasSuffix("__ipsec_reg.pcapng") })
    var keys = SubscriberKeys()
    try keys.read("* 8baf473f2f8fd09487cccbd7097c6862", as: .ki)
    try keys.read("* 11111111111111111111111111111111", as: .op)
    let proofs = Self.reports(try Files.bytes(url), keys).compactMap(\.proof)
    #expect(!proofs.isEmpty)
    #expect(proofs.allSatisfy { $0.verdict == .right })
  }

  /// The keys of the recorded UEs are not known: whatever is given is called wrong, and no finding changes.
  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: ["01b-aka-udp-uar2", "06-wrong-key", "08-sync-failure"])
  func anotherKeyChangesNoFinding(_ scenario: String) throws {
    var keys = SubscriberKeys()
    try keys.read("* \(Self.k)", as: .ki)
    try keys.read("* \(Self.op)", as: .op)
    let bytes = try Files.scenario(scenario)
    let (with, without) = (Self.reports(bytes, keys), Self.reports(bytes, SubscriberKeys()))
    #expect(with.map { $0.findings.map(\.rule) } == without.map { $0.findings.map(\.rule) })
    #expect(with.map(\.proof?.verdict) == [.wrongKey])
  }
}
