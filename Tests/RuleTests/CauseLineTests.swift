import IMSFlows
import IMSForge
import IMSRules
import Testing

/// The sentence on why a registration ended as it did blames nobody for what was not seen, or was made up for.
@Suite struct CauseLineTests {
  private static func reports(_ trace: String) throws -> [FlowReport] {
    Trace.reports(try TraceText(trace).bytes, profile: .strict)
  }

  private static func last(_ trace: String) throws -> FlowReport { try #require(try reports(trace).last) }

  /// Whether the response was right is for the cause to say.
  @Test(arguments: ["", Told.wrong]) func aRefusedAnswerIsNotCalledWrong(credentials: String) throws {
    let report = try Self.last(Told.challenged + Told.answered("403 Forbidden", credentials))
    #expect(report.flow.cause == "the S-CSCF refused the answer to the challenge with 403 Forbidden on H2 (frame 16)")
    #expect(report.causes.first?.id == (credentials.isEmpty ? .falseReject : .response))
  }

  @Test func aRefusedResynchronisationIsNoAnswer() throws {
    let report = try Self.last(Told.challenged + Told.answered("403 Forbidden", Told.resynchronisation))
    #expect(report.flow.cause == "the S-CSCF refused with 403 Forbidden on H2 (frame 16)")
  }

  /// What a node sent may come from another behind it.
  @Test func theLastNodeThatWasCapturedIsNotBlamed() throws {
    func shown(_ hops: [String]) throws -> String {
      let lines = (Told.challenged + Told.answered("403 Forbidden", Told.wrong)).split(separator: "\n")
      var kept: [Substring] = []
      var isKept = false
      for line in lines {
        if !line.hasPrefix(" ") { isKept = hops.contains { line.hasPrefix($0) } }
        if isKept { kept.append(line) }
      }
      let report = try Self.last(kept.joined(separator: "\n"))
      #expect(report.causes.allSatisfy { !$0.sentence.contains("refused") }, "\(report.causes.map(\.sentence))")
      return report.flow.cause
    }
    #expect(
      try shown(["UE -> P", "P -> UE"])
        == "the P-CSCF sent 403 Forbidden on H0 (frame 4), and what lies behind it was not captured"
    )
    #expect(
      try shown(["UE -> P", "P -> UE", "P -> I", "I -> P"])
        == "the I-CSCF sent 403 Forbidden on H1 (frame 7), and what lies behind it was not captured"
    )
    #expect(
      try shown(["UE -> P", "P -> UE", "P -> I", "I -> P", "I -> HSS", "HSS -> I"])
        == "the I-CSCF sent 403 Forbidden on H1 (frame 11), "
        + "and whether an S-CSCF told it to was not captured")
  }

  /// RFC 6733 §6.1.7, §5.5.4, §7.1.4.
  @Test(arguments: [
    "HSS -> I: UAA result 3006\n", "HSS -> I: UAA result 3002\n", "HSS -> I: UAA result 4181\n", "wait 3s\n",
  ])
  func anHSSThatWasAskedAgainIsNotBlamed(answer: String) throws {
    let report = try Self.last(
      Told.challenged + Told.answered("403 Forbidden", Told.wrong, asked: "I -> HSS: UAR\n" + answer))
    #expect(report.flow.cause.hasPrefix("the S-CSCF refused the answer to the challenge with 403 Forbidden on H2"))
    #expect(report.causes.map(\.id) == [.response])
    #expect(
      report.flow.stoppedAt?.contains("REGISTER (I-CSCF → S-CSCF) refused") ?? false, "\(report.flow.stoppedAt ?? "")")
  }

  @Test func anAnswerThatComesTooLateIsNone() throws {
    let report = try Self.last(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      wait 5s
      I -> P: 504 Server Time-out
      P -> UE: 504 Server Time-out
      wait 1s
      HSS -> I: UAA
      """)
    #expect(
      report.flow.cause
        == "the HSS answered the UAR of the I-CSCF on C1 (frame 3) when that had given up (frame 6); "
        + "the UE was told 504 Server Time-out on H0 (frame 5)")
    #expect(report.causes.first?.id == .hssTimeout && report.causes.first?.evidence == .shown)
    #expect(!report.causes.contains { $0.id == .selection })
  }

  /// It is the S-CSCF that answers an RTR (TS 29.228 §6.1.3).
  @Test func whoAnswersNoRTRIsTheServer() throws {
    let refused = try Self.last("HSS -> S: RTR\nS -> HSS: RTA result 5012")
    #expect(refused.flow.cause.hasPrefix("the S-CSCF answered the RTR with 5012"))
    #expect(refused.causes.map(\.id) == [.policy])
    let undelivered = try Self.last("HSS -> S: RTR\nS -> HSS: RTA result 3002")
    #expect(undelivered.causes.map(\.id) == [.unreachable])
    let silent = try #require(
      try Self.reports("HSS -> S: RTR\nwait 40s\nuser bob\nUE -> P: REGISTER sip:hims.net").first {
        $0.flow.kind == .networkDeregistration
      })
    #expect(silent.flow.cause == "the S-CSCF did not answer the RTR of the HSS on C2 (frame 1)")
    #expect(silent.causes.map(\.id) == [.unreachable])
  }

  /// A redirect and an agent's refusal are no ends (RFC 6733 §6.1.7, §7.1.3).
  @Test(arguments: ["3006", "3002", "4181"]) func withoutSIPAnHSSThatIsAskedAgainEndsNothing(result: String) throws {
    let reports = try Self.reports(
      """
      I -> HSS: UAR
      HSS -> I: UAA result \(result)
      I -> HSS: UAR
      HSS -> I: UAA
      S -> HSS: MAR
      HSS -> S: MAA
      wait 1s
      I -> HSS: UAR
      HSS -> I: UAA result \(result)
      I -> HSS: UAR
      HSS -> I: UAA 2001
      S -> HSS: SAR
      HSS -> S: SAA
      """)
    #expect(reports.map(\.flow.outcome) == [.registered])
  }

  /// TS 29.228 §6.1.2.
  @Test func withoutSIPTheServerSaysThatNobodyAnswered() throws {
    let report = try Self.last(
      """
      I -> HSS: UAR
      HSS -> I: UAA
      S -> HSS: MAR
      HSS -> S: MAA
      wait 130s
      S -> HSS: SAR
        Server-Assignment-Type: 10
      HSS -> S: SAA
      """)
    #expect(report.flow.outcome == .abandoned)
    #expect(report.flow.cause.contains("told the HSS that no answer came in time"), "\(report.flow.cause)")
  }

  /// The HSS that was silent did not answer, whoever answered then.
  @Test func aSecondHSSDoesNotHideTheFirst() throws {
    let report = try Self.last(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      wait 3s
      I -> HSS: UAR
        Flags: 0xd0
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> HSS: MAR
      HSS -> S: MAA
      S -> I: 401 Unauthorized
      I -> P: 401 Unauthorized
      P -> UE: 401 Unauthorized
      """)
    #expect(report.findings.contains { $0.rule == "DIA003" })
    #expect(!report.notObservable.contains { $0.rule == "DIA003" })
  }

  /// What took the REGISTER is the node that was silent.
  @Test func aProvisionalResponseSaysThatItCame() throws {
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> P: 100 Trying
      wait 200s
      user bob
      UE -> P: REGISTER sip:hims.net
      """
    let report = try #require(try Self.reports(trace).first { $0.flow.outcome == .unanswered })
    #expect(report.causes.map(\.id) == [.unknown])
    #expect(report.causes.first?.sentence.contains("the I-CSCF took the REGISTER on H1 with 100 Trying") ?? false)
  }

  /// RFC 3261 §10.2.2: each Contact has its own expiry.
  @Test func takingOneContactAwayIsNoDeregistration() throws {
    let report = try Self.last(
      """
      UE -> P: REGISTER sip:hims.net
        Contact: <sip:10.10.0.9:5060>;expires=0, <sip:10.10.0.2:5060>;expires=3600
      P -> UE: 401 Unauthorized
      UE -> P: REGISTER sip:hims.net
        Contact: <sip:10.10.0.9:5060>;expires=0, <sip:10.10.0.2:5060>;expires=3600
      P -> UE: 200 OK
      """)
    #expect(report.flow.kind == .initial)
    #expect(report.flow.outcome == .registered)
  }

  /// Nor is the one that gave up waiting for it the one to ask.
  @Test func whoGaveUpBehindAProvisionalResponseIsNotBlamed() throws {
    let report = try Self.last(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> P: 100 Trying
      wait 32s
      P -> UE: 504 Server Time-out
      """)
    #expect(report.causes.map(\.id) == [.unknown])
    #expect(report.causes.first?.sentence.contains("the I-CSCF took the REGISTER on H1 with 100 Trying") ?? false)
  }

  /// The S-CSCF may challenge again whoever answered wrongly; the UE that answered rightly is in a loop.
  @Test(arguments: [false, true]) func aThirdChallengeIsAnErrorWhereTheAnswersWereRight(isRight: Bool) throws {
    let again = Told.challengedAgain(isRight ? "" : Told.wrong)
    let report = try Self.last(Told.challenged + again + again)
    let loop = try #require(report.findings.first { $0.rule == "SEQ011" })
    #expect(loop.severity == (isRight ? .error : .warning))
  }

  /// The P-CSCF gave up while the HSS was thinking, and the challenge came behind.
  @Test func aSlowHSSIsTheCauseOfATimeout() throws {
    let report = try Self.last(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      wait 3s
      HSS -> I: UAA
      wait 100ms
      P -> UE: 504 Server Time-out
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> HSS: MAR
      HSS -> S: MAA
      S -> I: 401 Unauthorized
      I -> P: 401 Unauthorized
      """)
    #expect(report.causes.first?.id == .hssTimeout, "\(report.causes.map(\.sentence))")
    #expect(report.causes.first?.evidence == .indicated)
  }
}
