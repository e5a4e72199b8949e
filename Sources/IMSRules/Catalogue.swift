/// Every rule, in the order of the catalogue. A new rule is one file and one line here.
package enum Catalogue {
  package static let rules: [Rule] = [
    .SEQ001, .SEQ003, .SEQ004, .SEQ005, .SEQ007, .SEQ011, .SEQ012,
    .VIA001, .VIA002, .VIA003, .VIA004, .VIA005, .VIA006, .VIA007, .VIA008, .VIA009, .VIA010, .VIA011,
    .RTE001, .RTE002, .RTE003, .RTE004, .RTE005, .RTE006, .RTE007, .RTE008, .RTE009, .RTE010, .RTE011, .RTE012, .RTE013,
    .RTE014,
    .AUT005, .AUT009, .AUT010, .AUT011, .AUT015,
    .SEC007, .SEC009,
    .IDN003,
    .HDR001, .HDR002, .HDR003, .HDR004, .HDR005, .HDR006, .HDR007, .HDR008, .HDR009, .HDR010, .HDR011,
    .REG001, .REG002, .REG003, .REG004, .REG005, .REG006, .REG008, .REG009, .REG010, .REG011, .REG012, .REG014,
    .CX002, .CX013,
    .DIA003,
    .TIM008,
    .PRV001, .PRV002, .PRV003, .PRV004, .PRV005, .PRV007, .PRV008,
  ]

  /// Identifiers that were given away once and are never given again.
  package static let retired: Set<String> = []

  package static func rule(_ id: String) -> Rule? { rules.first { $0.id == id.uppercased() } }
}
