import IMSBytes
import IMSCapture
import IMSWire
import Testing

@Suite struct LayerTests {
  static let datagram = Recipe.ipv4(17, Recipe.udp([0x68, 0x69]))

  /// Literal: Ethernet, IPv4 10.0.0.1 → 10.0.0.2, UDP 5060 → 5061, "hi", padded to 60 bytes.
  static let literal = Hex.decode(
    """
    020000000002 020000000001 0800
    4500 001e 1234 4000 4011 0000 0a000001 0a000002
    13c4 13c5 000a 0000 6869 00000000000000000000000000000000
    """)!

  static let links: [(LinkType, [UInt8], [Layer])] = [
    (.ethernet, Recipe.ethernet(0x0800, datagram), [.ethernet, .ipv4, .udp]),
    (.ethernet, Recipe.ethernet(0x8100, [0, 5, 8, 0] + datagram), [.ethernet, .vlan, .ipv4, .udp]),
    (
      .ethernet, Recipe.ethernet(0x88a8, [0, 5, 0x91, 0, 0, 6, 0x81, 0, 0, 7, 8, 0] + datagram),
      [.ethernet, .vlan, .vlan, .vlan, .ipv4, .udp]
    ),
    (
      .linuxCooked, Hex.decode("0000 0001 0006 020000000001 0000 0800")! + datagram, [.sll, .ipv4, .udp]
    ),
    (
      .linuxCooked, Hex.decode("0004 0001 0006 020000000001 0000 8100 0005 0800")! + datagram,
      [.sll, .vlan, .ipv4, .udp]
    ),
    (
      .linuxCooked2, Hex.decode("0800 0000 00000009 0001 00 06 0200000000010000")! + datagram, [.sll2, .ipv4, .udp]
    ),
    (.raw, datagram, [.raw, .ipv4, .udp]), (.raw12, datagram, [.raw, .ipv4, .udp]),
    (.raw14, datagram, [.raw, .ipv4, .udp]), (.ipv4, datagram, [.raw, .ipv4, .udp]),
    (.ipv6, Recipe.ipv6(17, Recipe.udp([0x68, 0x69])), [.raw, .ipv6, .udp]),
    (.null, [2, 0, 0, 0] + datagram, [.null, .ipv4, .udp]), (.null, [0, 0, 0, 2] + datagram, [.null, .ipv4, .udp]),
    (.loop, [0, 0, 0, 30] + Recipe.ipv6(17, Recipe.udp([0x68, 0x69])), [.null, .ipv6, .udp]),
    (.null, [24, 0, 0, 0] + Recipe.ipv6(17, Recipe.udp([0x68, 0x69])), [.null, .ipv6, .udp]),
  ]

  @Test func readsTheLiteralPacket() throws {
    var bench = Bench()
    bench.feed(Self.literal)
    let payload = try #require(bench.delivered.first)
    #expect(payload.bytes == [0x68, 0x69])
    #expect(payload.delivery == .datagram)
    #expect(payload.frames == [1])
    #expect(!payload.isTruncated)
    let path = payload.path
    #expect(path.point == CapturePoint(input: 3, interface: 1))
    #expect(path.source == Endpoint(IPAddress(v4: 0x0a00_0001), 5060))
    #expect(path.destination == Endpoint(IPAddress(v4: 0x0a00_0002), 5061))
    #expect(path.hopLimit == 64)
    #expect(path.identification == 0x1234)
    #expect(path.layers.layers == [.ethernet, .ipv4, .udp])
  }

  @Test(arguments: links.indices) func readsEveryLink(index: Int) throws {
    let (linkType, packet, layers) = Self.links[index]
    var bench = Bench()
    bench.feed(packet, linkType: linkType)
    let payload = try #require(bench.delivered.first)
    #expect(payload.bytes == [0x68, 0x69])
    #expect(payload.path.layers.layers == layers)
    #expect(payload.path.point.channel == (linkType == .linuxCooked2 ? 9 : 0))
    #expect(bench.issues.isEmpty)
  }

  /// Neither a packet that ends early nor one that the capture cut may stop the walk.
  @Test(arguments: links.indices) func survivesEveryTruncation(index: Int) {
    let (linkType, packet, _) = Self.links[index]
    for length in 0..<packet.count {
      var bench = Bench()
      bench.feed(Array(packet.prefix(length)), linkType: linkType)
      bench.feed(packet, linkType: linkType, captured: length)
      bench.finish()
      #expect(!bench.issues.isEmpty)
      #expect(bench.delivered.allSatisfy { $0.isTruncated })
    }
  }

