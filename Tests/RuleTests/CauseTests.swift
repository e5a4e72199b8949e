import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// Why a registration did not end well, and where it stopped.
@Suite struct CauseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var id: FailureCause.ID
    var evidence: FailureCause.Evidence
    var trace: String
    /// What its sentence says.
    var words: String
    /// For how long the capture runs on.
    var seconds: Int64
    var testDescription: String { "\(id.rawValue), \(evidence.rawValue): \(words)" }

    init(
      _ id: FailureCause.ID, _ evidence: FailureCause.Evidence, _ words: String, runningOn seconds: Int64 = 0,
      _ trace: String
    ) {
      (self.id, self.evidence, self.words, self.trace, self.seconds) = (id, evidence, words, trace, seconds)
    }
  }

  // MARK: every cause that can be told

  static let told: [Case] =
    [
      Case(
        .bearer, .shown, "the bearer went during the registration",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net
        SGSN -> GGSN: Delete PDP Context
        GGSN -> SGSN: Delete PDP Context
        P -> UE: 504 Server Time-out
        """),
      Case(
        .dns, .shown, "SERVFAIL",
        """
        UE -> P: REGISTER sip:hims.net
        P -> DNS: A hims.net
        DNS -> P: SERVFAIL
        P -> UE: 504 Server Time-out
        """),
      Case(
        .transport, .shown, "dead end: ICMP port unreachable on H1",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: ICMP port unreachable
        wait 40s
        P -> UE: 504 Server Time-out
        """),
      Case(
        .transport, .possible, "whether it reached the P-CSCF was not observable", runningOn: 200,
        """
        UE -> P: REGISTER sip:hims.net
        """),
      Case(
        .noAnswer, .indicated, "the UE was challenged with 401 Unauthorized on H0 and did not answer",
        runningOn: 300,
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          -Security-Server
        """),
      Case(
        .noAnswer, .possible, "whether the UE sent one was not observable", runningOn: 300,
        """
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        """),
      Case(
        .ipsec, .shown, "SEC007",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          -Security-Verify
        P -> UE: 494 Security Agreement Required
        """),
      Case(
        .mac, .shown, "did not accept the AUTN",
        Told.challenged + """

          UE -> P: REGISTER sip:hims.net
            Authorization.response: ""
          P -> I: REGISTER sip:hims.net
          I -> S: REGISTER sip:scscf1.hims.net:6060
          S -> I: 403 Forbidden
          I -> P: 403 Forbidden
          P -> UE: 403 Forbidden
          """),
      Case(
        .synchronisation, .shown, "AUTS",
        Told.challenged + """

          UE -> P: REGISTER sip:hims.net
            Authorization.auts: "uoU/PBKc38GEyuSusq8="
          P -> I: REGISTER sip:hims.net
          I -> S: REGISTER sip:scscf1.hims.net:6060
          S -> I: 403 Forbidden
          I -> P: 403 Forbidden
          P -> UE: 403 Forbidden
          """),
      Case(
        .response, .shown, "does not follow from the vector",
        Told.challenged + Told.answered("403 Forbidden", Told.wrong)),
      Case(
        .falseReject, .shown, "", Told.challenged + Told.answered("403 Forbidden")),
      Case(
        .response, .possible, "the vector was not captured",
        (Told.challenged + Told.answered("403 Forbidden")).split(separator: "\n").filter { !$0.contains("HSS") }
          .joined(separator: "\n")),
    ] + ofCx + ofNodes

  /// The HSS answers the UAR, MAR or SAR so, and the UE is told 403.
  private static func cx(_ answer: String) -> String {
    let refused = "I -> P: 403 Forbidden\nP -> UE: 403 Forbidden"
    switch answer.prefix(3) {
    case "UAA":
      return """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: \(answer)
        \(refused)
        """
    case "MAA":
      return """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER sip:scscf1.hims.net:6060
        S -> HSS: MAR
        HSS -> S: \(answer)
        S -> I: 403 Forbidden
        \(refused)
        """
    default:
      return Told.challenged
        + Told.answered("403 Forbidden").replacing(
          "\nS -> I:", with: "\nS -> HSS: SAR\nHSS -> S: \(answer)\nS -> I:")
    }
  }

  static let ofCx = [
    Case(.unknownUser, .shown, "the HSS answered the UAR with exp 5001", cx("UAA exp 5001")),
    Case(.unknownUser, .shown, "the HSS answered the MAR with exp 5001", cx("MAA exp 5001")),
    Case(.identity, .shown, "exp 5002 ERROR_IDENTITIES_DONT_MATCH on C1", cx("UAA exp 5002")),
    Case(.barred, .shown, "5003", cx("UAA result 5003")),
    Case(.roaming, .shown, "exp 5004", cx("UAA exp 5004")),
    Case(.scheme, .shown, "exp 5006", cx("MAA exp 5006")),
    Case(.assignment, .shown, "exp 5005", cx("SAA exp 5005")),
    Case(.assignment, .shown, "exp 5007", cx("SAA exp 5007")),
    Case(.hssError, .shown, "5012", cx("UAA result 5012")),
    Case(.hssError, .shown, "3002", cx("MAA result 3002")),
    Case(.overload, .shown, "3004", cx("UAA result 3004")),
    Case(
      .hssTimeout, .indicated, "the UAR was not answered",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      wait 5s
      I -> P: 480 Temporarily Unavailable
      P -> UE: 480 Temporarily Unavailable
      """),
    Case(
      .hssTimeout, .possible, "whether it asked the HSS was not observable: not captured",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      wait 5s
      I -> P: 480 Temporarily Unavailable
      P -> UE: 480 Temporarily Unavailable
      """),
  ]

  /// Somebody else's registration, so that all hops are captured.
  private static let before = Told.challenged + Told.answered("403 Forbidden", Told.wrong) + "\nuser other\n"

  static let ofNodes = [
    Case(
      .selection, .indicated, "without a REGISTER on H2",
      before + """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> P: 600 Busy Everywhere
        P -> UE: 600 Busy Everywhere
        """),
    Case(
      .selection, .possible, "whether it tried an S-CSCF was not observable",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      I -> P: 600 Busy Everywhere
      P -> UE: 600 Busy Everywhere
      """),
    Case(
      .unreachable, .indicated, "no answer of the S-CSCF",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060
      wait 33s
      I -> P: 408 Request Timeout
      P -> UE: 504 Server Time-out
      """),
    Case(
      .interval, .shown, "423",
      """
      UE -> P: REGISTER sip:hims.net
        Contact: <sip:10.10.0.2:5060>;expires=60
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> I: 423 Interval Too Brief
        Min-Expires: 3600
      I -> P: 423 Interval Too Brief
      P -> UE: 423 Interval Too Brief
      """),
    Case(
      .policy, .indicated, "without having judged credentials",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> HSS: MAR
      HSS -> S: MAA
      S -> I: 403 Forbidden
      I -> P: 403 Forbidden
      P -> UE: 403 Forbidden
      """),
    Case(
      .proxyRejects, .shown, "sent nothing on H1",
      before + """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 403 Forbidden
        """),
    Case(
      .proxyRejects, .possible, "whether it sent the REGISTER on was not observable: not captured",
      """
      UE -> P: REGISTER sip:hims.net
      P -> UE: 403 Forbidden
      """),
    Case(
      .overload, .shown, "503 Service Unavailable on H1, with Retry-After",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> P: 503 Service Unavailable
        Retry-After: 30
      P -> UE: 503 Service Unavailable
      """),
    Case(
      .protocolError, .shown, "HDR003",
      """
      UE -> P: REGISTER sip:hims.net
        Max-Forwards: 0
      P -> I: REGISTER sip:hims.net
        Max-Forwards: 0
      I -> P: 483 Too Many Hops
      P -> UE: 483 Too Many Hops
      """),
    Case(
      .unknown, .shown, "500 Server Internal Error on H2",
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> HSS: MAR
      HSS -> S: MAA
      S -> I: 500 Server Internal Error
      I -> P: 500 Server Internal Error
      P -> UE: 500 Server Internal Error
      """),
  ]

  @Test(arguments: told) func aToldRegistrationHasItsPrimaryCause(_ told: Case) throws {
    var editor = try CaptureEditor(TraceText(told.trace).bytes)
    if told.seconds > 0 { editor.runOn(seconds: told.seconds) }
    let report = try #require(Trace.reports(editor).max { $0.flow.start < $1.flow.start })
    let cause = try #require(report.causes.first, "\(report.flow.outcome) \(report.flow.cause)")
    #expect(cause.id == told.id && cause.evidence == told.evidence, "\(report.causes)")
    #expect(cause.sentence.contains(told.words), "\(cause.sentence)")
    #expect(!cause.frames.isEmpty && report.causes.count <= FlowReport.causeLimit)
  }

  @Test func everyCauseHasACase() {
    #expect(Set(Self.told.map(\.id)) == Set(FailureCause.ID.allCases))
  }

  /// What came of the resynchronisation was answered: that it was needed is not why the registration failed.
  @Test func aResynchronisationThatWentOnIsNoCause() throws {
    let trace =
      Told.challenged + Told.challengedAgain(Told.resynchronisation) + Told.answered("403 Forbidden", Told.wrong)
    let report = try #require(Trace.reports(try TraceText(trace).bytes, profile: .strict).first)
    #expect(report.causes.map(\.id) == [.response])
  }

  // MARK: rules that were not selected, and registrations that ended well

  @Test func theCauseDoesNotDependOnTheRulesThatWereSelected() throws {
    let bytes = try Files.sample("wrong-key.pcapng")
    let all = try #require(Trace.reports(bytes, profile: .field).first)
    var none = FlowReport(flow: all.flow)
    Checker([]).check(&none)
    #expect(none.findings.isEmpty && none.causes == all.causes && none.causes.first?.id == .response)
  }

  @Test func whatEndedWellHasNoCause() throws {
    for sample in ["aka-registration.pcapng", "de-registration.pcapng", "resynchronisation.pcapng"] {
      let reports = Trace.reports(try Files.sample(sample), profile: .field)
      #expect(!reports.isEmpty && reports.allSatisfy { $0.causes.isEmpty && $0.flow.stop == nil }, "\(sample)")
    }
  }

  // MARK: what was lost

  /// The capture of the P-CSCF lacks what the I-CSCF's has.
  @Test func aResponseThatLeftOneNodeAndNeverReachedTheNextIsLost() throws {
    var editor = try Trace.compliant()
    let flow = try #require(Trace.reports(editor).first?.flow)
    let response = try #require(flow.messages.first { $0.hop == .h1 && $0.status == 401 }, "a 401 on H1")
    let sightings = response.message.sightings
    #expect(sightings.count == 2)
    let arrived = try #require(sightings.max { $0.time < $1.time }).frames.first
    let answer = try #require(flow.messages.first { $0.hop == .h0 && $0.isRequest && $0.time > response.time })
    editor.records.remove(at: Int(arrived) - 1)
    editor.drop { $0.time >= answer.time.nanoseconds }
    editor.replaceText(
      "SIP/2.0 401 Unauthorized", with: "SIP/2.0 504 Server Time-out", in: "CSeq: 1 REGISTER", from: Node.pcscf)
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.outcome == .rejected)
    #expect(
      report.flow.stop?.reason == .lost && report.flow.stop?.next.hop == .h1 && report.flow.stop?.next.step == "C2")
    #expect(report.flow.cause.contains("on H1 (I-CSCF → P-CSCF; frame"))
    #expect(report.causes.first?.id == .transport && report.causes.first?.evidence == .shown)
    #expect(report.causes.first?.sentence.contains("left the I-CSCF on H1 and never reached the P-CSCF") ?? false)
  }

  @Test func aCaptureThatEndsIsNoLoss() throws {
    var editor = try Trace.compliant()
    let flow = try #require(Trace.reports(editor).first?.flow)
    let sent = try #require(flow.messages.first { $0.hop == .h1 && $0.status == 200 }).message.time
    // The point at the P-CSCF stops before the 200 comes.
    let interface = try #require(
      flow.messages.first { $0.hop == .h1 && $0.isRequest }?.message.firstSighting.point.interface)
    editor.drop { $0.interface == Int(interface) && $0.time >= sent.nanoseconds }
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.lost.isEmpty)
  }

  // MARK: where it stopped

  @Test(arguments: [
    ("I -> P: 403 Forbidden", Stop.Reason.notSent, Hop.h2),
    ("", .notCaptured, .h1),
  ])
  func whereItStopped(_ refusal: String, _ reason: Stop.Reason, _ hop: Hop) throws {
    let behind =
      refusal.isEmpty ? "" : "P -> I: REGISTER sip:hims.net\nI -> HSS: UAR\nHSS -> I: UAA exp 5001\n\(refusal)\n"
    let trace = "UE -> P: REGISTER sip:hims.net\n" + behind + "P -> UE: 403 Forbidden"
    let stop = try #require(Trace.reports(try TraceText(trace).bytes, profile: .strict).first?.flow.stop)
    #expect(stop.reason == reason && stop.next.hop == hop)
    #expect(stop.obstacle == (reason == .notCaptured ? .noHop : nil))
  }
}
