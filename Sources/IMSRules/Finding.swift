import IMSBytes
package import IMSFlows
package import IMSMessages
import IMSSIP
import IMSWire

/// One violation that was observed, with the frames that prove it.
package struct Finding: Sendable, Equatable {
  package var rule: String
  package var severity: Severity
  package var title: String
  package var message: String
  /// Indices into `Flow.messages`; none of a finding on the capture as a whole.
  package var messages: [Int]
  package var frames: [IssueLog.FrameReference]
  package var observed: String
  package var expected: String
  package var clauses: [Clause]
}

/// What a rule says of one registration.
package enum Outcome: Sendable, Equatable {
  case pass
  case fail([Finding])
  case notApplicable
  case notObservable(Unobservable, Hop?)
}

/// Collects what one check finds. Key material is taken out of every text here, once for all rules.
package struct Reporter {
  /// A violation as its rule tells it; the engine adds what the rule is and how the profile weighs it.
  struct Violation {
    var message: String
    var messages: [Int]
    var observed: String
    var expected: String
    var severity: Severity?
  }

  private let messages: [FlowMessage]
  private(set) var violations: [Violation] = []
  private(set) var obstacle: (Unobservable, Hop?)?

  /// `messages` are the registration's.
  init(_ messages: [FlowMessage]) { self.messages = messages }

  var hasReported: Bool { obstacle != nil || !violations.isEmpty }

  /// For the next rule.
  mutating func clear() { (violations, obstacle) = ([], nil) }

  /// A violation. `messages` are indices into `flow.messages`, the one that shows it best first.
  ///
  /// What a message that the capture cut does not show may stand behind the cut: then nothing is found, unless what was
  /// captured of it proves the violation (`isShown`).
  package mutating func callAsFunction(
    _ message: String, at messages: [Int], observed: String, expected: String, severity: Severity? = nil,
    isShown: Bool = false
  ) {
    if !isShown, let cut = messages.first(where: { self.messages[$0].message.isTruncated }) {
      return unobservable(.truncated, on: self.messages[cut].hop)
    }
    violations.append(
      Violation(
        message: Self.redacted(message), messages: messages, observed: Self.redacted(observed),
        expected: Self.redacted(expected),
        severity: severity))
  }

  /// Something of what the rule judges could not be seen: the rule does not pass.
  package mutating func unobservable(_ reason: Unobservable, on hop: Hop?) {
    if obstacle == nil { obstacle = (reason, hop) }
  }

  /// A finding may quote any header: its text is treated as credentials are.
  static func redacted(_ text: String) -> String { Redaction.redacted(headerValue: Text(text), of: .wwwAuthenticate) }
}

extension Finding {
  /// - Parameter flow: the registration; nil for a finding on the capture as a whole.
  init(_ violation: Reporter.Violation, of rule: Rule, _ profile: Profile, in flow: Flow?) {
    self.init(
      rule: rule.id,
      severity: profile.severity(
        of: rule, written: violation.severity ?? rule.severity, at: violation.messages, in: flow),
      title: rule.title, message: violation.message, messages: violation.messages,
      frames: flow.map(violation.frames) ?? [], observed: violation.observed, expected: violation.expected,
      clauses: rule.clauses)
  }
}

extension Reporter.Violation {
  func frames(in flow: Flow) -> [IssueLog.FrameReference] {
    messages.map { flow.recorders.first(of: flow.messages[$0].message.firstSighting) }
  }
}
