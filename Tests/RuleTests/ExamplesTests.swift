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
    let findings = reports(of: trace).flatMap(\.findings).filter { $0.rule == sample.rule.id }
    #expect(!findings.isEmpty)
    let frames = Set(findings.flatMap(\.frames).map { Int($0.frame) })
    #expect(!trace.flaggedFrames.isEmpty, "no arrow bears the mark")
    #expect(Set(trace.flaggedFrames).isSubset(of: frames), "findings point at \(frames.sorted())")
  }

  @Test(arguments: clean) func keepsSilentOnItsCleanExample(_ sample: Case) throws {
    let reports = reports(of: try TraceText(sample.example.trace))
    #expect(!reports.isEmpty)
    #expect(reports.flatMap(\.findings).filter { $0.rule == sample.rule.id }.isEmpty)
  }

  private func reports(of trace: TraceText) -> [FlowReport] {
    var options = Options()
    options.profile = .strict
    var reports: [FlowReport] = []
    _ = Analyzer(options).run([.file(BlockFile(bytes: trace.bytes))]) { reports.append($0) }
    return reports
  }
}
