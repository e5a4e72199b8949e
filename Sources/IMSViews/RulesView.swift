package import IMSRules

/// What the catalogue says of itself: the list, one rule for a terminal, and its page in docs/rules.
package enum RulesView {
  /// A line per rule: id, severity, title.
  package static func list(_ rules: [Rule] = Catalogue.rules) -> String {
    let wide = rules.map(\.id.count).max() ?? 0
    return rules.map { "\(padded($0.id, wide))  \(padded($0.severity.rawValue, 7))  \($0.title)\n" }.joined()
  }

  /// What a program wants to know of each rule, in the order of the catalogue.
  package static func json(_ rules: [Rule] = Catalogue.rules) -> String {
    let lines = rules.map { rule in
      var json = JSONWriter()
      json.object { json in
        json.field("id", rule.id)
        json.field("family", rule.family)
        json.field("severity", rule.severity.rawValue)
        json.field("fieldSeverity", rule.fieldSeverity?.rawValue)
        json.field("title", rule.title)
        json.field("clauses", rule.clauses) { json, clause in json.object(clause.writeFields) }
        json.field("scope", rule.isOfCapture ? "capture" : "registration")
        json.field("when", rule.when.text)
        json.field("needs", rule.needs) { $0.string($1.text) }
        json.field("why", rule.why)
        json.field("traps", rule.traps)
        json.field("since", rule.since)
      }
      return json.text
    }
    return "[\n\(lines.joined(separator: ",\n"))\n]\n"
  }

  package static func explain(_ rule: Rule) -> String {
    var text = "\(rule.id)  \(rule.severity.rawValue)  \(rule.title)\n"
    if let lowered = fieldNote(rule) { text += "       \(lowered)\n" }
    text += section("Why", rule.why) + section("When", rule.when.text)
    text += section("Needs", needs(rule).joined(separator: "; ")) + section("Traps", rule.traps)
    if !rule.clauses.isEmpty { text += section("Clauses", rule.clauses.map(\.description).joined(separator: ", ")) }
    for example in rule.flagged { text += ladder("Flagged", example) }
    for example in rule.clean { text += ladder("Clean", example) }
    return text
  }

  /// The page docs/rules/<ID>.md.
  ///
  /// - Parameter ladder: what an example looks like when it is captured and judged, drawn as a ladder.
  package static func markdown(_ rule: Rule, ladder: (Example) -> [String]) -> String {
    var text = "# \(rule.id): \(rule.title)\n\n"
    text +=
      "Severity: **\(rule.severity.rawValue)**" + (fieldNote(rule).map { "; \($0)" } ?? "")
      + ". Since \(rule.since).\n\n"
    text += "## Why\n\n\(rule.why)\n\n"
    text += "## When\n\nApplies to: \(rule.when.text).\n\n"
    text += "Must have been captured: \(needs(rule).joined(separator: "; ")).\n\n"
    text += "## Traps\n\n\(rule.traps)\n"
    if !rule.clauses.isEmpty { text += "\n## Clauses\n\n" + rule.clauses.map { "- \($0)\n" }.joined() }
    for example in rule.flagged { text += block("Flagged", example, ladder(example)) }
    for example in rule.clean { text += block("Clean", example, ladder(example)) }
    return text
  }

  /// The page docs/rules/README.md: every rule by family, in the order of the catalogue.
  package static func index(_ rules: [Rule] = Catalogue.rules) -> String {
    var text = """
      # Rules

      Generated from the catalogue by `make docs`. `imstrace explain ID` prints a page in the terminal.

      [mutations.md](mutations.md) says how each rule is proven, [matrix.md](matrix.md) what each says of each recorded scenario.

      """
    var family = ""
    for rule in rules {
      if rule.family != family {
        family = rule.family
        text += "\n## \(family)\n\n| Rule | Severity | Flags |\n|---|---|---|\n"
      }
      text += "| [\(rule.id)](\(rule.id).md) | \(rule.severity.rawValue) | \(rule.title) |\n"
    }
    return text
  }

  private static func needs(_ rule: Rule) -> [String] {
    rule.needs.isEmpty ? ["nothing in particular"] : rule.needs.map(\.text)
  }

  private static func fieldNote(_ rule: Rule) -> String? {
    rule.fieldSeverity.map { "\($0.rawValue) in the profile field" }
  }

  private static func section(_ title: String, _ body: String) -> String {
    "\n\(title)\n" + wrapped(body, width: 96).map { "  \($0)\n" }.joined()
  }

  private static func ladder(_ title: String, _ example: Example) -> String {
    "\n\(title): \(example.title)\n" + lines(example).map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined()
  }

  private static func block(_ title: String, _ example: Example, _ ladder: [String]) -> String {
    func fence(_ lines: [some StringProtocol]) -> String { "```\n" + lines.map { $0 + "\n" }.joined() + "```\n" }
    return "\n## \(title): \(example.title)\n\n" + fence(lines(example))
      + (ladder.isEmpty ? "" : "\nCaptured, it is\n\n" + fence(ladder))
  }

  private static func lines(_ example: Example) -> [Substring] {
    example.trace.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
