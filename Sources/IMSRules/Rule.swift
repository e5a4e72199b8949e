package import IMSFlows

/// A check of the catalogue as a value: what it flags, why, when it applies, what must have been captured, examples, and
/// the check itself. `explain`, docs/rules and the tests are made from it. A class, because it never changes and is passed
/// on for each registration.
package final class Rule: Sendable, Identifiable {
  package let id: String
  package let severity: Severity
  package let title: String
  package let clauses: [Clause]
  /// Release that brought the rule.
  package let since: String
  package let why: String
  package let traps: String
  package let when: Condition
  package let needs: [Need]
  /// Where nothing of it stands in a registration the rule passes; nil for one that is always run.
  package let trigger: Trigger?
  package let flagged: [Example]
  package let clean: [Example]
  /// Severity in the `field` profile where it differs.
  package let fieldSeverity: Severity?
  package let check: Check

  package convenience init(
    _ id: String, _ severity: Severity, _ title: String, clauses: [Clause], since: String, why: String, traps: String,
    when: Condition, needs: [Need], trigger: Trigger? = nil, flagged: [Example], clean: [Example],
    field: Severity? = nil, check: @escaping @Sendable (Flow, inout Reporter) -> Void
  ) {
    self.init(
      id, severity, title, clauses: clauses, since: since, why: why, traps: traps, when: when, needs: needs,
      trigger: trigger, flagged: flagged, clean: clean, field: field, .registration(check))
  }

  /// A rule that judges the capture as a whole, once, at its end. Nothing of a standard need be broken.
  package convenience init(
    ofCapture id: String, _ severity: Severity, _ title: String, clauses: [Clause] = [], since: String, why: String,
    traps: String, when: String, needs: [Need], flagged: [Example], clean: [Example], field: Severity? = nil,
    check: @escaping @Sendable (RunReport, inout Reporter) -> Void
  ) {
    self.init(
      id, severity, title, clauses: clauses, since: since, why: why, traps: traps, when: Condition(when) { _ in false },
      needs: needs, trigger: nil, flagged: flagged, clean: clean, field: field, .capture(check))
  }

  private init(
    _ id: String, _ severity: Severity, _ title: String, clauses: [Clause], since: String, why: String, traps: String,
    when: Condition, needs: [Need], trigger: Trigger?, flagged: [Example], clean: [Example], field: Severity?,
    _ check: Check
  ) {
    self.id = id
    self.severity = severity
    self.title = title
    self.clauses = clauses
    self.since = since
    self.why = why
    self.traps = traps
    self.when = when
    self.needs = needs
    self.trigger = trigger
    self.flagged = flagged
    self.clean = clean
    self.fieldSeverity = field
    self.check = check
  }

  /// What is judged, and how.
  package enum Check: Sendable {
    case registration(@Sendable (Flow, inout Reporter) -> Void)
    case capture(@Sendable (RunReport, inout Reporter) -> Void)
  }

  /// It judges the capture as a whole, not one registration.
  package var isOfCapture: Bool { if case .capture = check { true } else { false } }

  /// "VIA" of "VIA005".
  package var family: String { Rule.family(of: id) }

  package static func family(of id: String) -> String { String(id.prefix { $0.isLetter }) }
}

/// How much a finding matters.
package enum Severity: String, Sendable, CaseIterable, Comparable {
  case info, warning, error

  package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
  private var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
}

/// Where a standard says it.
package struct Clause: Sendable, Hashable, CustomStringConvertible {
  /// "TS 24.229", "RFC 3261".
  package var spec: String
  package var clause: String

  package init(_ spec: String, _ clause: String) {
    self.spec = spec
    self.clause = clause
  }

  package static func rfc(_ number: Int, _ clause: String) -> Clause { Clause("RFC \(number)", clause) }
  package static func ts23003(_ clause: String) -> Clause { Clause("TS 23.003", clause) }
  package static func ts23228(_ clause: String) -> Clause { Clause("TS 23.228", clause) }
  package static func ts24008(_ clause: String) -> Clause { Clause("TS 24.008", clause) }
  package static func ts24229(_ clause: String) -> Clause { Clause("TS 24.229", clause) }
  package static func ts29060(_ clause: String) -> Clause { Clause("TS 29.060", clause) }
  package static func ts29228(_ clause: String) -> Clause { Clause("TS 29.228", clause) }
  package static func ts29229(_ clause: String) -> Clause { Clause("TS 29.229", clause) }
  package static func ts29274(_ clause: String) -> Clause { Clause("TS 29.274", clause) }
  package static func ts33203(_ clause: String) -> Clause { Clause("TS 33.203", clause) }

  package var description: String { "\(spec) §\(clause)" }
}

/// A trace in the ladder notation of docs/adding-a-rule.md; it runs as a test. `←` marks the messages a finding points at.
package struct Example: Sendable {
  package var title: String
  package var trace: String

  package init(_ title: String, _ trace: String) {
    self.title = title
    self.trace = trace
  }
}
