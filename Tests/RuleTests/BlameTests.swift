import IMSForge
import IMSFlows
import IMSRules
import Testing

/// Who is named for a failure that only part of the network shows (docs/decisions/0027).
@Suite struct BlameTests {
  /// - Parameter points: pairs of nodes, "UE P", between which everything is kept.
  private static func last(_ trace: String, points: [String]? = nil) throws -> FlowReport {
    let lines = trace.split(separator: "\n")
    var kept: [Substring] = []
    var isKept = true
    for line in lines {
      if !line.hasPrefix(" ") {
        let words = line.split(separator: " ").map { $0.trimmingPrefix("->").trimmingPrefix(":") }
        let isArrow = line.contains(" -> ")
        let to = words.count > 2 ? words[2].prefix { $0 != ":" } : ""
        isKept = !isArrow || points?.contains { $0 == "\(words[0]) \(to)" || $0 == "\(to) \(words[0])" } ?? true
      }
      if isKept { kept.append(line) }
    }
    return try #require(
      Trace.reports(try TraceText(kept.joined(separator: "\n")).bytes, profile: .strict).last)
  }

  private static let refused = Told.challenged + Told.answered("403 Forbidden", Told.wrong)

  /// Cx shows that the REGISTER went on.
  @Test func aProxyThatSentItOnDidNotRefuse() throws {
    let report = try Self.last(Self.refused, points: ["UE P", "I HSS", "S HSS"])
    #expect(!report.causes.contains { $0.id == .proxyRejects }, "\(report.causes.map(\.sentence))")
    #expect(
      report.flow.cause
        == "the P-CSCF sent 403 Forbidden on H0 (frame 10), and what the nodes behind it answered was not captured")
  }

  /// TS 29.228 §6.3: what the HSS says to the S-CSCF decides.
  @Test func anSCSCFWhoseCxIsHiddenMayHaveBeenTold() throws {
    let hidden = try Self.last(Told.forwarded + Told.refused("403 Forbidden"))
    #expect(hidden.causes.map(\.evidence) == [.possible], "\(hidden.causes.map(\.sentence))")
    let server = try Self.last(Told.forwarded + Told.refused("488 Not Acceptable Here"))
    #expect(server.causes.map(\.id) == [.unknown] && server.causes.map(\.evidence) == [.possible])
  }

  /// What asks for a vector has got the REGISTER.
  @Test func anICSCFThatSentItOnHadASelection() throws {
    let report = try Self.last(
      Told.asked + """
        HSS -> I: UAA
        S -> HSS: MAR
        HSS -> S: MAA
        wait 5s
        I -> P: 504 Server Time-out
        P -> UE: 504 Server Time-out
        """)
    #expect(!report.causes.contains { $0.id == .selection }, "\(report.causes.map(\.sentence))")
  }

  /// Whoever refuses within milliseconds has not waited for the HSS.
  @Test func aQuickRefusalIsNoTimeout() throws {
    let report = try Self.last(
      Told.forwarded + Told.refused("500 Server Internal Error"), points: ["UE P", "P I"])
    #expect(report.causes.map(\.id) == [.unknown] && report.causes.map(\.evidence) == [.possible])
  }

  /// A refresh that is refused, or challenged anew: it answered no challenge of its own.
  @Test(arguments: ["403 Forbidden", "401 Unauthorized"]) func aRefusedRefreshAnsweredNoChallenge(status: String) throws
  {
    let first = Told.challenged + Told.granted + "\nwait 600s"
    let report = try Self.last(
      first + Told.answered(status) + "\nwait 400s\nuser bob\nUE -> P: OPTIONS sip:hims.net")
    #expect(report.flow.kind == .refresh)
    #expect(!report.flow.cause.contains("the answer to the challenge"), "\(report.flow.cause)")
    #expect(!report.causes.contains { $0.id == .response }, "\(report.causes.map(\.sentence))")
  }

  /// The HSS alone was captured, and went on.
  @Test func cxAloneIsNotSaidToEndWhereItGoesOn() throws {
    let report = try Self.last("I -> HSS: UAR\nHSS -> I: UAA\nwait 400s\nuser bob\nI -> HSS: UAR\nHSS -> I: UAA")
    #expect(report.flow.cause.hasPrefix("no Cx of this registration follows the UAA"), "\(report.flow.cause)")
  }

  /// RFC 3261 §17.1.2.2: who sends again has no answer.
  @Test func aUEThatAsksAgainDidNotGetTheChallenge() throws {
    let trace =
      Told.challenged + """

        wait 491ms
        UE -> P: REGISTER (again)
        wait 4s
        UE -> P: REGISTER (again)
        wait 400s
        user bob
        UE -> P: OPTIONS sip:hims.net
        """
    let reports = Trace.reports(try TraceText(trace).bytes, profile: .strict)
    let report = try #require(reports.first)
    #expect(report.flow.cause.hasSuffix("but the UE sent its REGISTER again after that, and never answered"))
    #expect(report.causes.first?.id == .transport, "\(report.causes.map(\.sentence))")
    #expect(!report.findings.contains { $0.rule == "SEQ002" })
    #expect(report.flow.stoppedAt == "C3: 401 Unauthorized (P-CSCF → UE) never came", "\(report.flow.stoppedAt ?? "")")
    #expect(report.flow.stop?.reason == .lost)
  }

  /// The HSS was recorded on when the registration was over.
  @Test func aSilentHSSIsToldWhereTheREGISTERWasRefusedEarly() throws {
    let reports = Trace.reports(
      try TraceText(
        """
        UE -> P: REGISTER sip:hims.net
        I -> HSS: UAR
        wait 6s
        P -> UE: 504 Server Time-out
        wait 60s
        user bob
        UE -> P: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        """
      ).bytes, profile: .strict)
    let silent = try #require(reports.first { $0.flow.outcome == .rejected })
    #expect(silent.findings.contains { $0.rule == "DIA003" }, "\(silent.notObservable)")
    #expect(silent.causes.first?.id == .hssTimeout && silent.causes.first?.evidence == .indicated)
  }

  /// Where Gm was not captured nothing is said of it.
  @Test func theStopIsAtAHopThatWasCaptured() throws {
    let trace = Told.challenged + "\nwait 400s\nuser bob\nUE -> P: OPTIONS sip:hims.net\nP -> I: REGISTER sip:hims.net"
    let lines = trace.split(separator: "\n").filter {
      !$0.contains("UE ->") && !$0.contains("-> UE") && !$0.hasPrefix("  -")
    }
    let bytes = try TraceText(lines.joined(separator: "\n")).bytes
    let report = try #require(Trace.reports(bytes, profile: .strict).first)
    #expect(report.flow.outcome == .abandoned)
    #expect(report.flow.stoppedAt == "E2: REGISTER (P-CSCF → I-CSCF) never came", "\(report.flow.stoppedAt ?? "")")
  }

  @Test func aSilentMARStopsAtItsAnswer() throws {
    let report = try Self.last(
      Told.forwarded + "S -> HSS: MAR\nwait 6s\n" + Told.refused("504 Server Time-out"))
    #expect(report.flow.stoppedAt?.contains("MAA") ?? false, "\(report.flow.stoppedAt ?? "")")
  }
}
