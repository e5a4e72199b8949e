import IMSBytes

/// An IPv4 or IPv6 address; IPv4 lies in the low 32 bits.
@usableFromInline package struct IPAddress: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package var high: UInt64
  @usableFromInline package var low: UInt64
  @usableFromInline package var isIPv4: Bool

  @inlinable package init(v4 value: UInt32) {
    high = 0
    low = UInt64(value)
    isIPv4 = true
  }

  @inlinable package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
    isIPv4 = false
  }

  /// The sixteen bytes at `offset`.
  init(v6 bytes: RawSpan, at offset: Int) { self.init(high: bytes.u64(offset), low: bytes.u64(offset + 8)) }

  @inlinable package static func == (left: IPAddress, right: IPAddress) -> Bool {
    left.low == right.low && left.high == right.high && left.isIPv4 == right.isIPv4
  }

  @usableFromInline package static func < (left: IPAddress, right: IPAddress) -> Bool {
    if left.isIPv4 != right.isIPv4 { return left.isIPv4 }
    return (left.high, left.low) < (right.high, right.low)
  }
}

/// A transport address.
@usableFromInline package struct Endpoint: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package var address: IPAddress
  @usableFromInline package var port: UInt16

  @inlinable package init(_ address: IPAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  @inlinable package static func == (left: Endpoint, right: Endpoint) -> Bool {
    left.port == right.port && left.address == right.address
  }

  @usableFromInline package static func < (left: Endpoint, right: Endpoint) -> Bool {
    left.address != right.address ? left.address < right.address : left.port < right.port
  }
}

package enum Transport: UInt8, Sendable, BitwiseCopyable {
  case udp, tcp, sctp
}

/// Where a packet was recorded: one interface of one recorder; in cooked captures the kernel's interface index too, in HEP
/// the agent that sent it.
@usableFromInline package struct CapturePoint: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Of the recorder: the input with which it began. Its further files are told by the numbers of the frames alone
  /// (`Recorders`).
  @usableFromInline package var input: UInt16
  @usableFromInline package var interface: UInt16
  /// The kernel's interface index in a cooked v2 capture, the agent with `agentMark` in HEP, else 0.
  @usableFromInline package var channel: UInt32

  @inlinable package init(input: UInt16, interface: UInt16, channel: UInt32 = 0) {
    self.input = input
    self.interface = interface
    self.channel = channel
  }

  /// Interface indices are positive numbers of 32 bits with a sign.
  private static let agentMark: UInt32 = 1 << 31

  static func agent(_ number: UInt32) -> UInt32 { number | agentMark }

  /// The agent of HEP that recorded; the top bit of its number is not kept.
  package var agent: UInt32? { channel & Self.agentMark != 0 ? channel & ~Self.agentMark : nil }

  @inlinable package static func == (left: CapturePoint, right: CapturePoint) -> Bool {
    left.input == right.input && left.interface == right.interface && left.channel == right.channel
  }

  @usableFromInline package static func < (left: CapturePoint, right: CapturePoint) -> Bool {
    (left.input, left.interface, left.channel) < (right.input, right.interface, right.channel)
  }
}

extension Fingerprint {
  package mutating func combine(_ point: CapturePoint) {
    combine(UInt64(point.input) << 48 | UInt64(point.interface) << 32 | UInt64(point.channel))
  }

  package mutating func combine(_ endpoint: Endpoint) {
    let address = endpoint.address
    if !address.isIPv4 { combine(address.high) }
    combine(address.low, UInt64(endpoint.port) << 1 | (address.isIPv4 ? 1 : 0))
  }

  package mutating func combine(from source: Endpoint, to destination: Endpoint) {
    if source.address.isIPv4, destination.address.isIPv4 {
      combine(
        source.address.low << 32 | destination.address.low, UInt64(source.port) << 16 | UInt64(destination.port))
    } else {
      combine(source)
      combine(destination)
    }
  }
}

