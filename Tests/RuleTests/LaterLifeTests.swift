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

  /// Whoever restarts begins with the same Call-ID and the same numbers again.
  @Test(arguments: [4, 20]) func aRestartWithTheSameCallIsARegistrationOfItsOwn(seconds: Int64) throws {
    let trace = Told.challenged + "\nwait 100ms" + Told.granted
    var editor = try CaptureEditor(try TraceText(trace).bytes)
    let first = editor.records
    editor.editPackets { packet in
      packet.payload = packet.payload.replacing(Array("branch=z9hG4bK".utf8), with: Array("branch=z9hG4bKagain".utf8))
    }
    editor.mapRecords { $0.time += seconds * 1_000_000_000 }
    editor.records = first + editor.records
    let reports = Trace.reports(editor)
    #expect(reports.map(\.flow.outcome) == [.registered, .registered])
    #expect(reports.allSatisfy { $0.flow.rounds.count == 2 })
    #expect(!reports.flatMap(\.findings).contains { ["REG006", "VIA002"].contains($0.rule) })
  }

  /// RFC 3261 §22.2: the answer to a challenge has the next CSeq. One that has not is no restart.
  @Test func anAnswerByTheSameNumberBeginsNothing() throws {
    var editor = try CaptureEditor(try TraceText(Told.challenged + "\nwait 3s" + Told.granted).bytes)
    editor.editPackets { packet in
      packet.payload = packet.payload.replacing(Array("CSeq: 2 ".utf8), with: Array("CSeq: 1 ".utf8))
    }
    let reports = Trace.reports(editor)
    #expect(reports.map(\.flow.outcome) == [.registered])
    #expect(reports[0].findings.contains { $0.rule == "REG006" })
    #expect(!reports[0].findings.contains { $0.rule == "SEQ002" })
  }

  /// TS 24.229 §5.4.1.2.1: reg-await-auth ran out, which the HSS is told.
  @Test(arguments: [20, 239]) func whatTheSCSCFWaitedForInVainIsOneRegistration(seconds: Int) throws {
    let timeout = "S -> HSS: SAR\n  Server-Assignment-Type: 10\nHSS -> S: SAA\n"
    let reports = try Self.reports(Told.challenged + "\nwait \(seconds)s\n" + timeout)
    #expect(reports.map(\.flow.outcome) == [.abandoned])
    let flow = try #require(reports.first?.flow)
    #expect(flow.exchanges.count == 3 && flow.cause.contains("SAR AUTHENTICATION_TIMEOUT"), "\(flow.cause)")
  }

  /// RFC 3261 §22.3: a proxy may challenge too.
  @Test func theAnswerToAProxyContinuesTheRegistration() throws {
    let challenge = "407 Proxy Authentication Required\n  Proxy-Authenticate: Digest realm=\"hims.net\",nonce=\"1\""
    let answer = "\n  Proxy-Authorization: Digest username=\"name\",realm=\"hims.net\",nonce=\"1\",response=\"2\""
    let reports = try Self.reports(
      "UE -> P: REGISTER sip:hims.net\nP -> UE: \(challenge)\nUE -> P: REGISTER sip:hims.net\(answer)\nP -> UE: 200 OK")
    #expect(reports.map(\.flow.outcome) == [.registered])
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
