import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// Captures that a filter, a snap length or a coarse clock made poorer: what they lack is not judged.
@Suite struct HalfPictureTests {
  private static func reports(_ trace: String) throws -> [FlowReport] {
    Trace.reports(try TraceText(trace).bytes, profile: .strict)
  }

  /// `port 5060 or port 3868`: what went in ESP and between the CSCFs is not there, Cx is.
  @Test func cxOfHiddenREGISTERsIsNotPutDownToTheFirst() throws {
    let reports = try Self.reports(
      """
      UE -> P: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      S -> HSS: MAR
      HSS -> S: MAA
      P -> UE: 401 Unauthorized
      wait 100ms
      I -> HSS: UAR
      HSS -> I: UAA
      S -> HSS: SAR
      HSS -> S: SAA
      wait 300ms
      I -> HSS: UAR
        User-Authorization-Type: 1
      HSS -> I: UAA
      S -> HSS: SAR
        Server-Assignment-Type: 5
      HSS -> S: SAA
      """)
    #expect(
      !reports.flatMap(\.findings).contains { ["CX003", "CX004"].contains($0.rule) }, "\(reports.map(\.findings))")
  }

  /// Of the first REGISTER Cx alone was captured: its MAR is not that of the resynchronisation.
  @Test func theMARBeforeTheFirstREGISTERIsOfAnother() throws {
    var editor = try CaptureEditor(
      try TraceText(
        Told.challenged + "\nwait 100ms" + Told.challengedAgain(Told.resynchronisation) + "\nwait 100ms"
          + Told.granted
      ).bytes)
    let challenges = editor.records.indices.filter { editor.records[$0].transport?.matches("SIP/2.0 401") ?? false }
    let first = editor.records[challenges[2]].time
    editor.drop { record in record.time <= first && (record.transport?.isUDP ?? false) }
    let reports = Trace.reports(editor)
    #expect(!reports.flatMap(\.findings).contains { $0.rule == "AUT016" }, "\(reports.flatMap(\.findings))")
  }

  /// Seconds, as some recorders stamp.
  @Test func coarseStampsMoveNoQuestionToTheNextREGISTER() throws {
    let trace = Told.challenged + "\nwait 100ms" + Told.granted
    let fine = try #require(try Self.reports(trace).first)
    var editor = try CaptureEditor(try TraceText(trace).bytes)
    editor.mapRecords { $0.time -= $0.time % 1_000_000_000 }
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.exchanges.map(\.round) == fine.flow.exchanges.map(\.round))
    #expect(Set(report.findings.map(\.rule)).isSubset(of: fine.findings.map(\.rule)), "\(report.findings)")
  }

  // MARK: snap lengths

  /// At every length the UE's answer is an answer, and nothing is said of what stands behind the cut.
  @Test func aSnapLengthWithinTheCredentialsTellsNoOtherStory() throws {
    let editor = try CaptureEditor(try TraceText(Told.challenged + Told.answered("403 Forbidden", Told.wrong)).bytes)
    for length in stride(from: 300, to: 1400, by: 25) {
      var cut = editor
      cut.mapRecords { record in
        if record.transport?.isUDP ?? false { record.bytes = Array(record.bytes.prefix(length)) }
      }
      let reports = Trace.reports(cut)
      #expect(!reports.contains { $0.flow.outcome == .abandoned }, "\(length): \(reports.map(\.flow.cause))")
      let said = reports.flatMap(\.causes).filter { $0.id == .mac || $0.id == .policy && $0.evidence != .possible }
      #expect(said.isEmpty, "\(length): \(said.map(\.sentence))")
    }
  }

  @Test func aCutContactMayTakeAwayWhatItNames() throws {
    var editor = try CaptureEditor(
      try TraceText(
        "UE -> P: REGISTER sip:hims.net\n  Contact: <sip:10.10.0.2:5060>;expires=0\nP -> UE: 200 OK\n"
      ).bytes)
    let whole = try #require(Trace.reports(editor).first)
    #expect(whole.flow.kind == .deregistration)
    let contact = try #require(editor.records[0].bytes.firstRange(of: Array(";expires=0".utf8)))
    editor.mapRecords { $0.bytes = Array($0.bytes.prefix(contact.lowerBound)) }
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.kind == .unknown && report.flow.outcome == .partial)
  }

  // MARK: several recorders

  /// The recorder at the UE has nothing to tell for minutes, and goes on behind.
  @Test(arguments: [false, true]) func aQuietRecorderIsRecording(isLast: Bool) throws {
    let capture = try CaptureEditor(
      try TraceText(
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          -Security-Server
        wait 243s
        user bob
        I -> HSS: UAR
        HSS -> I: UAA
        wait 20s
        S -> HSS: MAR
        HSS -> S: MAA
        wait 200s
        UE -> P: OPTIONS sip:hims.net
        """
      ).bytes)
    var (ue, core) = (capture, capture)
    ue.drop { !($0.transport?.isUDP ?? false) }
    core.drop { $0.transport?.isUDP ?? false }
    #expect(ue.records.count == 3 && core.records.count == 4)
    let files = [ue, core].map { FrameLoop.Source.file(BlockFile(bytes: $0.pcapng)) }
    var reports: [FlowReport] = []
    _ = Analyzer(Options()).run(isLast ? files.reversed() : files) { reports.append($0) }
    let report = try #require(
      reports.first { $0.flow.impu?.string.contains("bob") == false && !$0.flow.rounds.isEmpty })
    #expect(report.flow.outcome == .abandoned, "\(report.flow.cause)")
    #expect(report.findings.contains { $0.rule == "SEQ002" })
  }

  // MARK: recordings

  enum Filter: Sendable {
    /// `port 5060 or port 3868`
    case ports
    case tcp, udp

    func keeps(_ packet: PacketEditor) -> Bool {
      switch self {
      case .ports: [5060, 3868].contains { packet.source.port == $0 || packet.destination.port == $0 }
      case .tcp: !packet.isUDP
      case .udp: packet.isUDP
      }
    }
  }

  /// Rules that speak of what the filter left out.
  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: [
      ("17a-ipsec-esp-null", .ports, "CX003"), ("17b-ipsec-esp-aes", .ports, "CX003"),
      ("08-sync-failure", .tcp, "AUT016"), ("13-loss", .udp, "HDR006"),
    ] as [(String, Filter, String)])
  func aFilterBreaksNoRule(scenario: String, filter: Filter, rule: String) throws {
    var editor = try CaptureEditor(Files.scenario(scenario))
    editor.drop { record in record.transport.map { !filter.keeps($0) } ?? true }
    let reports = Trace.reports(editor)
    #expect(!reports.isEmpty && !reports.flatMap(\.findings).contains { $0.rule == rule })
  }
}
