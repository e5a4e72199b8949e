import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

@Suite struct GTPUTests {
  static let inner = Recipe.ipv4(17, Recipe.udp([0x68, 0x69]), source: 77, destination: 78)
  static let inner6 = Recipe.ipv6(17, Recipe.udp([0x68, 0x69]))

  /// Literal: version 1, PT, a G-PDU of 30 octets for TEID 0x0a0b0c0d.
  static let literal = Hex.decode("30ff 001e 0a0b0c0d")! + inner

  static func wrap(_ message: [UInt8], source: UInt16 = 2152, destination: UInt16 = 2152) -> [UInt8] {
    Recipe.ethernet(0x0800, Recipe.ipv4(17, Recipe.udp(message, source: source, destination: destination)))
  }

  static let packets: [[UInt8]] = {
    var plain = GTPUBuilder(tunnel: 1, payload: inner)
    var session = plain
    session.extensions = [(0x85, [0x01, 0x09])]
    var chain = GTPUBuilder(tunnel: 1, sequence: 5, payload: inner6)
    chain.extensions = [(0xc0, [0, 1]), (0x85, [0x10, 0x09, 0, 0, 0, 0])]
    let numbered = GTPUBuilder(tunnel: 1, sequence: 5, payload: inner)
    plain.tunnel = 0xffff_ffff
    return [literal, plain.bytes, numbered.bytes, session.bytes, chain.bytes]
  }()

  @Test(arguments: packets.indices) func readsTheInnerPacket(index: Int) throws {
    var bench = Bench()
    bench.feed(Self.wrap(Self.packets[index]))
    let payload = try #require(bench.delivered.first)
    #expect(payload.bytes == [0x68, 0x69])
    #expect(payload.path.source.port == 5060)
    let isIPv6 = index == 4
    #expect(payload.path.source.address.isIPv4 != isIPv6)
    #expect(payload.path.layers.layers == [.ethernet, .ipv4, .udp, .gtp, isIPv6 ? .ipv6 : .ipv4, .udp])
    #expect(bench.issues.isEmpty)
    #expect(bench.notDecoded.isEmpty)
  }

  @Test func theWayThroughTheTunnelsStaysKnown() throws {
    let twice = GTPUBuilder(
      tunnel: 0xfe, payload: Recipe.ipv4(17, Recipe.udp(Self.literal, source: 2152, destination: 2152)))
    let paths = OuterPaths()
    var bench = Bench()
    bench.dissector = Dissector(input: 3, paths: paths)
    bench.feed(Self.wrap(Self.literal))
    bench.feed(Self.wrap(twice.bytes))
    bench.feed(Self.wrap(Self.literal))
    bench.feed(Recipe.ethernet(0x0800, Self.inner))
    let ways = bench.delivered.map { paths.hops(of: $0.path.outer) }
    #expect(ways.map { $0.map(\.identifier) } == [[0x0a0b_0c0d], [0xfe, 0x0a0b_0c0d], [0x0a0b_0c0d], []])
    #expect(ways.joined().allSatisfy { $0.layer == .gtp && $0.source != $0.destination })
    #expect(bench.delivered[0].path.outer == bench.delivered[2].path.outer)
    #expect(bench.delivered[3].path.outer == .none)
    let outer = try #require(ways.first?.first)
    let plain = try #require(bench.delivered.last?.path)
    #expect(outer.source != plain.source.address)
  }

  /// The ends are those of the tunnel, an Ethernet frame with a tag in it or not, and IPv4 in IPv6.
  @Test func anyIPHeaderBehindAnotherHasAWay() throws {
    let paths = OuterPaths()
    var bench = Bench()
    bench.dissector = Dissector(input: 3, paths: paths)
    let inner = GTPUBuilder(tunnel: 7, payload: Self.inner).bytes
    bench.feed(Recipe.ethernet(0x86dd, Recipe.ipv6(17, Recipe.udp(inner, source: 2152, destination: 2152))))
    let path = try #require(bench.delivered.first).path
    let hop = try #require(paths.hops(of: path.outer).first)
    #expect(!hop.source.isIPv4 && !hop.destination.isIPv4 && path.source.address.isIPv4)
    #expect(paths.leftOut == 0)
  }

  @Test func waysForWhichThereIsNoRoomAreCounted() throws {
    let paths = OuterPaths(capacity: 1)
    var bench = Bench()
    bench.dissector = Dissector(input: 3, paths: paths)
    for tunnel in [1, 2, 1, 3] as [UInt32] {
      bench.feed(Self.wrap(GTPUBuilder(tunnel: tunnel, payload: Self.inner).bytes))
    }
    #expect(bench.delivered.map { paths.hops(of: $0.path.outer).map(\.identifier) } == [[1], [], [1], []])
    #expect(paths.leftOut == 2)
  }

