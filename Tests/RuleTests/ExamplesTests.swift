import IMSAnalysis
import IMSBytes
import IMSForge
import IMSMessages
import IMSRules
import Testing

/// Every example of every rule, run through the whole program from the bytes of a capture.
@Suite struct ExamplesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rule: Rule
    var example: Example
    var testDescription: String { "\(rule.id): \(example.title)" }
  }

  static let flagged = Catalogue.rules.flatMap { rule in rule.flagged.map { Case(rule: rule, example: $0) } }
  static let clean = Catalogue.rules.flatMap { rule in rule.clean.map { Case(rule: rule, example: $0) } }

  @Test(arguments: flagged) func firesOnItsFlaggedExample(_ sample: Case) throws {
    let trace = try TraceText(sample.example.trace)
    let (reports, run) = run(trace)
    let findings = (reports.flatMap(\.findings) + run.captureFindings).filter { $0.rule == sample.rule.id }
    #expect(!findings.isEmpty)
    // What is wrong with the capture as a whole is no message's fault.
    if sample.rule.isOfCapture { return }
    let frames = Set(findings.flatMap(\.frames).map { Int($0.frame) })
    #expect(!trace.flaggedFrames.isEmpty, "no arrow bears the mark")
    #expect(Set(trace.flaggedFrames).isSubset(of: frames), "findings point at \(frames.sorted())")
  }

  @Test(arguments: clean) func keepsSilentOnItsCleanExample(_ sample: Case) throws {
    let (reports, run) = run(try TraceText(sample.example.trace))
    #expect(!reports.isEmpty)
    let findings = reports.flatMap(\.findings) + run.captureFindings
    #expect(findings.filter { $0.rule == sample.rule.id }.isEmpty)
  }

  private func run(_ trace: TraceText) -> (reports: [FlowReport], run: RunReport) {
    var options = Options()
    options.profile = .strict
    var reports: [FlowReport] = []
    let run = Analyzer(options).run([.file(BlockFile(bytes: trace.bytes))]) { reports.append($0) }
    return (reports, run)
  }
}
