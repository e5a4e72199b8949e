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
  /// A rule without something to say is not run.
  private let dismisses: Bool

  /// Whether the registration was challenged, and whether the HSS was told.
  private static let guards: Set<String> = ["SEQ001", "SEQ007"]

  /// - Parameter dismisses: false to run every rule on every registration that it applies to; it makes no difference to what
  ///   is found.
  package init(
    _ rules: [Rule] = Catalogue.rules, profile: Profile = .field, suppressions: Suppressions = Suppressions(),
    dismisses: Bool = true
  ) {
    self.dismisses = dismisses
    prepared = PreparedRules(rules)
    captureRules = rules.compactMap { if case .capture(let check) = $0.check { ($0, check) } else { nil } }
    self.profile = profile
    self.suppressions = suppressions
    hasGuards = Checker.guards.isSubset(of: rules.map(\.id))
  }

  /// Asks the rules about the registration of a report, and puts what they say into it: a report is large, and made once.
  package func check(_ report: inout FlowReport) {
    let table = prepared.table
    let judged = judge(report.flow, by: table)
    report.verdict = judged.verdict
    report.findings = judged.findings
    report.suppressed = suppress(&report.findings, in: report.flow)
    report.passedRules = RuleList(judged.passed, of: table.names)
    report.idleRules = RuleList(judged.idle, of: table.names)
    report.notObservable = judged.notObservable
    report.proof = report.flow.keyProof
    report.causes = CauseFinder.causes(of: report.flow)
  }

  /// What the rules say of a registration.
  private struct Judged {
    var findings: [Finding] = []
    var notObservable: [FlowReport.NotObservable] = []
    var passed: RuleSet
    var idle: RuleSet
    var verdict = FlowReport.Verdict.compliant
  }

  private func judge(_ flow: Flow, by table: RuleTable) -> Judged {
    let applicable = table.applicable(to: flow)
    let unmet = table.unmet(by: flow)
    let (isCut, cut) = Checker.cutHops(of: flow)
    // Of messages that were cut nothing is certain.
    let triggered = table.triggered(by: dismisses && !isCut ? Glance.triggers(of: flow) : .all)
    var doubtful = triggered
    if cut.isEmpty {
      doubtful.formUnion(unmet.needs)
      doubtful.formUnion(unmet.scopes)
    } else {
      doubtful = table.all
    }
    doubtful.formIntersection(applicable)
    var judged = Judged(passed: applicable, idle: table.all)
    judged.idle.subtract(applicable)
    var reporter = Reporter(flow.messages)
    while let number = doubtful.popFirst() {
      let state = RuleState(
        hasUnmetNeed: unmet.needs.contains(number), hasUnmetScope: unmet.scopes.contains(number),
        isRun: triggered.contains(number))
      switch outcome(of: table.rules[number], state, on: flow, cut: cut, &reporter) {
      case .pass: continue
      case .fail(let findings): judged.findings += findings
      case .notApplicable: judged.idle.insert(number)
      case .notObservable(let reason, let hop):
        judged.notObservable.append(
          FlowReport.NotObservable(rule: table.rules[number].rule.id, reason: reason, hop: hop))
      }
      judged.passed.remove(number)
    }
    judged.verdict = verdict(of: judged, flow.outcome)
    return judged
  }

  /// Takes those out that are accepted.
  private func suppress(_ findings: inout [Finding], in flow: Flow?) -> [Suppressed] {
    if findings.isEmpty { return [] }
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

  /// Is there a message of which the capture has only the beginning, and on which hops?
  private static func cutHops(of flow: Flow) -> (isCut: Bool, hops: HopSet) {
    var cut = (isCut: false, hops: HopSet([]))
    for index in flow.messages.indices where flow.messages[index].facts.isTruncated {
      cut.isCut = true
      if let hop = flow.messages[index].hop { cut.hops.insert(hop) }
    }
    return cut
  }

  /// What is known of a rule and a registration before it is run.
  private struct RuleState {
    var hasUnmetNeed: Bool
    var hasUnmetScope: Bool
    /// It could have something to say.
    var isRun: Bool
  }

  /// - Parameters:
  ///   - cut: nothing passes there.
  ///   - reporter: of the registration; empty before and after.
  private func outcome(
    of prepared: PreparedRule, _ state: RuleState, on flow: Flow, cut: HopSet, _ reporter: inout Reporter
  ) -> Outcome {
    if state.hasUnmetNeed {
      for need in prepared.needs {
        switch need.unmet(by: flow) {
        case .unobservable(let reason, let hop): return .notObservable(reason, hop)
        case .notSent: return .notApplicable
        case nil: break
        }
      }
    }
    if state.isRun { prepared.check(flow, &reporter) }
    if reporter.hasReported {
      defer { reporter.clear() }
      if !reporter.violations.isEmpty {
        return .fail(reporter.violations.map { Finding($0, of: prepared.rule, profile, in: flow) })
      }
      if let (reason, hop) = reporter.obstacle { return .notObservable(reason, hop) }
    }
    if state.hasUnmetScope {
      for need in prepared.scopes {
        if case .unobservable(let reason, let hop) = need.unmet(by: flow) { return .notObservable(reason, hop) }
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
  private func verdict(of judged: Judged, _ outcome: Flow.Outcome) -> FlowReport.Verdict {
    if judged.findings.contains(where: { $0.severity == .error }) { return .nonCompliant }
    let unseen = judged.notObservable.contains { Checker.guards.contains($0.rule) || $0.reason == .truncated }
    return outcome == .partial || unseen || !hasGuards ? .inconclusive : .compliant
  }
}
