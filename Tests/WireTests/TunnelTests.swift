import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

/// Each tunnel around one datagram: what stands in it appears, wherever the packet is cut nothing breaks, and what looks
/// like it on the same port is left alone.
@Suite struct TunnelTests {
  static let datagram = Recipe.ipv4(17, Recipe.udp([0x68, 0x69]), source: 77, destination: 78)
  static let datagram6 = Recipe.ipv6(17, Recipe.udp([0x68, 0x69]))
  static let frame = Recipe.ethernet(0x0800, datagram)

  /// Octet by octet, from the standards' figures.
  static let literals: [(String, LinkType, [UInt8], String)] = [
    ("IPv4 in IPv4", .raw, Recipe.ipv4(4, datagram), "raw/ip/ip/udp"),
    ("IPv6 in IPv4", .raw, Recipe.ipv4(41, datagram6), "raw/ip/ipv6/udp"),
    ("GRE", .raw, Recipe.ipv4(47, hex("0000 0800") + datagram), "raw/ip/gre/ip/udp"),
    ("GRE, key", .raw, Recipe.ipv4(47, hex("2000 0800 00000007") + datagram), "raw/ip/gre/ip/udp"),
    (
      "GRE, all fields", .raw, Recipe.ipv4(47, hex("b000 86dd abcd 0000 00000007 00000009") + datagram6),
      "raw/ip/gre/ipv6/udp"
    ),
    ("NVGRE", .raw, Recipe.ipv4(47, hex("2000 6558 00123401") + frame), "raw/ip/gre/eth/ip/udp"),
    (
      "PPTP", .raw, Recipe.ipv4(47, hex("3081 880b 0022 0001 00000001 00000002 ff03 0021") + datagram),
      "raw/ip/gre/ppp/ip/udp"
    ),
    ("GRE around MPLS", .raw, Recipe.ipv4(47, hex("0000 8847 00010140") + datagram), "raw/ip/gre/mpls/ip/udp"),
    ("ERSPAN I", .raw, Recipe.ipv4(47, hex("0000 88be") + frame), "raw/ip/gre/erspan/eth/ip/udp"),
    (
      "ERSPAN II", .raw, Recipe.ipv4(47, hex("1000 88be 00000001 1064 0005 00000003") + frame),
      "raw/ip/gre/erspan/eth/ip/udp"
    ),
    (
      "ERSPAN III", .raw,
      Recipe.ipv4(47, hex("1000 22eb 00000001 2064 0005 00000003 0000 0000") + frame), "raw/ip/gre/erspan/eth/ip/udp"
    ),
    (
      "ERSPAN III, platform, IP", .raw,
      Recipe.ipv4(47, hex("1000 22eb 00000001 2064 0005 00000003 0000 0801 0000000000000000") + datagram),
      "raw/ip/gre/erspan/raw/ip/udp"
    ),
    ("VXLAN", .raw, udp(4789, hex("08000000 00002a00") + frame), "raw/ip/udp/vxlan/eth/ip/udp"),
    ("VXLAN of older Linux", .raw, udp(8472, hex("08000000 00002a00") + frame), "raw/ip/udp/vxlan/eth/ip/udp"),
    ("VXLAN, group", .raw, udp(4789, hex("88080005 00002a00") + frame), "raw/ip/udp/vxlan/eth/ip/udp"),
    ("VXLAN-GPE", .raw, udp(4790, hex("0c000001 00002a00") + datagram), "raw/ip/udp/vxlan/ip/udp"),
    ("VXLAN-GPE, frame", .raw, udp(4790, hex("0c000003 00002a00") + frame), "raw/ip/udp/vxlan/eth/ip/udp"),
    ("Geneve", .raw, udp(6081, hex("0000 6558 00002a 00") + frame), "raw/ip/udp/geneve/eth/ip/udp"),
    (
      "Geneve, options", .raw, udp(6081, hex("0240 86dd 00002a 00 0102030100000009") + datagram6),
      "raw/ip/udp/geneve/ipv6/udp"
    ),
    ("TZSP", .raw, udp(37008, hex("0100 0001 00 0a01c4 290200ff 01") + frame), "raw/ip/udp/tzsp/eth/ip/udp"),
    ("MPLS", .ethernet, Recipe.ethernet(0x8847, hex("00010040 00011140") + datagram), "eth/mpls/ip/udp"),
    ("MPLS, IPv6", .ethernet, Recipe.ethernet(0x8848, hex("00002140") + datagram6), "eth/mpls/ipv6/udp"),
    ("MPLS, frame", .ethernet, Recipe.ethernet(0x8847, hex("00010140") + frame), "eth/mpls/eth/ip/udp"),
    (
      "MPLS, control word", .ethernet, Recipe.ethernet(0x8847, hex("00010140 00000007") + frame),
      "eth/mpls/pwethcw/eth/ip/udp"
    ),
    (
      "PPPoE", .ethernet, Recipe.ethernet(0x8864, hex("1100 0003 0020 0021") + datagram), "eth/pppoes/ppp/ip/udp"
    ),
    (
      "PPPoE, protocol of one octet", .ethernet, Recipe.ethernet(0x8864, hex("1100 0003 001f 21") + datagram + [0, 0]),
      "eth/pppoes/ppp/ip/udp"
    ),
    ("PPPoE as a link", .pppoe, hex("1100 0003 003c 0057") + datagram6, "pppoes/ppp/ipv6/udp"),
    ("PPP", .ppp, hex("ff03 0021") + datagram, "ppp/ip/udp"),
    ("PPP without address", .ppp, hex("0057") + datagram6, "ppp/ipv6/udp"),
    ("PPP around MPLS", .pppHDLC, hex("ff03 0281 00010140") + datagram, "ppp/mpls/ip/udp"),
    ("Cisco HDLC", .pppHDLC, hex("0f00 0800") + datagram, "ppp/ip/udp"),
    (
      "VLAN in a cooked capture", .linuxCooked2,
      hex("88a8 0000 00000009 0001 00 06 0200000000010000 0005 8100 0006 0800")
        + datagram, "sll2/vlan/vlan/ip/udp"
    ),
    ("GRE interface", .linuxCooked, hex("0000 030a 0004 0a00000100000000 0800") + datagram, "sll/ip/udp"),
  ]

