import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// A capture taken with a snap length shows the beginning of each packet: what is not in it may have stood behind the cut.
@Suite struct CutMessageTests {
  static let lengths = [200, 300, 400, 500, 600, 800, 1000, 1200, 1400]

  @Test(arguments: lengths) func aCutCaptureIsNotAccusedOfWhatWasCutOff(_ length: Int) throws {
    var editor = try Trace.compliant()
    editor.mapRecords { $0.bytes = Array($0.bytes.prefix(length)) }
    for report in Trace.reports(editor) {
      #expect(report.findings.map(\.message) == [])
      #expect(report.flow.kind != .fetch)
      #expect(report.verdict == .inconclusive)
    }
  }

  @Test func whatIsCutDoesNotPass() throws {
    var editor = try Trace.compliant()
    editor.mapRecords { $0.bytes = Array($0.bytes.prefix(600)) }
    let passed = Set(Trace.reports(editor).flatMap(\.passed))
    #expect(passed.isDisjoint(with: ["SEQ001", "RTE002", "RTE006", "VIA001", "AUT015", "PRV001"]))
  }

  @Test func keysThatStandBeforeTheCutAreStillALeak() throws {
    var editor = try Trace.sample("aka-registration.pcapng")
    editor.mapRecords { $0.bytes = Array($0.bytes.prefix(800)) }
    let findings = Trace.reports(editor).flatMap(\.findings)
    #expect(findings.map(\.rule) == ["PRV001"])
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func theRecordedCutCaptureGivesNoFinding() throws {
    let editor = try CaptureEditor(Files.scenario("variants-of-01b", "merged-snaplen300.pcapng"))
    let reports = Trace.reports(editor)
    #expect(reports.map(\.findings.count) == [0])
    let path = try #require(reports.first).notObservable.first { $0.rule == "RTE002" }
    #expect(path?.reason == .truncated)
    #expect(path?.hop == .h1)
  }
}
