/// Every rule, in the order of the catalogue. A new rule is one file and one line here.
package enum Catalogue {
  package static let rules: [Rule] = [
    .SEQ001, .SEQ002, .SEQ003, .SEQ004, .SEQ005, .SEQ006, .SEQ007, .SEQ008, .SEQ009, .SEQ010, .SEQ011, .SEQ012,
    .VIA001, .VIA002, .VIA003, .VIA004, .VIA005, .VIA006, .VIA007, .VIA008, .VIA009, .VIA010, .VIA011,
    .RTE001, .RTE002, .RTE003, .RTE004, .RTE005, .RTE006, .RTE007, .RTE008, .RTE009, .RTE010, .RTE011, .RTE012, .RTE013,
    .RTE014,
    .AUT001, .AUT002, .AUT003, .AUT004, .AUT005, .AUT006, .AUT008, .AUT009, .AUT010, .AUT011, .AUT012,
    .AUT013, .AUT014, .AUT015, .AUT016, .AUT017,
    .SEC001, .SEC002, .SEC003, .SEC004, .SEC005, .SEC006, .SEC007, .SEC008, .SEC009, .SEC012, .SEC013, .SEC014, .SEC015,
    .IDN001, .IDN002, .IDN003, .IDN004, .IDN005, .IDN006, .IDN007, .IDN008, .IDN009, .IDN010,
    .HDR001, .HDR002, .HDR003, .HDR004, .HDR005, .HDR006, .HDR007, .HDR008, .HDR009, .HDR010, .HDR011,
    .REG001, .REG002, .REG003, .REG004, .REG005, .REG006, .REG008, .REG009, .REG010, .REG011, .REG012, .REG014,
    .CX001, .CX002, .CX003, .CX004, .CX005, .CX006, .CX007, .CX008, .CX009, .CX010, .CX011, .CX012, .CX013, .CX014,
    .CX015, .CX016, .CX017, .CX018,
    .DIA001, .DIA002, .DIA003, .DIA004, .DIA005, .DIA006, .DIA007, .DIA008, .DIA009, .DIA010,
    .TIM001, .TIM002, .TIM003, .TIM005, .TIM006, .TIM008,
    .NET001, .NET002, .NET003, .NET004, .NET005, .NET006, .NET007, .NET008, .NET009,
    .PRV001, .PRV002, .PRV003, .PRV004, .PRV005, .PRV007, .PRV008,
  ]

  /// In the order of the catalogue.
  package static let families: [String] = {
    var families: [String] = []
    for rule in rules where families.last != rule.family { families.append(rule.family) }
    return families
  }()

  /// Identifiers that were given away once and are never given again.
  package static let retired: Set<String> = []

  package static func rule(_ id: String) -> Rule? { rules.first { $0.id == id.uppercased() } }
}