  static func hex(_ text: String) -> [UInt8] { Hex.decode(text)! }

  static func udp(_ port: UInt16, _ payload: [UInt8]) -> [UInt8] {
    Recipe.ipv4(17, Recipe.udp(payload, source: 50000, destination: port))
  }

  @Test(arguments: literals.indices) func readsWhatIsInside(index: Int) throws {
    let (name, link, packet, path) = Self.literals[index]
    var bench = Bench()
    bench.feed(packet, linkType: link)
    let payload = try #require(bench.delivered.first, "\(name): \(bench.issues), \(bench.notDecoded)")
    #expect(payload.bytes == [0x68, 0x69], "\(name)")
    #expect(payload.path.layers.text == path, "\(name)")
    #expect(payload.path.destination.port == 5061)
    #expect(bench.issues.isEmpty, "\(name)")
    #expect(bench.notDecoded.isEmpty, "\(name)")
  }

  /// The datagram inside comes whole or marked as cut, and what does not come is counted.
  @Test(arguments: literals.indices) func survivesEveryTruncation(index: Int) {
    let (name, link, packet, _) = Self.literals[index]
    for length in 0..<packet.count {
      for isShort in [true, false] {
        var bench = Bench()
        if isShort {
          bench.feed(Array(packet.prefix(length)), linkType: link)
        } else {
          bench.feed(packet, linkType: link, captured: length)
        }
        bench.finish()
        #expect(bench.delivered.allSatisfy { $0.isTruncated || $0.bytes == [0x68, 0x69] }, "\(name), \(length)")
        #expect(
          !bench.issues.isEmpty || !bench.notDecoded.isEmpty || bench.delivered.map(\.bytes) == [[0x68, 0x69]],
          "\(name), \(length)")
      }
    }
  }

  @Test(arguments: literals.indices) func survivesEveryByteChanged(index: Int) {
    let (_, link, packet, _) = Self.literals[index]
    var bench = Bench()
    bench.feedChanged(packet, linkType: link)
    #expect(bench.delivered.count > packet.count)
  }

  @Test(arguments: FrameWrapper.allCases) func readsWhatTheBuilderWraps(wrapper: FrameWrapper) throws {
    for inner in [Self.frame, Recipe.ethernet(0x86dd, Self.datagram6)] {
      var bench = Bench()
      bench.feed(wrapper.wrap(inner))
      let payload = try #require(bench.delivered.first, "\(wrapper): \(bench.issues), \(bench.notDecoded)")
      #expect(payload.bytes == [0x68, 0x69])
      let ip = payload.path.source.address.isIPv4 ? "ip" : "ipv6"
      #expect(payload.path.layers.text == (["eth"] + wrapper.layers + [ip, "udp"]).joined(separator: "/"))
      #expect(bench.issues.isEmpty)
    }
  }

  /// As many tunnels as there are layers for; then the walk ends.
  @Test(arguments: FrameWrapper.allCases.filter { $0.givesIP || !$0.wantsIP })
  func endsTunnelsInTunnels(wrapper: FrameWrapper) {
    var packet = Self.frame
    for depth in 1...24 {
      packet = wrapper.wrap(packet)
      guard packet.count < 65_000 else { return }
      var bench = Bench()
      bench.feed(packet)
      let layers = 3 + depth * wrapper.layers.count
      if layers <= 20 { #expect(bench.texts == ["hi"], "\(depth)") }
      if layers > 20 { #expect(bench.notDecoded == ["more than 20 layers 1"], "\(depth)") }
    }
  }

  /// Datagrams on the ports of tunnels that are something else, and stay what they are.
  @Test func leavesFalseFriendsAlone() {
    let friends: [(UInt16, [UInt8])] = [
      (4789, Array("REGISTER sip:a.b SIP/2.0".utf8)),
      (4789, Self.hex("0800 0001 00002a00") + Self.frame),  // a reserved bit
      (4789, Self.hex("08000000 00002a01") + Self.frame), (4789, Self.hex("48000000 00002a00") + Self.frame),
      (4789, Self.hex("08000000 00002a00")),  // nothing inside
      (4790, Self.hex("08000000 00002a00") + Self.frame),
      (6081, Self.hex("1234 8183 0001 0000 0000 0000") + [3] + Array("foo".utf8)),  // an answer of DNS
      (6081, Self.hex("4000 6558 00002a00") + Self.frame), (6081, Self.hex("0001 6558 00002a00") + Self.frame),
      (6081, Self.hex("3f00 6558 00002a00") + Self.datagram),  // more options than octets
      (37008, Self.hex("0200 0001 01") + Self.frame), (37008, Self.hex("0100 0002 01") + Self.frame),
      (37008, Self.hex("0100 0001 0aff")), (5060, Self.hex("08000000 00002a00") + Self.frame),
    ]
    var bench = Bench()
    for (port, payload) in friends { bench.feed(Self.udp(port, payload), linkType: .raw) }
    #expect(bench.delivered.map(\.bytes) == friends.map(\.1))
    #expect(bench.delivered.allSatisfy { $0.path.layers.text == "raw/ip/udp" })
    #expect(bench.notDecoded.isEmpty)
  }

  @Test func namesWhatItDoesNotDecode() {
    var bench = Bench()
    for header in ["4000 0800", "0002 0800", "0001 0800", "0000 0000", "0000 88cc", "0000 0004"] {
      bench.feed(Recipe.ipv4(47, Self.hex(header) + Self.datagram), linkType: .raw)
    }
    bench.feed(Recipe.ipv4(47, Self.hex("1000 88be 00000001 3064 0005 00000003") + Self.frame), linkType: .raw)
    bench.feed(
      Recipe.ipv4(47, Self.hex("1000 22eb 00000001 2064 0005 00000003 0000 0400") + Self.frame), linkType: .raw)
    bench.feed(Self.udp(4790, Self.hex("0c000004 00002a00") + Self.frame), linkType: .raw)
    bench.feed(Self.udp(6081, Self.hex("0080 6558 00002a00") + Self.frame), linkType: .raw)
    bench.feed(Self.udp(37008, Self.hex("0100 0012 01") + Self.frame), linkType: .raw)
    bench.feed(Self.udp(37008, Self.hex("0104 0000")), linkType: .raw)
    bench.feed(Recipe.ethernet(0x8847, Self.hex("00010140 10000021 0102030405060708090a0b0c0d0e0f10")))
    bench.feed(Recipe.ethernet(0x8863, Self.hex("1109 0000 0000")))
    bench.feed(Recipe.ethernet(0x8864, Self.hex("1100 0003 0006 c021 01010004")))
    bench.feed(Self.hex("ff03 002d") + Self.datagram, linkType: .ppp)
    #expect(bench.delivered.isEmpty)
    #expect(
      bench.notDecoded == [
        "ERSPAN of another kind 2", "EtherType 0x88cc 1", "GRE protocol 0x0000 1", "GRE protocol 0x0004 1",
        "GRE protocol 0x0800 3", "Geneve control message 1", "MPLS payload that is no IP packet 1", "PPP LCP 1",
        "PPP protocol 0x002d 1", "PPPoE discovery 1", "TZSP 802.11 1", "TZSP without a frame 1",
        "VXLAN-GPE protocol 4 1",
      ])
    #expect(bench.issues.isEmpty)
  }

  /// Labels without end, and a stack of as many as are read.
  @Test func endsAnEndlessStackOfLabels() {
    var bench = Bench()
    let label = Self.hex("00010040")
    bench.feed(Recipe.ethernet(0x8847, (0..<17).flatMap { _ in label } + Self.datagram))
    bench.feed(Recipe.ethernet(0x8847, (0..<15).flatMap { _ in label } + Self.hex("00010140") + Self.datagram))
    #expect(bench.texts == ["hi"])
    #expect(bench.issues == ["MPLS: more than 16 labels"])
  }

  /// A datagram in a tunnel whose outer packet came in fragments, and inner fragments in whole outer packets.
  @Test func putsFragmentsTogetherOnBothSides() {
    let bytes = [UInt8](repeating: 0x41, count: 2500)
    let inner = IPv4Builder(
      from: "10.0.0.1", to: "10.0.0.2", protocolNumber: 17, identification: 3,
      payload: UDPBuilder(from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), payload: bytes).bytes)
    var bench = Bench()
    for piece in inner.fragments(mtu: 1500) { bench.feed(FrameWrapper.vxlan.wrap(EthernetBuilder(ip: piece).bytes)) }
    let gre = GREBuilder(type: 0x0800, key: 1, payload: inner.bytes)
    let outer = IPv4Builder(
      from: FrameWrapper.source, to: FrameWrapper.destination, protocolNumber: 47, identification: 9,
      payload: gre.bytes)
    for piece in outer.fragments(mtu: 1000) { bench.feed(EthernetBuilder(ip: piece).bytes) }
    bench.finish()
    #expect(bench.delivered.map(\.bytes) == [bytes, bytes])
    #expect(bench.delivered.map(\.frames) == [[1, 2], [3, 4, 5]])
    #expect(bench.issues.isEmpty)
  }

  @Test func everyLayerHasItsCode() {
    #expect(Layer.allCases.allSatisfy { $0.rawValue < 64 })
    #expect(Set(Layer.allCases.map(\.name)).count == Layer.allCases.count)
    for layer in Layer.allCases {
      var stack = LayerStack()
      for _ in 0..<25 { stack.append(layer) }
      #expect(stack.layers == [Layer](repeating: layer, count: 20) && stack.count == 25)
      for _ in 0..<300 { stack.append(layer) }
      #expect(stack.layers.count == 20 && stack.count == 255)
    }
  }
}
