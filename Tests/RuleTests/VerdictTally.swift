import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules

/// What rules said of registrations, by rule.
struct VerdictTally {
  /// In the order in which a cell shows them.
  enum Verdict: Int, CaseIterable, Comparable {
    case failed, passed, notObservable, notApplicable

    var mark: String {
      switch self {
      case .failed: "!"
      case .passed: "+"
      case .notObservable: "?"
      case .notApplicable: "·"
      }
    }

    static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }
  }

  private(set) var verdicts: [String: Set<Verdict>] = [:]

  init() {}

  /// Everything that is found in a capture, every rule as written.
  init(_ bytes: [UInt8]) { add(bytes) }

  mutating func add(_ bytes: [UInt8]) {
    var options = Options()
    options.profile = .strict
    let run = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { add($0) }
    for rule in Catalogue.rules where rule.isOfCapture { note(rule.id, VerdictTally.verdict(of: rule, in: run)) }
  }

  private mutating func add(_ report: FlowReport) {
    for finding in report.findings { note(finding.rule, .failed) }
    for rule in report.passed { note(rule, .passed) }
    for unseen in report.notObservable { note(unseen.rule, .notObservable) }
    for rule in report.notApplicable { note(rule, .notApplicable) }
  }

  mutating func merge(_ other: VerdictTally) { verdicts.merge(other.verdicts) { $0.union($1) } }

  private mutating func note(_ rule: String, _ verdict: Verdict) { verdicts[rule, default: []].insert(verdict) }

  /// A rule of the capture as a whole is about its clocks, and applies where two points saw one packet.
  private static func verdict(of rule: Rule, in run: RunReport) -> Verdict {
    if run.captureFindings.contains(where: { $0.rule == rule.id }) { return .failed }
    return run.coverage.clocks.readings.contains { $0.state != .reference } ? .passed : .notApplicable
  }

  func has(_ verdict: Verdict, _ rule: String) -> Bool { verdicts[rule]?.contains(verdict) ?? false }

  /// "!+": the verdicts of all registrations; "not applicable" only where there is no other.
  func cell(_ rule: String) -> String {
    let all = (verdicts[rule] ?? []).sorted()
    let telling = all.filter { $0 != .notApplicable }
    return (telling.isEmpty ? all : telling).map(\.mark).joined()
  }
}