  @Test(arguments: links.indices) func survivesEveryByteChanged(index: Int) {
    let (linkType, packet, _) = Self.links[index]
    var bench = Bench()
    for position in packet.indices {
      for value in [UInt8(0), 0x0f, 0x2c, 0x33, 0x40, 0x7f, 0x80, 0xff] {
        var changed = packet
        changed[position] = value
        bench.feed(changed, linkType: linkType)
      }
    }
    bench.finish()
    #expect(bench.delivered.count > packet.count)
  }

  @Test func readsIPv6ExtensionHeaders() throws {
    let udp = Recipe.udp([1, 2, 3])
    let authentication: [UInt8] = [60, 4, 0, 0] + [UInt8](repeating: 9, count: 20)
    let hopByHop: [UInt8] = [43, 0, 0, 0, 0, 0, 0, 0]
    let routing: [UInt8] = [44, 1] + [UInt8](repeating: 0, count: 14)
    let fragment: [UInt8] = [51, 0, 0, 0, 0, 0, 0, 5]
    let destination: [UInt8] = [17, 0, 0, 0, 0, 0, 0, 0]
    let packet = Recipe.ipv6(0, hopByHop + routing + fragment + authentication + destination + udp)
    var bench = Bench()
    bench.feed(packet, linkType: .raw)
    let payload = try #require(bench.delivered.first)
    #expect(payload.bytes == [1, 2, 3])
    #expect(payload.path.source.address == IPAddress(high: 0x2001_0db8_0000_0000, low: 1))
    #expect(payload.path.hopLimit == 63)
    #expect(bench.issues.isEmpty)
    bench.feed(Recipe.ipv6(0, (0..<9).flatMap { _ in [UInt8](repeating: 0, count: 8) }), linkType: .raw)
    #expect(bench.issues == ["IPv6: more than 8 extension headers"])
  }

  @Test func toleratesLengthsThatOffloadLeaves() throws {
    var bench = Bench()
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, Recipe.udp([1, 2, 3]), total: 0)))
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, Recipe.udp([1, 2, 3], length: 0))))
    #expect(bench.delivered.map(\.bytes) == [[1, 2, 3], [1, 2, 3]])
    #expect(bench.issues.isEmpty)
  }

  @Test func toleratesAWrongLengthOfUDP() throws {
    var bench = Bench()
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, Recipe.udp([1, 2, 3], length: 3))))
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, Recipe.udp([1, 2, 3], length: 10))))
    bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(17, Recipe.udp([1, 2, 3], length: 99))))
    #expect(bench.delivered.map(\.bytes) == [[1, 2, 3], [1, 2], [1, 2, 3]])
    #expect(bench.delivered.map(\.isTruncated) == [false, false, true])
    #expect(
      bench.issues == [
        "UDP: length field under 8", "UDP: length field beyond the packet", "UDP: datagram cut by the capture",
      ])
  }

  @Test func namesWhatItDoesNotDecode() {
    var bench = Bench()
    bench.feed([1, 2, 3], linkType: LinkType(rawValue: 147))
    for type: UInt16 in [0x0806, 0x88cc, 0x0026] { bench.feed(Recipe.ethernet(type, [0, 0])) }
    for number: UInt8 in [1, 50, 89, 2, 2] {
      bench.feed(Recipe.ethernet(0x0800, Recipe.ipv4(number, [0, 0])))
    }
    #expect(bench.delivered.isEmpty)
    #expect(
      bench.notDecoded == [
        "802.3 1", "ARP 1", "ESP 1", "EtherType 0x88cc 1", "ICMP 1", "IGMP 2", "IP protocol 89 1", "link type 147 1",
      ])
    #expect(bench.dissector.census.frames == 9)
  }

  @Test func endsAnEndlessStackOfTags() {
    var bench = Bench()
    bench.feed(Recipe.ethernet(0x8100, (0..<24).flatMap { _ in [UInt8(0), 1, 0x81, 0] }))
    #expect(bench.notDecoded == ["more than 20 layers 1"])
  }
}
