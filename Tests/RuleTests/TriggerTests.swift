import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSRules
import TestSupport
import Testing

/// A rule that is not run for want of a trigger would have found nothing: whatever is captured, a registration is told the same
/// when every rule is run.
@Suite struct TriggerTests {
  private func expectAlike(_ reports: [FlowReport], _ source: Comment) {
    let every = Checker(profile: .strict, dismisses: false)
    for report in reports {
      var full = FlowReport(flow: report.flow)
      every.check(&full)
      #expect(report.findings == full.findings, source)
      #expect(report.passed == full.passed, source)
      #expect(report.notApplicable == full.notApplicable, source)
      #expect(report.notObservable == full.notObservable, source)
      #expect(report.verdict == full.verdict, source)
    }
  }

  @Test func everyTriggerIsOfARule() {
    let used = Set(Catalogue.rules.compactMap(\.trigger))
    #expect(used == Set(Trigger.allCases))
  }

  @Test(arguments: ExamplesTests.flagged + ExamplesTests.clean) func examplesAreJudgedAlike(
    _ sample: ExamplesTests.Case
  )
    throws
  {
    let bytes = try TraceText(sample.example.trace).bytes
    expectAlike(Trace.reports(bytes, profile: .strict), "\(sample.testDescription)")
  }

  @Test(arguments: AlteredTraceTests.alterations) func alteredTracesAreJudgedAlike(
    _ alteration: AlteredTraceTests.Alteration
  ) throws {
    var editor = try alteration.compliant()
    alteration.apply(&editor)
    expectAlike(Trace.reports(editor), "\(alteration.testDescription)")
  }

  @Test(arguments: Files.sampleCaptures) func samplesAreJudgedAlike(_ capture: URL) throws {
    expectAlike(Trace.reports(try Files.bytes(capture), profile: .strict), "\(capture.lastPathComponent)")
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: Files.captures(in: "lab"))
  func recordedScenariosAreJudgedAlike(_ capture: URL) throws {
    guard capture.lastPathComponent.hasPrefix("merged") else { return }
    expectAlike(Trace.reports(try Files.bytes(capture), profile: .strict), "\(capture.path)")
  }

  /// Some octets of the messages are others: headers, parameters and AVPs that no example thought of.
  @Test(arguments: 0..<60) func damagedTracesAreJudgedAlike(_ seed: Int) throws {
    let names = ["aka-registration.pcapng", "ipsec-registration.pcapng", "sip-digest.pcapng", "seed-registration.pcap"]
    var editor = try Trace.sample(names[seed % names.count])
    var numbers = SeededNumbers(seed: UInt64(seed))
    editor.editPackets { packet in
      guard packet.payload.count > 100, Int.random(in: 0..<3, using: &numbers) == 0 else { return }
      let place = Int.random(in: 20..<packet.payload.count, using: &numbers)
      let other = Int.random(in: 20..<packet.payload.count, using: &numbers)
      packet.payload[place] = packet.payload[other]
    }
    expectAlike(Trace.reports(editor), "seed \(seed)")
  }
}
