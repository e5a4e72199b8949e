/// Puts Ethernet frames into tunnels: what comes out is an Ethernet frame again, so that tunnels nest.
package enum FrameWrapper: String, CaseIterable, Sendable {
  case vlan, doubleVLAN, ipInIP, sixInFour, gre, greWithEverything, greEthernet, nvgre, erspan1, erspan2, erspan3
  case erspan3Subheader, vxlan, vxlanGroup, geneve, geneveOptions, geneveIP, mpls, mplsEthernet, mplsControlWord, pppoe
  case gtpu, gtpuSequence, tzsp

  /// The ends of the tunnels.
  package static let source: HostAddress = "192.0.2.1"
  package static let destination: HostAddress = "192.0.2.2"

  /// `frame` is Ethernet II around IPv4 or IPv6 or around another tunnel, without tags.
  package func wrap(_ frame: [UInt8]) -> [UInt8] {
    switch self {
    case .vlan: tagged(frame, [0x8100, 100])
    case .doubleVLAN: tagged(frame, [0x88a8, 200, 0x8100, 100])
    case .ipInIP: outer(number(of: frame), packet(of: frame))
    case .sixInFour: outer6(number(of: frame), packet(of: frame))
    case .gre: outer(GREBuilder.number, GREBuilder(type: type(of: frame), payload: packet(of: frame)).bytes)
    case .greWithEverything:
      outer(
        GREBuilder.number,
        GREBuilder(type: type(of: frame), key: 7, sequence: 9, hasChecksum: true, payload: packet(of: frame)).bytes)
    case .greEthernet: outer(GREBuilder.number, ethernetInGRE(frame, key: nil))
    case .nvgre: outer(GREBuilder.number, ethernetInGRE(frame, key: 0x1234_5600))
    case .erspan1: outer(GREBuilder.number, ERSPANBuilder(.type1, frame: frame).bytes)
    case .erspan2: outer(GREBuilder.number, ERSPANBuilder(.type2, frame: frame).bytes)
    case .erspan3: outer(GREBuilder.number, ERSPANBuilder(.type3, frame: frame).bytes)
    case .erspan3Subheader:
      outer(GREBuilder.number, ERSPANBuilder(.type3, hasSubheader: true, frame: frame).bytes)
    case .vxlan: datagram(VXLANBuilder.port, VXLANBuilder(network: 42, frame: frame).bytes)
    case .vxlanGroup: datagram(VXLANBuilder.port, VXLANBuilder(network: 42, group: 5, frame: frame).bytes)
    case .geneve: datagram(GeneveBuilder.port, GeneveBuilder(network: 42, payload: frame).bytes)
    case .geneveOptions: datagram(GeneveBuilder.port, geneveWithOptions(frame))
    case .geneveIP:
      datagram(
        GeneveBuilder.port, GeneveBuilder(network: 42, type: type(of: frame), payload: packet(of: frame)).bytes)
    case .mpls: link(MPLSBuilder.type, MPLSBuilder(labels: [16, 17], payload: packet(of: frame)).bytes)
    case .mplsEthernet: link(MPLSBuilder.type, MPLSBuilder(labels: [16], payload: frame).bytes)
    case .mplsControlWord:
      link(MPLSBuilder.type, MPLSBuilder(labels: [16], hasControlWord: true, payload: frame).bytes)
    case .pppoe: link(PPPoEBuilder.type, PPPoEBuilder(session: 3, ip: packet(of: frame)).bytes)
    case .gtpu: datagram(GTPUBuilder.port, GTPUBuilder(tunnel: 0x0a0b, payload: packet(of: frame)).bytes)
    case .gtpuSequence:
      datagram(GTPUBuilder.port, GTPUBuilder(tunnel: 0x0a0b, sequence: 4, payload: packet(of: frame)).bytes)
    case .tzsp: datagram(TZSPBuilder.port, TZSPBuilder(frame: frame).bytes)
    }
  }

  /// What is inside must be IP right behind the Ethernet header.
  package var wantsIP: Bool {
    switch self {
    case .ipInIP, .sixInFour, .geneveIP, .pppoe, .gtpu, .gtpuSequence, .mpls, .mplsEthernet, .mplsControlWord: true
    default: false
    }
  }

  /// What comes out is IP right behind the Ethernet header.
  package var givesIP: Bool {
    switch self {
    case .vlan, .doubleVLAN, .mpls, .mplsEthernet, .mplsControlWord, .pppoe: false
    default: true
    }
  }

  /// The layers that it puts around those of the frame behind its own Ethernet header, as Wireshark names them.
  package var layers: [String] {
    switch self {
    case .vlan: ["vlan"]
    case .doubleVLAN: ["vlan", "vlan"]
    case .ipInIP: ["ip"]
    case .sixInFour: ["ipv6"]
    case .gre, .greWithEverything: ["ip", "gre"]
    case .greEthernet, .nvgre: ["ip", "gre", "eth"]
    case .erspan1, .erspan2, .erspan3, .erspan3Subheader: ["ip", "gre", "erspan", "eth"]
    case .vxlan, .vxlanGroup: ["ip", "udp", "vxlan", "eth"]
    case .geneve, .geneveOptions: ["ip", "udp", "geneve", "eth"]
    case .geneveIP: ["ip", "udp", "geneve"]
    case .mpls: ["mpls"]
    case .mplsEthernet: ["mpls", "eth"]
    case .mplsControlWord: ["mpls", "pwethcw", "eth"]
    case .pppoe: ["pppoes", "ppp"]
    case .gtpu, .gtpuSequence: ["ip", "udp", "gtp"]
    case .tzsp: ["ip", "udp", "tzsp", "eth"]
    }
  }

  private func type(of frame: [UInt8]) -> UInt16 { UInt16(frame[12]) << 8 | UInt16(frame[13]) }
  private func packet(of frame: [UInt8]) -> [UInt8] { Array(frame[14...]) }
  private func number(of frame: [UInt8]) -> UInt8 { type(of: frame) == 0x86dd ? 41 : 4 }

  private func tagged(_ frame: [UInt8], _ tags: [UInt16]) -> [UInt8] {
    frame.prefix(12) + tags.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] } + frame.dropFirst(12)
  }

  private func link(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    EthernetBuilder(type: type, payload: payload).bytes
  }

  private func outer(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    PacketBuilder.frame(from: Self.source, to: Self.destination, number: number, payload: payload)
  }

  private func outer6(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    PacketBuilder.frame(from: "2001:db8::1", to: "2001:db8::2", number: number, payload: payload)
  }

  private func datagram(_ port: UInt16, _ payload: [UInt8]) -> [UInt8] {
    PacketBuilder.udp(
      from: HostPort(Self.source, 50000), to: HostPort(Self.destination, port), payload: payload)
  }

  private func ethernetInGRE(_ frame: [UInt8], key: UInt32?) -> [UInt8] {
    GREBuilder(type: GREBuilder.transparentEthernet, key: key, payload: frame).bytes
  }

  private func geneveWithOptions(_ frame: [UInt8]) -> [UInt8] {
    var builder = GeneveBuilder(network: 42, payload: frame)
    builder.options = [1, 2, 3, 1, 0, 0, 0, 9]
    return builder.bytes
  }
}
