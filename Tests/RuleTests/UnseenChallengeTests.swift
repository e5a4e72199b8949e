import IMSFlows
import IMSForge
import IMSRules
import Testing

/// A recorder that lost the challenge shows a UE that answers it all the same: one registration, and no fault of anybody.
@Suite struct UnseenChallengeTests {
  /// One capture point, or nil for all.
  @Test(arguments: [0, 1, 3, 4, 5, nil] as [Int?]) func aLostChallengeBreaksNoRule(point: Int?) throws {
    var editor = try Trace.sample("aka-registration.pcapng")
    if let point { editor.keep(interface: point) }
    let plain = try #require(Trace.reports(editor).first)
    editor.dropPackets(containing: "SIP/2.0 401")
    let reports = Trace.reports(editor)
    let report = try #require(reports.first)
    #expect(reports.count == 1 && report.flow.outcome == plain.flow.outcome && report.flow.kind == plain.flow.kind)
    #expect(Set(plain.findings.map(\.rule)).isSuperset(of: report.findings.map(\.rule)), "\(report.findings)")
    #expect(report.flow.cause.hasPrefix("challenged, which was not captured, granted for "), "\(report.flow.cause)")
  }
}
