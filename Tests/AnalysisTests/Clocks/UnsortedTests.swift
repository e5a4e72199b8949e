import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import TestSupport
import Testing

/// Files whose records stand out of order, as writers with several queues and careless merging leave them.
@Suite struct UnsortedTests {
  static let captures = ["01b-aka-udp-uar2", "05-rereg-dereg"]

  /// Everything that is said of a registration, but for frame numbers.
  private static func account(_ report: FlowReport) -> [String] {
    let flow = report.flow
    var lines = [
      "\(flow.kind) \(flow.mechanism) \(flow.outcome) \(flow.finalStatus ?? 0) \(flow.start) \(flow.end) \(flow.callIDs)"
    ]
    lines += flow.messages.map { placed in
      let sent = placed.message.transmissions.map { "\($0.sightings.count) at \($0.time.nanoseconds)" }
      return "\(placed.step ?? "–") \(placed.hop?.rawValue ?? "–") \(placed.message.source): \(sent)"
    }
    lines += flow.deviations.map { "\($0.kind) \($0.step) \($0.hop.rawValue) \($0.label)" }
    lines += report.findings.map { "\($0.severity) \($0.rule) \($0.message): \($0.observed)" }
    lines += report.passed + report.notApplicable + report.notObservable.map { "\($0.rule) \($0.reason)" }
    return lines
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures, [1, 2, 3] as [UInt64])
  func aFileShuffledWithinTwoSecondsSaysWhatTheSortedOneSays(_ scenario: String, _ seed: UInt64) throws {
    var capture = try CaptureEditor(Files.scenario(scenario))
    let sorted = Lab.run([capture.pcapng])
    capture.shuffle(within: 2_000_000_000, seed: seed)
    let shuffled = Lab.run([capture.pcapng])
    #expect(!sorted.reports.isEmpty)
    #expect(shuffled.reports.count == sorted.reports.count)
    for (found, expected) in zip(shuffled.reports, sorted.reports) {
      let difference = Self.account(found).difference(from: Self.account(expected))
      #expect(difference.isEmpty, "\(difference.map { "\($0)" })")
    }
    #expect(shuffled.run.coverage.messages == sorted.run.coverage.messages)
    #expect(shuffled.run.coverage.strays == sorted.run.coverage.strays)
    #expect(shuffled.run.coverage.hops.spans == sorted.run.coverage.hops.spans)
  }

  private func disorder(_ run: RunReport) -> [IssueLog.Entry] { run.coverage.issues.filter { $0.layer == "order" } }

  @Test func grossStepsBackAreCounted() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    #expect(disorder(Lab.run([capture.pcapng]).run) == [])
    capture.records[40].time -= 7_654_000_000
    capture.records[60].time -= 2_000_000_000
    let issues = disorder(Lab.run([capture.pcapng]).run)
    #expect(issues.map(\.count) == [2])
    #expect(issues.first?.frames == [40, 41, 60].map { .init(input: 0, frame: $0) })
    #expect(issues.first?.reason.hasPrefix("stamps go back, by 76") == true, "\(issues)")
  }

  /// A single stamp from far ahead: the frames behind it are in order.
  @Test func oneFrameAheadIsOnePlace() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    capture.records[40].time += 30_000_000_000
    let issues = disorder(Lab.run([capture.pcapng]).run)
    #expect(issues.map(\.count) == [1])
    #expect(issues.first?.frames == [41, 42].map { .init(input: 0, frame: $0) })
  }

  /// What two queues of one interface do is no disorder to speak of, and neither are two files side by side.
  @Test func smallStepsAndTwoFilesAreNotCounted() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let files = [0, 3].map { capture.only(interface: $0).pcapng }
    #expect(disorder(Lab.run(files).run) == [])
    capture.shuffle(within: 900_000_000, seed: 5)
    #expect(disorder(Lab.run([capture.pcapng]).run) == [])
  }

  @Test func theFileThatIsOutOfOrderIsNamed() throws {
    let capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    var other = capture
    other.records[90].time -= 3_000_000_000
    let issues = disorder(Lab.run([capture.pcapng, other.pcapng]).run)
    #expect(issues.map(\.frames) == [[.init(input: 1, frame: 90), .init(input: 1, frame: 91)]])
  }
}