/// The way of a payload through the layers: where it was captured, between whom it travelled, in what it was wrapped.
package struct Path: Hashable, Sendable, BitwiseCopyable {
  package var point: CapturePoint
  package var source: Endpoint
  package var destination: Endpoint
  package var transport: Transport
  /// TTL or hop limit of the innermost IP header.
  package var hopLimit: UInt8
  /// IPv4 Identification of the innermost header, 0 when there is none (IPv6) or it is not set.
  package var identification: UInt16
  /// The layers from the link to the transport, outermost first.
  package var layers: LayerStack
  /// Of the security association that it was taken out of, 0 for what came in clear.
  package var spi: UInt32
  /// The tunnels that it was taken out of.
  package var outer: OuterPaths.Number

  package init(
    point: CapturePoint, source: Endpoint, destination: Endpoint, transport: Transport, hopLimit: UInt8,
    identification: UInt16, layers: LayerStack, spi: UInt32 = 0, outer: OuterPaths.Number = .none
  ) {
    self.point = point
    self.source = source
    self.destination = destination
    self.transport = transport
    self.hopLimit = hopLimit
    self.identification = identification
    self.layers = layers
    self.spi = spi
    self.outer = outer
  }
}

/// One protocol layer, named as Wireshark names it in its protocol column.
package enum Layer: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case none, ethernet, vlan, sll, sll2, null, raw, ipv4, ipv6, udp, tcp, sctp, icmp, icmpv6, gtp, udpEncapsulation, esp
  case gre, erspan, vxlan, geneve, mpls, pseudowire, pppoe, ppp, nflog, pktap, tzsp, exportedPDU, hep

  package var name: String {
    switch self {
    case .none: ""
    case .ethernet: "eth"
    case .vlan: "vlan"
    case .sll: "sll"
    case .sll2: "sll2"
    case .null: "null"
    case .raw: "raw"
    case .ipv4: "ip"
    case .ipv6: "ipv6"
    case .udp: "udp"
    case .tcp: "tcp"
    case .sctp: "sctp"
    case .icmp: "icmp"
    case .icmpv6: "icmpv6"
    case .gtp: "gtp"
    case .udpEncapsulation: "udpencap"
    case .esp: "esp"
    case .gre: "gre"
    case .erspan: "erspan"
    case .vxlan: "vxlan"
    case .geneve: "geneve"
    case .mpls: "mpls"
    case .pseudowire: "pwethcw"
    case .pppoe: "pppoes"
    case .ppp: "ppp"
    case .nflog: "nflog"
    case .pktap: "pktap"
    case .tzsp: "tzsp"
    case .exportedPDU: "exported_pdu"
    case .hep: "hep"
    }
  }

  /// Carries packets of others.
  var isTunnel: Bool {
    switch self {
    case .gtp, .udpEncapsulation, .esp, .gre, .erspan, .vxlan, .geneve, .mpls, .pppoe, .tzsp, .exportedPDU, .hep: true
    default: false
    }
  }
}

/// Up to twenty layers in two words, six bits each, outermost first; further ones are left out.
package struct LayerStack: Hashable, Sendable, BitwiseCopyable {
  package static var capacity: UInt8 { UInt8(Bounds.layers) }

  /// Ten layers each; above them a half of the count.
  private var codes: UInt64 = 0
  private var more: UInt64 = 0

  package init() {}

  /// Those that are left out count too.
  package var count: UInt8 { UInt8(codes >> 60) | UInt8(more >> 60) << 4 }

  package mutating func append(_ layer: Layer) {
    let (code, count) = (UInt64(layer.rawValue), UInt64(count))
    if count < 10 {
      codes |= code << (6 * count)
    } else if count < Self.capacity {
      more |= code << (6 * (count - 10))
    }
    if count < UInt64(UInt8.max) {
      codes = codes & Self.layerBits | (count + 1) << 60
      more = more & Self.layerBits | ((count + 1) >> 4) << 60
    }
  }

  private static var layerBits: UInt64 { 1 << 60 - 1 }

  /// "eth/ip/udp/gtp/ip/esp/udp".
  package var text: String { layers.map(\.name).joined(separator: "/") }

  /// A tunnel or ESP is among them, or IP in IP.
  package var isWrapped: Bool {
    var networks = 0
    for index in 0..<min(count, Self.capacity) {
      let layer = layer(at: index)
      if layer.isTunnel { return true }
      if layer == .ipv4 || layer == .ipv6 { networks += 1 }
    }
    return networks > 1
  }

  /// What carried the packet whose IP header comes next: the last layer that is no frame around it.
  var carrier: Layer { layers.last { ![.ethernet, .vlan].contains($0) } ?? .none }

  package var layers: [Layer] { (0..<min(count, Self.capacity)).map { layer(at: $0) } }

  private func layer(at index: UInt8) -> Layer {
    let word = index < 10 ? codes >> (6 * UInt64(index)) : more >> (6 * UInt64(index - 10))
    return Layer(rawValue: UInt8(truncatingIfNeeded: word & 0x3f)) ?? .none
  }
}
