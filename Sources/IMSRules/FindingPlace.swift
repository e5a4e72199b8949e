package import IMSFlows

/// Where a finding stands, whatever the capture: its rule, the two ends of the message that shows it, and that message's
/// step of the documented sequence. The same in a capture that was recorded again, whose Call-IDs, times and frames are
/// others.
package struct FindingPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var rule: String
  /// Nil where the node's role is not known, and of a finding on the capture as a whole.
  package var from: Role?
  package var to: Role?
  /// Empty for a message that has no place in the sequence.
  package var step: String

  package init(rule: String, from: Role? = nil, to: Role? = nil, step: String = "") {
    self.rule = rule
    self.from = from
    self.to = to
    self.step = step
  }

  /// - Parameter flow: the registration of the finding; nil for one on the capture as a whole.
  package init(of finding: Finding, in flow: Flow?) {
    self.init(rule: finding.rule)
    guard let flow, let index = finding.messages.first else { return }
    from = flow.messages[index].from
    to = flow.messages[index].to
    step = flow.messages[index].step ?? ""
  }

  private var words: [String] {
    [rule, from?.rawValue ?? "-", to?.rawValue ?? "-", step.isEmpty ? "-" : step]
  }

  /// "PRV001 P-CSCF UE C3"; a dash for what is not known.
  package var description: String { words.joined(separator: " ") }

  package static func < (left: FindingPlace, right: FindingPlace) -> Bool {
    left.words.lexicographicallyPrecedes(right.words)
  }
}