  @Test(arguments: packets.indices) func survivesEveryTruncation(index: Int) {
    let packet = Self.wrap(Self.packets[index])
    for length in 0..<packet.count {
      var bench = Bench()
      bench.feed(Array(packet.prefix(length)))
      bench.feed(packet, captured: length)
      bench.finish()
      #expect(!bench.issues.isEmpty)
      #expect(bench.delivered.allSatisfy { $0.isTruncated })
    }
  }

  @Test(arguments: packets.indices) func survivesEveryByteChanged(index: Int) {
    let packet = Self.wrap(Self.packets[index])
    var bench = Bench()
    for position in packet.indices {
      for value in [UInt8(0), 0x0f, 0x34, 0x40, 0x7f, 0x80, 0xff] {
        var changed = packet
        changed[position] = value
        bench.feed(changed)
      }
    }
    bench.finish()
    #expect(bench.delivered.count > packet.count)
  }

  @Test func namesWhatCarriesNoPacket() {
    var bench = Bench()
    for type: UInt8 in [1, 2, 26, 31, 253, 254] {
      var message = GTPUBuilder(tunnel: 0, sequence: 1, payload: [14, 0])
      message.type = type
      bench.feed(Self.wrap(message.bytes))
    }
    bench.feed(Self.wrap(GTPUBuilder(tunnel: 9, payload: [0x60, 1, 2, 3]).bytes))
    bench.feed(Self.wrap(GTPUBuilder(tunnel: 9, payload: [0x45] + [UInt8](repeating: 0xff, count: 30)).bytes))
    bench.feed(Self.wrap([0x20, 1, 0, 0, 0, 0, 0, 0]))
    bench.feed(Self.wrap([0x30, 77, 0, 0, 0, 0, 0, 0]))
    bench.feed(Self.wrap([0, 1, 2]))
    #expect(bench.delivered.isEmpty)
    #expect(
      bench.notDecoded == [
        "GTP' 1", "GTP-U Echo Request 1", "GTP-U Echo Response 1", "GTP-U End Marker 1", "GTP-U Error Indication 1",
        "GTP-U Supported Extension Headers Notification 1", "GTP-U Tunnel Status 1",
        "GTP-U payload that is no IP packet 2", "UDP port 2152 without GTP-U 2",
      ])
  }

  @Test func leavesTextOnItsPortAlone() {
    var bench = Bench()
    bench.feed(Self.wrap(Array("REGISTER sip:a.b".utf8), source: 5060))
    #expect(bench.texts == ["REGISTER sip:a.b"])
    #expect(bench.notDecoded.isEmpty)
  }

  @Test func endsTunnelsInTunnels() {
    var packet = Self.inner
    for _ in 0..<20 {
      packet = Recipe.ipv4(17, Recipe.udp(GTPUBuilder(tunnel: 1, payload: packet).bytes, destination: 2152))
    }
    var bench = Bench()
    bench.feed(Recipe.ethernet(0x0800, packet))
    #expect(bench.delivered.isEmpty)
    #expect(bench.notDecoded == ["more than 20 layers 1"])
  }

  /// An outer datagram in fragments holds an inner one in fragments.
  @Test func putsFragmentsTogetherOnBothSides() throws {
    let payload = [UInt8](repeating: 0x41, count: 3000)
    let source: HostAddress = "192.168.101.5"
    let destination: HostAddress = "10.4.128.21"
    let datagram = UDPBuilder(from: HostPort(source, 5060), to: HostPort(destination, 5060), payload: payload)
    let inner = IPv4Builder(
      from: source, to: destination, protocolNumber: 17, identification: 3, payload: datagram.bytes)
    var bench = Bench()
    for (number, piece) in inner.fragments(mtu: 1500).enumerated() {
      let tunnel = UDPBuilder(
        from: HostPort("10.0.0.1", 2152), to: HostPort("10.0.0.2", 2152),
        payload: GTPUBuilder(tunnel: 1, payload: piece).bytes)
      let outer = IPv4Builder(
        from: "10.0.0.1", to: "10.0.0.2", protocolNumber: 17, identification: UInt16(number + 50),
        payload: tunnel.bytes)
      for fragment in outer.fragments(mtu: 1000) { bench.feed(EthernetBuilder(ip: fragment).bytes) }
    }
    let whole = try #require(bench.delivered.first)
    #expect(whole.bytes == payload)
    #expect(whole.path.identification == 3)
    #expect(whole.frames == [1, 2, 3, 4, 5])
    #expect(bench.issues.isEmpty)
  }
}
