/// Every rule, in the order of the catalogue. A new rule is one file and one line here.
package enum Catalogue {
  package static let rules: [Rule] = [
    .SEQ001, .SEQ003, .SEQ004, .SEQ005, .SEQ007, .SEQ011, .SEQ012,
    .VIA001, .VIA003, .VIA004, .VIA005, .VIA006,
    .RTE002, .RTE003, .RTE006,
    .AUT005, .AUT009, .AUT010, .AUT011, .AUT015,
    .SEC007, .SEC009,
    .IDN003,
    .REG003,
    .CX002, .CX013,
    .DIA003,
    .TIM008,
    .PRV001,
  ]

  /// Identifiers that were given away once and are never given again.
  package static let retired: Set<String> = []

  package static func rule(_ id: String) -> Rule? { rules.first { $0.id == id.uppercased() } }
}
