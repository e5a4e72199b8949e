import IMSFlows
import IMSForge
import IMSRules
import Testing

/// What becomes of a registration behind the first one, and of a subscriber with several devices.
@Suite struct LaterLifeTests {
  private static let gone = "\n  Contact: <sip:10.10.0.2:5060>;expires=0"

  private static func reports(_ trace: String) throws -> [FlowReport] {
    Trace.reports(try TraceText(trace).bytes, profile: .strict)
  }

  /// A REGISTER that nobody answered waits for its answer for minutes; the HSS is asked because of the one that has just come.
  @Test(arguments: [5, 40]) func aSilentAttemptTakesNothingFromTheNext(seconds: Int) throws {
    let dead = "UE -> P: REGISTER sip:hims.net\nP -> I: REGISTER sip:hims.net"
    let good = Told.challenged + "\nwait 100ms" + Told.granted
    let alone = try Self.reports(good)
    let reports = try Self.reports(dead + "\nwait \(seconds)s\nrestart\n" + good)
    let registered = try #require(reports.first { $0.flow.outcome == .registered })
    #expect(registered.findings.map(\.rule) == alone[0].findings.map(\.rule))
    #expect(registered.flow.exchanges.count == 4)
  }

  /// RFC 3261 §17.1.2.2: after so long it is no retransmission.
  @Test func anOldNumberInTheSameCallIsANewREGISTER() throws {
    var editor = try CaptureEditor(
      try TraceText(Told.challenged + "\nwait 100ms" + Told.answered("403 Forbidden", Told.wrong)).bytes)
    let later = editor.records.map { record in
      var record = record
      record.time += 600 * 1_000_000_000
      return record
    }
    editor.records += later
    let reports = Trace.reports(editor)
    #expect(reports.count == 2 && reports.allSatisfy { $0.flow.outcome == .rejected })
  }

  /// TS 24.229 §5.4.1.4: the other contact stays, and with it what the HSS knows.
  @Test func oneDeviceOfTwoThatGoesNeedsNoServerAssignment() throws {
    func fired(_ contacts: String) throws -> Bool {
      let reports = try Self.reports(
        Told.challengedAgain(Self.gone) + Told.answered("200 OK\n  \(contacts)", Self.gone))
      return reports.flatMap(\.findings).contains { $0.rule == "SEQ007" }
    }
    #expect(try !fired("Contact: <sip:10.10.0.9:5060>;expires=3400"))
    #expect(try fired("-Contact"))
  }

  /// RFC 3261 §10.3: no interval is too brief for a REGISTER that takes the registration away.
  @Test func aRefusedDeregistrationIsNoFaultOfTheInterval() throws {
    let request = "UE -> P: REGISTER sip:hims.net"
    let trace = Told.forwarded.replacing(request, with: request + Self.gone) + Told.refused("423 Interval Too Brief")
    let report = try #require(try Self.reports(trace).first)
    #expect(report.causes.first?.id == .protocolError, "\(report.causes.map(\.sentence))")
  }
}
