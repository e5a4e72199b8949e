/// Which rules are run, as linters have it: identifiers and their beginnings ("VIA", "SEC01"). Of several that fit a rule the
/// longest decides; of two equal ones the one that ignores.
package struct RuleSelection: Sendable, Equatable {
  /// Empty for all.
  package var select: [String] = []
  package var extendSelect: [String] = []
  package var ignore: [String] = []

  package init(select: [String] = [], extendSelect: [String] = [], ignore: [String] = []) {
    self.select = select
    self.extendSelect = extendSelect
    self.ignore = ignore
  }

  package func includes(_ rule: String) -> Bool {
    func longest(_ prefixes: [String]) -> Int? { prefixes.filter { rule.hasPrefix($0) }.map(\.count).max() }
    let taken = max(select.isEmpty ? 0 : longest(select) ?? -1, longest(extendSelect) ?? -1)
    return taken >= 0 && taken > longest(ignore) ?? -1
  }

  var isEmpty: Bool { select.isEmpty && extendSelect.isEmpty && ignore.isEmpty }

  /// The names that no rule has.
  package func unknown(among rules: [Rule]) -> [String] {
    (select + extendSelect + ignore).filter { name in !rules.contains { $0.id.hasPrefix(name) } }
  }
}

/// A rule that is not run, and why.
package struct IdleRule: Sendable, Equatable {
  package var rule: String
  package var reason: String
}

extension Profile {
  /// Those of the catalogue and of this profile, in this order.
  package var allRules: [Rule] { Catalogue.rules + headers.map(\.rule) }

  /// - Parameter selection: of the command line. It replaces what the profile selects; what the profile ignores or turns off
  ///   is run where it is named in full.
  package func rules(_ selection: RuleSelection = RuleSelection()) -> (run: [Rule], idle: [IdleRule]) {
    let own = RuleSelection(select: selection.select.isEmpty ? select : [], ignore: ignore)
    // As usual: nothing to be looked up for each rule.
    if selection.isEmpty, own.isEmpty, rules.values.allSatisfy({ $0.off == nil }) { return (allRules, []) }
    var run: [Rule] = []
    var idle: [IdleRule] = []
    for rule in allRules {
      let isNamed = (selection.select + selection.extendSelect).contains(rule.id)
      let isExtended = selection.extendSelect.contains { rule.id.hasPrefix($0) }
      if !selection.includes(rule.id) {
        idle.append(IdleRule(rule: rule.id, reason: "not selected"))
      } else if !isExtended, !isNamed, !own.includes(rule.id) {
        idle.append(IdleRule(rule: rule.id, reason: "not selected by the profile \(name)"))
      } else if !isNamed, let reason = setting(of: rule)?.off {
        idle.append(IdleRule(rule: rule.id, reason: reason))
      } else {
        run.append(rule)
      }
    }
    return (run, idle)
  }
}
