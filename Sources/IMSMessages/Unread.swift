import IMSAccess
import IMSWire

/// What was recognised and is not read.
enum Unread: Hashable, Sendable {
  case gtp(GTPMessageType)
  case gtpPrime
  case gtpVersion0
  case noGTP
  case sigComp
  /// On a port of SIP or Diameter, 0 for others.
  case tls(port: UInt16)
  case dtls(port: UInt16)

  var name: String {
    switch self {
    case .gtp(let type): "\(type.protocolName) \(type.name)"
    case .gtpPrime: "GTP'"
    case .gtpVersion0: "GTP version 0"
    case .noGTP: "UDP port 2123 without GTP-C"
    case .sigComp: "SIP in SigComp"
    case .tls(0): "TLS between endpoints of messages"
    case .tls(let port): "TLS on port \(port)"
    case .dtls(0): "DTLS between endpoints of messages"
    case .dtls(let port): "DTLS on port \(port)"
    }
  }

  /// Of SIP and of Diameter, in clear, in TLS and in DTLS (RFC 3261, section 19.1.2; RFC 6733, section 11.4).
  private static let ports: [UInt16] = [5060, 5061, 3868, 5658, 5868]

  /// The one of these ports that a path has; nil for none.
  static func port(of path: Path) -> UInt16? {
    ports.first { path.source.port == $0 || path.destination.port == $0 }
  }
}

/// So many packets of each kind.
struct UnreadCounts: Sendable {
  private var frames: [Unread: UInt64] = [:]

  mutating func add(_ what: Unread) { frames[what, default: 0] += 1 }

  /// By name.
  var all: [(name: String, frames: UInt64)] {
    frames.map { (name: $0.key.name, frames: $0.value) }.sorted { $0.name < $1.name }
  }
}
