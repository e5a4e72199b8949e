/// A reference point of the registration, in the order in which the documented sequence first uses them.
@usableFromInline package enum Hop: String, Sendable, CaseIterable, Comparable, BitwiseCopyable {
  /// SGSN or MME and S-GW (S4, S11).
  case s11 = "S11"
  /// SGSN and GGSN (Gn, Gp), or S-GW and P-GW (S5, S8).
  case g1 = "G1"
  /// UE and DHCP server.
  case d0 = "D0"
  /// UE and P-CSCF (Gm).
  case h0 = "H0"
  /// P-CSCF and DNS.
  case d1 = "D1"
  /// P-CSCF and I-CSCF (Mw).
  case h1 = "H1"
  /// I-CSCF and HSS (Cx).
  case c1 = "C1"
  /// I-CSCF and DNS.
  case d2 = "D2"
  /// I-CSCF and S-CSCF (Mw).
  case h2 = "H2"
  /// S-CSCF and HSS (Cx).
  case c2 = "C2"
  /// S-CSCF and application server (ISC).
  case a1 = "A1"

  package static let sip: [Hop] = [.h0, .h1, .h2]
  /// So many hops away from the UE; behind the I-CSCF there is no farther one.
  package static func sip(at depth: Int) -> Hop { depth <= 0 ? .h0 : depth == 1 ? .h1 : .h2 }
  /// Of SIP: how many hops away from the UE.
  var depth: Int? {
    switch self {
    case .h0: 0
    case .h1: 1
    case .h2: 2
    default: nil
    }
  }
  package static let cx: [Hop] = [.c1, .c2]
  /// Where a UE gets its address and its P-CSCF.
  package static let access: [Hop] = [.s11, .g1, .d0]

  @inlinable package static func == (left: Hop, right: Hop) -> Bool { left.ordinal == right.ordinal }
  @inlinable package static func < (left: Hop, right: Hop) -> Bool { left.ordinal < right.ordinal }
  /// Its place in `allCases`.
  @inlinable package var ordinal: UInt64 {
    switch self {
    case .s11: 0
    case .g1: 1
    case .d0: 2
    case .h0: 3
    case .d1: 4
    case .h1: 5
    case .c1: 6
    case .d2: 7
    case .h2: 8
    case .c2: 9
    case .a1: 10
    }
  }

  /// Of this place; nil where none has it. A list of all would be counted at each call.
  package init?(ordinal: UInt64) {
    switch ordinal {
    case 0: self = .s11
    case 1: self = .g1
    case 2: self = .d0
    case 3: self = .h0
    case 4: self = .d1
    case 5: self = .h1
    case 6: self = .c1
    case 7: self = .d2
    case 8: self = .h2
    case 9: self = .c2
    case 10: self = .a1
    default: return nil
    }
  }

  /// The node that sends requests of a registration here, and the one that receives them.
  package var ends: (client: Role, server: Role) {
    switch self {
    case .s11: (.sgsn, .sgw)
    case .g1: (.sgsn, .pgw)
    case .d0: (.ue, .dhcp)
    case .h0: (.ue, .pcscf)
    case .d1: (.pcscf, .dns)
    case .h1: (.pcscf, .icscf)
    case .c1: (.icscf, .hss)
    case .d2: (.icscf, .dns)
    case .h2: (.icscf, .scscf)
    case .c2: (.scscf, .hss)
    case .a1: (.scscf, .applicationServer)
    }
  }

  /// The hop between two roles, in either direction.
  package static func between(_ first: Role, _ second: Role) -> Hop? {
    switch first < second ? (first, second) : (second, first) {
    case (.sgsn, .sgw): .s11
    case (.sgsn, .pgw), (.sgw, .pgw): .g1
    case (.ue, .dhcp): .d0
    case (.ue, .pcscf): .h0
    case (.pcscf, .dns): .d1
    case (.pcscf, .icscf), (.pcscf, .scscf): .h1
    case (.icscf, .hss), (.icscf, .agent): .c1
    case (.dns, .icscf): .d2
    case (.icscf, .scscf): .h2
    case (.scscf, .hss), (.scscf, .agent): .c2
    case (.scscf, .applicationServer): .a1
    default: nil
    }
  }

  /// "H1 (P-CSCF – I-CSCF)", as a cause line names it.
  package var title: String { "\(rawValue) (\(ends.client.rawValue) – \(ends.server.rawValue))" }
}

/// What a node is in a registration, in the order of the ladder's lanes.
package enum Role: String, Sendable, CaseIterable, Comparable, BitwiseCopyable {
  case ue = "UE"
  case dhcp = "DHCP"
  case sgsn = "SGSN/MME"
  case sgw = "S-GW"
  case pgw = "GGSN/P-GW"
  case pcscf = "P-CSCF"
  case dns = "DNS"
  case icscf = "I-CSCF"
  case scscf = "S-CSCF"
  /// A Diameter agent between a CSCF and the HSS.
  case agent = "DRA"
  case hss = "HSS"
  case applicationServer = "AS"

  package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
  /// Its place in `allCases`.
  var rank: Int {
    switch self {
    case .ue: 0
    case .dhcp: 1
    case .sgsn: 2
    case .sgw: 3
    case .pgw: 4
    case .pcscf: 5
    case .dns: 6
    case .icscf: 7
    case .scscf: 8
    case .agent: 9
    case .hss: 10
    case .applicationServer: 11
    }
  }

  /// Reads the spellings of a hosts file: "P-CSCF", "pcscf", "p_cscf"; "MME" or "SGSN" for "SGSN/MME".
  package init?(spelling: String) {
    func folded(_ text: some StringProtocol) -> String { text.lowercased().filter { $0.isLetter } }
    let name = folded(spelling)
    let role = Role.allCases.first { role in
      folded(role.rawValue) == name || role.rawValue.split(separator: "/").contains { folded($0) == name }
    }
    guard let role else { return nil }
    self = role
  }
}
