/// The link-layer header type of an interface (LINKTYPE_ registry of tcpdump.org).
package struct LinkType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  package var rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let null = LinkType(rawValue: 0)
  package static let ethernet = LinkType(rawValue: 1)
  /// LINKTYPE_RAW as some BSDs number it.
  package static let raw12 = LinkType(rawValue: 12)
  package static let raw14 = LinkType(rawValue: 14)
  package static let ppp = LinkType(rawValue: 9)
  package static let pppHDLC = LinkType(rawValue: 50)
  package static let pppoe = LinkType(rawValue: 51)
  package static let nflog = LinkType(rawValue: 239)
  package static let exportedPDU = LinkType(rawValue: 252)
  package static let pktap = LinkType(rawValue: 258)
  package static let raw = LinkType(rawValue: 101)
  package static let loop = LinkType(rawValue: 108)
  package static let linuxCooked = LinkType(rawValue: 113)
  package static let ipv4 = LinkType(rawValue: 228)
  package static let ipv6 = LinkType(rawValue: 229)
  package static let linuxCooked2 = LinkType(rawValue: 276)

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
