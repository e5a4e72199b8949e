import IMSBytes
import IMSCapture

/// What the switches of the dissector do not name, because it is seldom met: a line for each protocol. Whoever adds one
/// writes it here, so that plain packets do not pay for it.
enum Tunnels {
  static func link(_ type: LinkType, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch type {
    case .ppp, .pppHDLC: PPP.decode(bytes, &walk)
    case .pppoe: PPPoE.decode(bytes, &walk)
    case .nflog: NFLOG.decode(bytes, &walk)
    case .pktap: PKTAP.decode(bytes, &walk)
    case .exportedPDU: ExportedPDU.decode(bytes, &walk)
    default: .undecoded(.linkType(type.rawValue))
    }
  }

  /// By EtherType.
  static func network(_ type: UInt16, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch type {
    case 0x8847, 0x8848: MPLS.decode(bytes, &walk)
    case 0x8864: PPPoE.decode(bytes, &walk)
    case 0x880b: PPP.decode(bytes, &walk)
    default: .undecoded(.etherType(type))
    }
  }

  /// By protocol number of IP.
  static func transport(_ number: UInt8, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch number {
    case 4: .network(0x0800)
    case 41: .network(0x86dd)
    case 47: GRE.decode(bytes, &walk)
    case 137: MPLS.decode(bytes, &walk)
    default: .undecoded(.ipProtocol(number))
    }
  }

  /// The first octet of a datagram in which something of `datagram` may stand. Neither text nor media begins so: the
  /// ports are looked at behind this one comparison.
  static func mayBegin(_ first: UInt8) -> Bool { first < 0x40 || first == 0x48 || first == 0x88 }

  /// At which datagrams are read by their ports.
  static let ports: [UInt16] = [GTPU.port, ESP.port, HEP.port, 4789, 4790, 6081, 8472, 37008]

  /// By the port of the destination: that of the source is any; HEP by its form, since agents send it to any port. What
  /// does not have the form of the protocol is a datagram like any other.
  static func datagram(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch walk.destinationPort {
    case 4789, 8472: VXLAN.decode(bytes, &walk)
    case 4790: VXLAN.decodeGPE(bytes, &walk)
    case 6081: Geneve.decode(bytes, &walk)
    case 37008: TZSP.decode(bytes, &walk)
    default: HEP.stands(in: bytes, walk) ? .hep : .done(.udp)
    }
  }
}
