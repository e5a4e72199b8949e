import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import TestSupport
import Testing

/// Rules that judge the capture as a whole.
@Suite struct CaptureRuleTests {
  private func run(_ files: [[UInt8]], profile: Profile = .strict) -> (reports: [FlowReport], run: RunReport) {
    var options = Options()
    options.profile = profile
    var reports: [FlowReport] = []
    let run = Analyzer(options).run(files.map { .file(BlockFile(bytes: $0)) }) { reports.append($0) }
    return (reports, run)
  }

  private func recording() throws -> CaptureEditor { try Trace.sample("aka-registration.pcapng") }

  @Test func clocksInStepAreNoFinding() throws {
    let (reports, run) = run([try recording().pcapng])
    #expect(!reports.isEmpty && run.captureFindings == [])
    #expect(run.coverage.clocks.readings.contains { $0.state == .inStep })
  }

  @Test func oneCapturePointIsNoFinding() throws {
    var capture = try recording()
    capture.keep(interface: 3)
    let (reports, run) = run([capture.pcapng])
    #expect(!reports.isEmpty && run.captureFindings == [] && run.coverage.clocks.readings.isEmpty)
  }

  @Test func aCorrectedClockIsSaidOnceForTheCaptureAndInNoRegistration() throws {
    var capture = try recording()
    capture.shiftTimes(by: -240_000_000) { $0.interface == 3 }
    capture.sortByTime()
    let (reports, run) = run([capture.pcapng])
    #expect(run.captureFindings.map(\.rule) == ["TIM008"])
    let finding = try #require(run.captureFindings.first)
    #expect(finding.severity == .info && finding.frames == [] && finding.messages == [])
    #expect(finding.message.hasPrefix("the clock of if3 is off by -2"), "\(finding.message)")
    #expect(finding.observed.hasPrefix("± 0."), "\(finding.observed)")
    #expect(run.findings[.info] == 1)
    #expect(!reports.isEmpty)
    for report in reports {
      let named = report.findings.map(\.rule) + report.passed + report.notApplicable + report.notObservable.map(\.rule)
      #expect(!named.contains("TIM008"))
    }
  }

  /// What a point sent is missing: no way to tell a slow way from a wrong clock.
  @Test(arguments: [(Int64(260), true), (-260, true), (60, false)])
  func anOffsetThatCannotBeCorrectedIsAWarningWhenItIsLarge(_ milliseconds: Int64, _ isFound: Bool) throws {
    let trace = try TraceText(
      """
      clock P \(milliseconds < 0 ? "-" : "+")\(abs(milliseconds))ms received
      UE -> P: REGISTER sip:hims.net
      P -> UE: 401 Unauthorized
      UE -> P: REGISTER sip:hims.net
      P -> UE: 200 OK
      wait 20s
      UE -> P: REGISTER sip:hims.net
      P -> UE: 200 OK
      """)
    let (reports, run) = run([trace.bytes])
    #expect(reports.count == 2)
    #expect(run.captureFindings.map(\.severity) == (isFound ? [.warning] : []))
    #expect(
      run.captureFindings.allSatisfy { $0.message.contains("off by \(milliseconds < 0 ? "-" : "+")260.000 ms or more") }
    )
  }

  @Test func theSeedProfileOnlyRemarks() throws {
    let trace = try TraceText(
      """
      clock P +300ms received
      UE -> P: REGISTER sip:hims.net
      P -> UE: 401 Unauthorized
      UE -> P: REGISTER sip:hims.net
      P -> UE: 401 Unauthorized
      UE -> P: REGISTER sip:hims.net
      P -> UE: 200 OK
      """)
    #expect(run([trace.bytes], profile: .seed).run.captureFindings.map(\.severity) == [.info])
  }

  /// Every clock of the recordings is right: they were made on one host.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: Files.captures(in: "lab"))
  func theRecordingsHaveOneClock(_ capture: URL) throws {
    #expect(run([[UInt8](try Data(contentsOf: capture))]).run.captureFindings.map(\.message) == [])
  }
}
