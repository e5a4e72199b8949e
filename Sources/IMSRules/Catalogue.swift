/// Every rule, in the order of the catalogue. A new rule is one file and one line here.
package enum Catalogue {
  package static let rules: [Rule] = [
    .SEQ001, .SEQ003, .SEQ007,
    .VIA001, .VIA003, .VIA005,
    .RTE006,
    .CX002,
    .PRV001,
  ]

  /// Identifiers that were given away once and are never given again.
  package static let retired: Set<String> = []

  package static func rule(_ id: String) -> Rule? { rules.first { $0.id == id.uppercased() } }
}
