import IMSDiameter
import IMSFlows
import IMSForge
import IMSRules
import Testing

/// Two registrations of one subscriber at one time: each has its own Cx exchanges.
@Suite struct OverlapTests {
  private static let registration = Told.challenged + "\nwait 100ms" + Told.granted + "\n"

  /// The second one begins so many milliseconds after the first, whose own 401 comes after 9, its answer after 110.
  @Test(arguments: [1, 2, 3, 5, 8, 12, 30, 60, 90, 100, 105, 110, 112, 118, 130])
  func eachHasItsExchanges(after milliseconds: Int64) throws {
    let alone = try Self.reports(Self.registration, milliseconds: nil)
    let reports = try Self.reports(Self.registration + "restart\n" + Self.registration, milliseconds: milliseconds)
    #expect(reports.count == 2)
    for report in reports {
      #expect(report.flow.outcome == .registered)
      #expect(report.findings.map(\.rule) == alone[0].findings.map(\.rule))
      let asked = report.flow.exchanges.compactMap(\.request).compactMap { report.flow.messages[$0].command }
      #expect(asked == [.userAuthorization, .multimediaAuth, .userAuthorization, .serverAssignment])
      #expect(report.flow.exchanges.map(\.round) == [0, 0, 1, 1])
    }
  }

  private static func reports(_ trace: String, milliseconds: Int64?) throws -> [FlowReport] {
    var editor = try CaptureEditor(try TraceText(trace).bytes)
    if let milliseconds {
      let start = editor.records[0].time
      let second = editor.records[editor.records.count / 2].time
      editor.shiftTimes(by: start + milliseconds * 1_000_000 + 500_000 - second) { $0.time >= second }
      editor.sortByTime()
    }
    return Trace.reports(editor)
  }
}
