package import IMSFlows
import IMSMessages

/// Runs the catalogue over one registration. The engine, not the rule, decides "not applicable" and "not observable".
package struct Checker: Sendable {
  private typealias OfRegistration = (rule: Rule, check: @Sendable (Flow, inout Reporter) -> Void)
  private typealias OfCapture = (rule: Rule, check: @Sendable (RunReport, inout Reporter) -> Void)

  private let rules: [OfRegistration]
  private let captureRules: [OfCapture]
  private let profile: Profile
  private let suppressions: Suppressions
  /// Both guards of the sequence are among the rules: without them nothing is called compliant.
  private let hasGuards: Bool

  /// Whether the registration was challenged, and whether the HSS was told.
  private static let guards: Set<String> = ["SEQ001", "SEQ007"]

  package init(
    _ rules: [Rule] = Catalogue.rules, profile: Profile = .field, suppressions: Suppressions = Suppressions()
  ) {
    self.rules = rules.compactMap { if case .registration(let check) = $0.check { ($0, check) } else { nil } }
    captureRules = rules.compactMap { if case .capture(let check) = $0.check { ($0, check) } else { nil } }
    self.profile = profile
    self.suppressions = suppressions
    hasGuards = Checker.guards.isSubset(of: rules.map(\.id))
  }

  package func check(_ flow: Flow) -> FlowReport {
    var report = FlowReport(flow: flow)
    let cut = Set(flow.messages.lazy.filter(\.message.isTruncated).compactMap(\.hop))
    for (rule, check) in rules {
      switch outcome(of: rule, check, on: flow, cut: cut) {
      case .pass: report.passed.append(rule.id)
      case .fail(let findings): report.findings += findings
      case .notApplicable: report.notApplicable.append(rule.id)
      case .notObservable(let reason, let hop):
        report.notObservable.append(FlowReport.NotObservable(rule: rule.id, reason: reason, hop: hop))
      }
    }
    report.verdict = verdict(of: report)
    report.suppressed = suppress(&report.findings, in: flow)
    return report
  }

  /// Takes those out that are accepted.
  private func suppress(_ findings: inout [Finding], in flow: Flow?) -> [Suppressed] {
    let accepted = findings.map { suppressions.suppressed($0, in: flow, profile) }
    guard accepted.contains(where: { $0 != nil }) else { return [] }
    findings = zip(findings, accepted).filter { $0.1 == nil }.map(\.0)
    return accepted.compactMap(\.self)
  }

  /// What the rules of the capture say of the whole.
  package func check(_ run: RunReport) -> (findings: [Finding], suppressed: [Suppressed]) {
    var findings = captureRules.flatMap { rule, check in
      var reporter = Reporter([])
      check(run, &reporter)
      return reporter.violations.map { Finding($0, of: rule, profile, in: nil) }
    }
    let suppressed = suppress(&findings, in: nil)
    return (findings, suppressed)
  }

  /// - Parameter cut: hops with a message of which the capture has only the beginning: nothing passes there.
  private func outcome(
    of rule: Rule, _ check: (Flow, inout Reporter) -> Void, on flow: Flow, cut: Set<Hop>
  ) -> Outcome {
    guard rule.when.holds(flow) else { return .notApplicable }
    for need in rule.needs where !need.isScope {
      switch need.unmet(by: flow) {
      case .unobservable(let reason, let hop): return .notObservable(reason, hop)
      case .notSent: return .notApplicable
      case nil: break
      }
    }
    var reporter = Reporter(flow.messages)
    check(flow, &reporter)
    if !reporter.violations.isEmpty {
      return .fail(reporter.violations.map { Finding($0, of: rule, profile, in: flow) })
    }
    if let (reason, hop) = reporter.obstacle { return .notObservable(reason, hop) }
    for need in rule.needs where need.isScope {
      if case .unobservable(let reason, let hop) = need.unmet(by: flow) { return .notObservable(reason, hop) }
    }
    if !cut.isEmpty, let hop = rule.needs.lazy.flatMap(\.hops).first(where: { cut.contains($0) }) {
      return .notObservable(.truncated, hop)
    }
    return .pass
  }

  /// Inconclusive when the capture does not say how it ended, or too little of the sequence was seen to judge it: neither
  /// whether it was challenged nor whether the HSS was asked, or messages of which the capture has only the beginning. What
  /// is accepted is no less a deviation.
  private func verdict(of report: FlowReport) -> FlowReport.Verdict {
    if report.findings.contains(where: { $0.severity == .error }) { return .nonCompliant }
    let unseen = report.notObservable.contains { Checker.guards.contains($0.rule) || $0.reason == .truncated }
    return report.flow.outcome == .partial || unseen || !hasGuards ? .inconclusive : .compliant
  }
}
