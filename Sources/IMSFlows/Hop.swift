/// A reference point of the registration, in the order in which the documented sequence first uses them.
package enum Hop: String, Sendable, CaseIterable, Comparable {
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
  package static let cx: [Hop] = [.c1, .c2]

  package static func < (left: Hop, right: Hop) -> Bool { left.rank < right.rank }
  private var rank: Int { Hop.allCases.firstIndex(of: self) ?? 0 }

  /// The node that sends requests of a registration here, and the one that receives them.
  package var ends: (client: Role, server: Role) {
    switch self {
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
    if Set([first, second]) == [.pcscf, .scscf] { return .h1 }
    return allCases.first { $0.ends == (first, second) || $0.ends == (second, first) }
  }

  /// "H1 (P-CSCF – I-CSCF)", as a cause line names it.
  package var title: String { "\(rawValue) (\(ends.client.rawValue) – \(ends.server.rawValue))" }
}

/// What a node is in a registration, in the order of the ladder's lanes.
package enum Role: String, Sendable, CaseIterable, Comparable {
  case ue = "UE"
  case pcscf = "P-CSCF"
  case dns = "DNS"
  case icscf = "I-CSCF"
  case scscf = "S-CSCF"
  case hss = "HSS"
  case applicationServer = "AS"

  package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
  private var rank: Int { Role.allCases.firstIndex(of: self) ?? 0 }

  /// Reads the spellings of a hosts file: "P-CSCF", "pcscf", "p_cscf".
  package init?(spelling: String) {
    let folded = spelling.lowercased().filter { $0.isLetter }
    guard let role = Role.allCases.first(where: { $0.rawValue.lowercased().filter { $0.isLetter } == folded }) else {
      return nil
    }
    self = role
  }
}
