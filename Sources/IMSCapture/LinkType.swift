/// The link-layer header type of an interface (LINKTYPE_ registry of tcpdump.org).
@usableFromInline package struct LinkType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var rawValue: UInt32

  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable package static var null: LinkType { LinkType(rawValue: 0) }
  @inlinable package static var ethernet: LinkType { LinkType(rawValue: 1) }
  /// LINKTYPE_RAW as some BSDs number it.
  @inlinable package static var raw12: LinkType { LinkType(rawValue: 12) }
  @inlinable package static var raw14: LinkType { LinkType(rawValue: 14) }
  @inlinable package static var ppp: LinkType { LinkType(rawValue: 9) }
  @inlinable package static var pppHDLC: LinkType { LinkType(rawValue: 50) }
  @inlinable package static var pppoe: LinkType { LinkType(rawValue: 51) }
  @inlinable package static var nflog: LinkType { LinkType(rawValue: 239) }
  @inlinable package static var exportedPDU: LinkType { LinkType(rawValue: 252) }
  @inlinable package static var pktap: LinkType { LinkType(rawValue: 258) }
  @inlinable package static var raw: LinkType { LinkType(rawValue: 101) }
  @inlinable package static var loop: LinkType { LinkType(rawValue: 108) }
  @inlinable package static var linuxCooked: LinkType { LinkType(rawValue: 113) }
  @inlinable package static var ipv4: LinkType { LinkType(rawValue: 228) }
  @inlinable package static var ipv6: LinkType { LinkType(rawValue: 229) }
  @inlinable package static var linuxCooked2: LinkType { LinkType(rawValue: 276) }

  @inlinable package static func == (left: LinkType, right: LinkType) -> Bool { left.rawValue == right.rawValue }

  /// Those that can be taken apart.
  package static let known: [LinkType] = [
    .ethernet, .linuxCooked, .linuxCooked2, .raw, .raw12, .raw14, .ipv4, .ipv6, .null, .loop, .ppp, .pppHDLC, .pppoe,
    .nflog, .exportedPDU, .pktap,
  ]
}

extension LinkType {
  /// What frames of a link type without a meaning of its own may hold, as the user names it.
  package static let contents: [(name: String, type: LinkType)] = [
    ("eth", .ethernet), ("ip", .raw), ("sll", .linuxCooked), ("sll2", .linuxCooked2), ("null", .null), ("loop", .loop),
    ("ppp", .ppp), ("hdlc", .pppHDLC), ("pppoe", .pppoe), ("nflog", .nflog), ("pdu", .exportedPDU), ("pktap", .pktap),
  ]

  /// As libpcap names it ("EN10MB"), else the number.
  package var name: String {
    switch self {
    case .null: "NULL"
    case .ethernet: "EN10MB"
    case .raw, .raw12, .raw14: "RAW"
    case .loop: "LOOP"
    case .ppp: "PPP"
    case .pppHDLC: "PPP_SERIAL"
    case .pppoe: "PPP_ETHER"
    case .nflog: "NFLOG"
    case .exportedPDU: "WIRESHARK_UPPER_PDU"
    case .pktap: "PKTAP"
    case .linuxCooked: "LINUX_SLL"
    case .ipv4: "IPV4"
    case .ipv6: "IPV6"
    case .linuxCooked2: "LINUX_SLL2"
    default: "\(rawValue)"
    }
  }
}
