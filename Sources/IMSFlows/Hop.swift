/// A reference point of the registration, in the order in which the documented sequence first uses them.
package enum Hop: String, Sendable, CaseIterable, Comparable, BitwiseCopyable {
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

  package static func < (left: Hop, right: Hop) -> Bool { left.ordinal < right.ordinal }
  /// Its place in `allCases`.
  package var ordinal: UInt64 {
    switch self {
    case .h0: 0
    case .d1: 1
    case .h1: 2
    case .c1: 3
    case .d2: 4
    case .h2: 5
    case .c2: 6
    case .a1: 7
    }
  }

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
    switch first < second ? (first, second) : (second, first) {
    case (.ue, .pcscf): .h0
    case (.pcscf, .dns): .d1
    case (.pcscf, .icscf), (.pcscf, .scscf): .h1
    case (.icscf, .hss): .c1
    case (.dns, .icscf): .d2
    case (.icscf, .scscf): .h2
    case (.scscf, .hss): .c2
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
  case pcscf = "P-CSCF"
  case dns = "DNS"
  case icscf = "I-CSCF"
  case scscf = "S-CSCF"
  case hss = "HSS"
  case applicationServer = "AS"

  package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
  private var rank: Int {
    switch self {
    case .ue: 0
    case .pcscf: 1
    case .dns: 2
    case .icscf: 3
    case .scscf: 4
    case .hss: 5
    case .applicationServer: 6
    }
  }

  /// Reads the spellings of a hosts file: "P-CSCF", "pcscf", "p_cscf".
  package init?(spelling: String) {
    let folded = spelling.lowercased().filter { $0.isLetter }
    guard let role = Role.allCases.first(where: { $0.rawValue.lowercased().filter { $0.isLetter } == folded }) else {
      return nil
    }
    self = role
  }
}
