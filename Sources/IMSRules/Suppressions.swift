import IMSFlows

/// Which findings are known and do not count: by a baseline, by an option, by the profile. Each has its reason.
package struct Suppressions: Sendable {
  /// What is accepted without looking where, or only at some nodes or steps.
  package struct Entry: Sendable, Equatable {
    /// A rule, or the first letters of several, as in "SEC".
    package var rule: String
    package var peer: Peer?
    package var step: String?
    package var reason: String

    package init(rule: String, peer: Peer? = nil, step: String? = nil, reason: String) {
      self.rule = rule
      self.peer = peer
      self.step = step
      self.reason = reason
    }

    func holds(_ finding: Finding, at place: FindingPlace, in flow: Flow?) -> Bool {
      guard finding.rule.hasPrefix(rule) else { return false }
      if let step, step != place.step { return false }
      guard let peer else { return true }
      return flow.map { peer.isEnd(of: finding.messages, in: $0) } ?? false
    }
  }

  package var baseline = Baseline()
  /// Of options.
  package var options: [Entry] = []

  package init() {}

  /// Nil for a finding that stands.
  func suppressed(_ finding: Finding, in flow: Flow?, _ profile: Profile) -> Suppressed? {
    if baseline.isEmpty, options.isEmpty, profile.suppressions.isEmpty { return nil }
    let place = FindingPlace(of: finding, in: flow)
    func reason(_ entries: [Entry]) -> String? { entries.first { $0.holds(finding, at: place, in: flow) }?.reason }
    if let reason = reason(options) { return Suppressed(finding: finding, by: .option, reason: reason) }
    if let reason = reason(profile.suppressions) { return Suppressed(finding: finding, by: .profile, reason: reason) }
    return baseline.reasons[place].map { Suppressed(finding: finding, by: .baseline, reason: $0) }
  }
}

/// A finding that is accepted: it is told, and counts for nothing.
package struct Suppressed: Sendable, Equatable {
  package enum Source: String, Sendable { case baseline, option, profile }

  package var finding: Finding
  package var by: Source
  package var reason: String
}
