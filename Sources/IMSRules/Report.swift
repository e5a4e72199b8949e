package import IMSFlows

/// A registration and what the catalogue says of it.
package struct FlowReport: Sendable {
  package enum Verdict: String, Sendable { case compliant, nonCompliant, inconclusive }

  package struct NotObservable: Sendable, Equatable {
    package var rule: String
    package var reason: Unobservable
    /// The hop that was missing, where one is to blame.
    package var hop: Hop?

    package init(rule: String, reason: Unobservable, hop: Hop?) {
      self.rule = rule
      self.reason = reason
      self.hop = hop
    }
  }

  /// From 1, in the order in which registrations end.
  package var id = 0
  package var flow: Flow
  package var verdict = Verdict.compliant
  package var findings: [Finding] = []
  /// Findings that are accepted; `findings` does not hold them.
  package var suppressed: [Suppressed] = []
  var passedRules: RuleList?
  var idleRules: RuleList?
  package var notObservable: [NotObservable] = []
  /// Where the key of the subscriber was given.
  package var proof: KeyProof?
  /// Why it did not end well: at most `causeLimit` candidates, the best shown first. Empty for one that did, and where the
  /// capture does not say how it ended.
  package var causes: [FailureCause] = []

  package init(flow: consuming Flow) { self.flow = flow }

  package var passed: [String] { passedRules?.identifiers ?? [] }
  package var notApplicable: [String] { idleRules?.identifiers ?? [] }

  package var worst: Severity? { findings.map(\.severity).max() }
}
