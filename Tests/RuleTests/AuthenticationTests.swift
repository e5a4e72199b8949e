import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSSecrets
import TestSupport
import Testing

/// What the program says of a response that is wrong: who let it in, and what the UE did to get it.
@Suite struct AuthenticationTests {
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func everyRuleIsJudgedOnTheRecordedRegistration() throws {
    let recorded = try Recorded("01b-aka-udp-uar2")
    let report = try #require(recorded.reports.first)
    #expect(recorded.reports.count == 1)
    #expect(Set(report.passed + report.findings.map(\.rule)) == Set(AlteredTraceTests.recordedRules))
    #expect(report.notApplicable == AlteredTraceTests.others)
    #expect(report.notObservable == [])
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: [
      ("06-wrong-key", "001010000000001", "different RES"),
      ("11-sip-digest", "001010000000003", "wrong password or HA1"),
      ("30-minimal-own-configs", "001010000000004", "different RES"),
    ])
  func aWrongSecretIsNamed(_ scenario: String, _ user: String, _ words: String) throws {
    let wrong = try Recorded(scenario).reports.filter { $0.findings.contains { $0.rule == "AUT011" } }
    #expect(wrong.map { $0.flow.impi?.string.hasPrefix(user) } == [true])
    let finding = try #require(wrong.first?.findings.first { $0.rule == "AUT011" })
    #expect(finding.message.contains(words))
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func oneWrongDigitThatIsAcceptedIsFound() throws {
    var editor = try CaptureEditor(Files.scenario("01b-aka-udp-uar2"))
    let changed = editor.replaceText("response=\"650b", with: "response=\"650c", in: "CSeq: 2 REGISTER")
    #expect(changed > 3)
    let findings = Trace.reports(editor, profile: .field).flatMap(\.findings).filter { $0.rule == "AUT009" }
    #expect(findings.map(\.severity) == [.error])
    #expect(findings.first?.observed.contains("650c") == true)
  }

  /// The diagnosis vectors of the worked example, from the bytes of a capture to the sentence.
  @Test(
    arguments: [
      ("5706a9c6dccc02379bdc9a802bc98b7e", DigestHypothesis.responseAsHexText),
      ("5b7652f7729b30b4d82d99e14d46cf77", .emptyPassword), ("00000000000000000000000000000000", nil),
    ] as [(String, DigestHypothesis?)])
  func aMistakeIsNamed(_ response: String, _ hypothesis: DigestHypothesis?) throws {
    let reports = Trace.reports(try refusal(of: response).bytes, profile: .strict)
    let finding = try #require(reports.flatMap(\.findings).first { $0.rule == "AUT011" })
    #expect(
      finding.message.hasSuffix(
        ": " + (hypothesis?.rawValue ?? "different RES: wrong K or OPc, wrong SIM, or AUTN mismatch")))
  }

  @Test func theRightAnswerIsNoMistake() throws {
    let rules = Trace.reports(try refusal(of: "48f8e42850c542326d78277d14b7bfa4").bytes, profile: .strict)
      .flatMap(\.findings).map(\.rule)
    #expect(rules.contains("AUT010"))
    #expect(!rules.contains("AUT011"))
  }

  private func refusal(of response: String) throws -> TraceText {
    try TraceText(
      """
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
        Authorization.response: "\(response)"
      S -> I: 403 Forbidden
      """)
  }
}
