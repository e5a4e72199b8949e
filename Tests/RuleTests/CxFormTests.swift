import IMSFlows
import IMSForge
import IMSRules
import Testing

/// Forms of Cx that break no rule, and who says what an answer says.
@Suite struct CxFormTests {
  private static func reports(_ trace: String) throws -> [FlowReport] {
    Trace.reports(try TraceText(trace).bytes, profile: .strict)
  }

  /// By the I-CSCF, because of such an answer.
  private static func refused(_ answer: String, _ status: String) throws -> FlowReport {
    try #require(try reports(Told.asked + "HSS -> I: \(answer)\nI -> P: \(status)\nP -> UE: \(status)\n").first)
  }

  /// RFC 6733 §7.1.3: the HSS never saw the request.
  @Test func whatAnAgentSaysIsNotSaidByTheHSS() throws {
    let report = try Self.refused("UAA result 3002\n  Origin-Host: dra1.example.net", "480 Temporarily Unavailable")
    let said = "an agent (dra1.example.net) answered the UAR with 3002"
    #expect(report.flow.cause.hasPrefix(said), "\(report.flow.cause)")
    #expect(report.causes.first?.sentence.hasPrefix(said) ?? false)
  }

  @Test func anRTRThatDidNotArriveWasNotRefused() throws {
    let reports = try Self.reports("HSS -> S: RTR\nS -> HSS: RTA result 3002")
    let found = reports.flatMap(\.findings).filter { $0.rule == "CX018" }
    #expect(found.map(\.severity) == [.warning])
  }

  /// Of two results the failure is the reason.
  @Test func aFailureBesideASuccessIsTold() throws {
    let report = try Self.refused("UAA exp 5001\n  Result-Code: 2001", "403 Forbidden")
    #expect(report.causes.first?.id == .unknownUser, "\(report.causes.map(\.sentence))")
    #expect(report.flow.cause.contains("2001 DIAMETER_SUCCESS and exp 5001"), "\(report.flow.cause)")
  }

  /// What the S-CSCF says afterwards, to have the HSS forget it, is no second try (TS 29.229 §6.3.15).
  @Test(arguments: [8, 9]) func aCleanUpBehindARefusedAssignmentHidesNothing(type: Int) throws {
    let trace =
      Told.challenged
      + Told.answered("403 Forbidden").replacing(
        "\nS -> I:",
        with: """

          S -> HSS: SAR
          HSS -> S: SAA exp 5005
          S -> HSS: SAR
            Server-Assignment-Type: \(type)
          HSS -> S: SAA
          S -> I:
          """)
    let report = try #require(try Self.reports(trace).first)
    #expect(!report.findings.contains { $0.rule == "AUT010" })
    #expect(report.causes.map(\.id) == [.assignment], "\(report.causes.map(\.sentence))")
    #expect(report.flow.cause.contains("exp 5005"), "\(report.flow.cause)")
  }

  @Test func anAssignmentThatIsTooMuchIsGivenUp() throws {
    let trace =
      Told.challenged
      + Told.answered("403 Forbidden").replacing(
        "\nS -> I:",
        with: """

          S -> HSS: SAR
          HSS -> S: SAA
          S -> HSS: SAR
            Server-Assignment-Type: 11
          HSS -> S: SAA
          S -> I:
          """)
    let report = try #require(try Self.reports(trace).first)
    #expect(!report.findings.contains { $0.rule == "AUT010" })
    #expect(report.causes.map(\.id) == [.assignment], "\(report.causes.map(\.sentence))")
    #expect(report.causes.first?.sentence.contains("DEREGISTRATION_TOO_MUCH_DATA") ?? false)
  }

  /// RFC 6733 §6.1.7: where it is to go an agent says.
  @Test func aRedirectThatNobodyFollowedIsNotOfTheHSS() throws {
    let report = try Self.refused("UAA result 3006", "480 Temporarily Unavailable")
    #expect(report.flow.cause.hasPrefix("an agent ("), "\(report.flow.cause)")
  }

  /// TS 29.229 §6.2.2.3: what is to be taken away is not there, and the HSS is right to say so.
  @Test func whatIsNotRegisteredIsOfTheAssignment() throws {
    let report = try Self.refused("UAA exp 5003", "403 Forbidden")
    #expect(report.causes.first?.id == .assignment)
  }

  /// RFC 7542 §2.4.
  @Test func aRealmInCapitalsIsTheSame() throws {
    let trace = Told.challenged.replacing("HSS -> S: MAA", with: "HSS -> S: MAA\n  User-Name: name.private@HIMS.NET")
    #expect(try !Self.reports(trace).flatMap(\.findings).contains { $0.rule == "CX010" })
    let other = trace.replacing("name.private@HIMS", with: "Name.private@hims")
    #expect(try Self.reports(other).flatMap(\.findings).contains { $0.rule == "CX010" })
  }

  /// TS 29.228 table 6.3.4.
  @Test func aVectorWithoutAConfidentialityKeyIsWhole() throws {
    let trace = Told.challenged.replacing("HSS -> S: MAA", with: "HSS -> S: MAA\n  -Confidentiality-Key")
    #expect(try !Self.reports(trace).flatMap(\.findings).contains { $0.rule == "CX009" })
  }
}
