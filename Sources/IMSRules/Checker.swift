package import IMSFlows
import IMSMessages

/// Runs the catalogue over one registration. The engine, not the rule, decides "not applicable" and "not observable".
package struct Checker: Sendable {
  private typealias OfCapture = (rule: Rule, check: @Sendable (RunReport, inout Reporter) -> Void)

  private let prepared: PreparedRules
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
    prepared = PreparedRules(rules)
    captureRules = rules.compactMap { if case .capture(let check) = $0.check { ($0, check) } else { nil } }
    self.profile = profile
    self.suppressions = suppressions
    hasGuards = Checker.guards.isSubset(of: rules.map(\.id))
  }

  package func check(_ flow: Flow) -> FlowReport {
    var report = FlowReport(flow: flow)
    var cut = HopSet([])
    for index in flow.messages.indices where flow.messages[index].message.isTruncated {
      if let hop = flow.messages[index].hop { cut.insert(hop) }
    }
    let (rules, conditions) = prepared.rules
    var applicability = Applicability(count: conditions)
    report.passed.reserveCapacity(rules.count)
    var reporter = Reporter(flow.messages)
    for prepared in rules {
      guard applicability.holds(prepared.condition, prepared.when, flow) else {
        report.notApplicable.append(prepared.id)
        continue
      }
      switch outcome(of: prepared, on: flow, cut: cut, &reporter) {
      case .pass: report.passed.append(prepared.id)
      case .fail(let findings): report.findings += findings
      case .notApplicable: report.notApplicable.append(prepared.id)
      case .notObservable(let reason, let hop):
        report.notObservable.append(FlowReport.NotObservable(rule: prepared.id, reason: reason, hop: hop))
      }
    }
    report.verdict = verdict(of: report)
    report.suppressed = suppress(&report.findings, in: flow)
    report.proof = flow.keyProof
    report.causes = CauseFinder.causes(of: flow)
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

  /// - Parameters:
  ///   - cut: hops with a message of which the capture has only the beginning: nothing passes there.
  ///   - reporter: of the registration; empty before and after.
  private func outcome(of prepared: PreparedRule, on flow: Flow, cut: HopSet, _ reporter: inout Reporter) -> Outcome {
    for need in prepared.needs {
      switch need.unmet(by: flow, of: prepared.rule) {
      case .unobservable(let reason, let hop): return .notObservable(reason, hop)
      case .notSent: return .notApplicable
      case nil: break
      }
    }
    prepared.check(flow, &reporter)
    if reporter.hasReported {
      defer { reporter.clear() }
      if !reporter.violations.isEmpty {
        return .fail(reporter.violations.map { Finding($0, of: prepared.rule, profile, in: flow) })
      }
      if let (reason, hop) = reporter.obstacle { return .notObservable(reason, hop) }
    }
    for need in prepared.scopes {
      if case .unobservable(let reason, let hop) = need.unmet(by: flow, of: prepared.rule) {
        return .notObservable(reason, hop)
      }
    }
    if !prepared.hops.isDisjoint(with: cut),
      let hop = prepared.rule.needs.lazy.flatMap(\.hops).first(where: { cut.contains($0) })
    {
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
