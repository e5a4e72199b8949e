/// How strictly the catalogue is applied.
package struct Profile: Sendable, Equatable {
  package var name: String
  package var title: String
  private var rule: @Sendable (Rule, Severity) -> Severity

  /// The catalogue as written.
  package static let strict = Profile("strict", "every rule as the standards have it") { $1 }

  /// What is common in the field and harmless is a warning.
  package static let field = Profile("field", "deviations that are common in working networks are warnings") {
    rule, written in
    rule.fieldSeverity.map { min($0, written) } ?? written
  }

  /// For abbreviated teaching traces: only a branch without magic cookie is an error.
  package static let seed = Profile("seed", "abbreviated teaching traces: what they leave out is only noted") {
    rule, written in
    rule.id == "VIA001" ? written : .info
  }

  package static let all: [Profile] = [.strict, .field, .seed]

  private init(_ name: String, _ title: String, _ rule: @escaping @Sendable (Rule, Severity) -> Severity) {
    self.name = name
    self.title = title
    self.rule = rule
  }

  package static func named(_ name: String) -> Profile? { all.first { $0.name == name } }

  func severity(of rule: Rule, written: Severity) -> Severity { self.rule(rule, written) }

  package static func == (left: Profile, right: Profile) -> Bool { left.name == right.name }
}
