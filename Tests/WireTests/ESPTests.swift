import IMSBytes
import IMSCapture
import IMSForge
import IMSSecrets
import IMSWire
import Testing

@Suite struct ESPTests {
  static let ue: HostAddress = "10.10.0.2"
  static let proxy: HostAddress = "10.20.0.10"
  static let keys = AKAKeys(
    confidentiality: [UInt8](repeating: 0x11, count: 16), integrity: [UInt8](repeating: 0x22, count: 16))!

  static let datagram = UDPBuilder(from: HostPort(ue, 40001), to: HostPort(proxy, 6100), payload: Array("hello".utf8))
  static let segment = TCPBuilder(
    from: HostPort(ue, 40001), to: HostPort(proxy, 6100), sequence: 7, payload: Array("hello".utf8))

  static func frame(_ esp: [UInt8], identification: UInt16 = 9, number: UInt8 = ESPBuilder.number) -> [UInt8] {
    PacketBuilder.frame(from: ue, to: proxy, number: number, identification: identification, payload: esp)
  }

  static func packet(
    _ payload: [UInt8], next: UInt8, spi: UInt32 = 1001, sequence: UInt32 = 1, check: Int = 12
  ) -> [UInt8] {
    ESPBuilder(spi: spi, sequence: sequence, payload: payload, nextHeader: next)
      .bytes(check: [UInt8](repeating: 0xa5, count: check))
  }

  static let inner = IPv4Builder(from: ue, to: proxy, protocolNumber: 17, payload: datagram.bytes)
  static let inner6 = IPv6Builder(
    from: "2001:db8::1", to: "2001:db8::2", nextHeader: 17,
    payload: UDPBuilder(from: HostPort("2001:db8::1", 1), to: HostPort("2001:db8::2", 2), payload: [0x68, 0x69]).bytes)

  static let clear: [(packet: [UInt8], layers: [Layer])] = [12, 16, 0].flatMap { check in
    [
      (packet(datagram.bytes, next: 17, check: check), [.ethernet, .ipv4, .esp, .udp]),
      (packet(segment.bytes, next: 6, check: check), [.ethernet, .ipv4, .esp, .tcp]),
      (packet(inner.bytes, next: 4, check: check), [.ethernet, .ipv4, .esp, .ipv4, .udp]),
      (packet(inner6.bytes, next: 41, check: check), [.ethernet, .ipv4, .esp, .ipv6, .udp]),
    ]
  }

  @Test(arguments: clear.indices) func opensNullEncryptionWithoutKeys(index: Int) throws {
    let (packet, layers) = Self.clear[index]
    let paths = OuterPaths()
    var bench = Bench()
    bench.dissector = Dissector(input: 3, paths: paths)
    bench.feed(Self.frame(packet))
    let payload = try #require(bench.delivered.first)
    #expect(["hello", "hi"].contains(String(decoding: payload.bytes, as: UTF8.self)))
    #expect(payload.path.layers.layers == layers)
    #expect(payload.path.spi == 1001)
    // In tunnel mode ESP is a way to the packet inside.
    let way = paths.hops(of: payload.path.outer).map { "\($0.layer) \($0.identifier)" }
    #expect(way == (layers.count == 5 ? ["esp 1001"] : []))
    bench.finish()
    #expect(bench.issues.isEmpty)
    #expect(bench.notDecoded.isEmpty)
    let count = try #require(bench.dissector.espCounts.first)
    #expect((count.packets, count.opened, count.verified, count.opaque) == (1, 1, 0, 0))
  }

  @Test func opensESPInDatagrams() throws {
    var bench = Bench()
    func feed(_ payload: [UInt8]) {
      bench.feed(PacketBuilder.udp(from: HostPort(Self.ue, 51234), to: HostPort(Self.proxy, 4500), payload: payload))
    }
    feed(Self.packet(Self.inner.bytes, next: 4))
    feed([0xff])
    feed([0, 0, 0, 0] + [UInt8](repeating: 7, count: 28))
    feed(Array("REGISTER sip:a.b".utf8))
    bench.finish()
    #expect(bench.texts == ["hello", "REGISTER sip:a.b"])
    #expect(
      bench.delivered.first?.path.layers.layers
        == [.ethernet, .ipv4, .udp, .udpEncapsulation, .esp, .ipv4, .udp])
    #expect(bench.notDecoded == ["IKE on UDP port 4500 1", "NAT keepalive 1"])
  }

  @Test(arguments: clear.indices) func neitherTrapsNorBelievesACutPacket(index: Int) {
    let packet = Self.frame(Self.clear[index].packet)
    for length in 0..<packet.count {
      var bench = Bench()
      bench.feed(packet, captured: length)
      bench.finish()
      #expect(bench.delivered.isEmpty)
      #expect(!bench.issues.isEmpty)
    }
  }

  /// The bytes stand for encryption: none of them may look like an inner packet.
  @Test func leavesOtherBytesClosed() {
    var bench = Bench()
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for number in 0..<20_000 {
      let body = (0..<64).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      }
      bench.feed(Self.frame([0, 0, 3, 0xe9] + body), milliseconds: Int64(number))
    }
    bench.finish()
    #expect(bench.delivered.isEmpty)
    #expect(bench.notDecoded == ["ESP 20000"])
  }

  @Test func believesTCPWithoutItsChecksumOnlyInAKnownAssociation() {
    var broken = Self.segment.bytes
    broken[16] ^= 0xff
    var bench = Bench()
    bench.feed(Self.frame(Self.packet(broken, next: 6)))
    #expect(bench.delivered.isEmpty)
    bench.feed(Self.frame(Self.packet(Self.segment.bytes, next: 6)))
    var later = TCPBuilder(from: Self.segment.source, to: Self.segment.destination, sequence: 12, payload: [0x21]).bytes
    later[16] ^= 0xff
    bench.feed(Self.frame(Self.packet(later, next: 6)))
    #expect(bench.texts == ["hello", "!"])
    bench.finish()
    #expect(bench.notDecoded == ["ESP 1"])
  }

  // MARK: Keys

  /// The packet of the worked example of decode: hmac-sha-1-96 over null encryption, with these keys.
  static func association(_ suite: ESPSuite, spi: UInt32 = 1001) -> SecurityAssociation {
    SecurityAssociation(
      source: AddressPattern(isIPv4: true, high: 0, low: 0x0a0a_0002),
      destination: AddressPattern(isIPv4: true, high: 0, low: 0x0a14_000a), spi: spi, suite: suite)
  }

  static let workedKeys = AKAKeys(
    confidentiality: Hex.decode("b40ba9a3c58b2a05bbf0d987b21bf8cb")!,
    integrity: Hex.decode("f769bcd751044604127672711c6d3441")!)!
  static let encrypted = Hex.decode(
    """
    000003e9 00000001 000102030405060708090a0b0c0d0e0f
    33dc1072adc0a9b96e519d7c706e6c6c41a9d146a017bc8e8d769225e2a87b372788c425662a1cfcf3a456c48fe4ef04
    ff2939f3feec80b5a428360a
    """)!

  private func states(_ bench: inout Bench) -> [ESPSighting.State] {
    bench.dissector.takeESPSightings().map(\.state)
  }

  private func learn(_ bench: inout Bench, _ associations: [SecurityAssociation]) {
    var seen: [Delivered] = []
    bench.dissector.learn(associations) { payload in
      seen.append(Delivered(payload))
      return Taken(bytes: payload.bytes.byteCount)
    }
    bench.delivered += seen
  }

  @Test func opensWhatItHasTheKeysOf() throws {
    var bench = Bench()
    bench.dissector = Dissector(input: 3, keepsUsed: true)
    learn(&bench, [Self.association(Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc"))])
    bench.feed(Self.frame(Self.encrypted))
    #expect(bench.texts == ["REGISTER sip:hims.net SIP/2.0\r\n"])
    #expect(bench.delivered.first?.path.layers.layers == [.ethernet, .ipv4, .esp, .udp])
    let count = try #require(bench.dissector.espCounts.first)
    #expect((count.opened, count.verified) == (1, 1))
    #expect(bench.dissector.espUsed.count == 1)
  }

  /// What opened one packet opens its copies, and no other: the ends and every octet count.
  @Test func opensCopiesAlone() throws {
    var bench = Bench()
    learn(&bench, [Self.association(Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc"))])
    for identification: UInt16 in 1...3 { bench.feed(Self.frame(Self.encrypted, identification: identification)) }
    #expect(bench.texts == [String](repeating: "REGISTER sip:hims.net SIP/2.0\r\n", count: 3))
    #expect(bench.delivered.map(\.frames) == [[1], [2], [3]])
    let count = try #require(bench.dissector.espCounts.first)
    #expect((count.packets, count.opened, count.verified, count.wrong) == (3, 3, 3, 0))
    bench.feed(
      PacketBuilder.frame(
        from: Self.ue, to: "10.20.0.11", number: ESPBuilder.number, identification: 4, payload: Self.encrypted))
    var changed = Self.encrypted
    changed[changed.count - 1] ^= 1
    bench.feed(Self.frame(changed, identification: 5))
    #expect(bench.delivered.count == 3)
  }

  @Test func opensParkedPacketsWithTheirOwnStamps() throws {
    var bench = Bench()
    bench.feed(Self.frame(Self.encrypted), milliseconds: 5)
    bench.feed(Self.frame(Self.packet(Self.datagram.bytes, next: 17, spi: 5)), milliseconds: 200_000)
    let states1 = states(&bench)
    #expect(states1 == [.parked, .opened])
    learn(&bench, [Self.association(Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc"))])
    #expect(bench.texts == ["hello", "REGISTER sip:hims.net SIP/2.0\r\n"])
    let late = try #require(bench.delivered.last)
    #expect(late.frames == [1])
    #expect(late.time.nanoseconds == 5_000_000)
    let states2 = states(&bench)
    #expect(states2 == [.openedLate])
    bench.finish()
    #expect(bench.notDecoded.isEmpty)
  }

  @Test func forgetsWhatWaitedTooLong() {
    var bench = Bench()
    bench.feed(Self.frame(Self.encrypted), milliseconds: 0)
    for second in stride(from: 0, through: 310, by: 10) {
      bench.feed(Recipe.ethernet(0x0806, [0, 0]), milliseconds: Int64(second) * 1000)
    }
    let states3 = states(&bench)
    #expect(states3 == [.parked, .givenUp])
    learn(&bench, [Self.association(Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc"))])
    #expect(bench.delivered.isEmpty)
    #expect(bench.notDecoded == ["ARP 32", "ESP 1"])
  }

  @Test func givesUpTheOldestWhenTheLotIsFull() {
    var bench = Bench()
    bench.dissector = Dissector(input: 3, mostParked: 2 * (Self.encrypted.count + 256))
    for _ in 0..<5 { bench.feed(Self.frame(Self.encrypted)) }
    learn(&bench, [Self.association(Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc"))])
    #expect(bench.delivered.map(\.frames) == [[4], [5]])
    #expect(bench.dissector.espCounts.map(\.opaque) == [3])
    #expect(bench.dissector.espCounts.map(\.opened) == [2])
  }

  @Test func countsFurtherAssociationsTogether() {
    var bench = Bench()
    for spi in 1...UInt32(4100) {
      var writer = ByteWriter()
      writer.u32(spi)
      writer.u32(1)
      writer.raw([UInt8](repeating: 0xa5, count: 40))
      bench.feed(Recipe.ipv4(50, writer.bytes), linkType: .raw)
    }
    let counts = bench.dissector.espCounts
    #expect(counts.count == Bounds.espAssociations + 1)
    #expect(counts.last?.spi == 0)
    #expect(counts.last?.packets == 4)
  }

  @Test func keepsSoManySightingsUntilTheyAreAskedFor() {
    var bench = Bench()
    var writer = ByteWriter()
    writer.u32(1)
    writer.u32(1)
    writer.raw([UInt8](repeating: 0xa5, count: 40))
    let packet = Recipe.ipv4(50, writer.bytes)
    for _ in 0..<Bounds.espSightings + 3 { bench.feed(packet, linkType: .raw) }
    #expect(bench.dissector.takeESPSightings().count == Bounds.espSightings)
    #expect(bench.dissector.espSightingsLeftOut == 3)
  }

  @Test func reportsAWrongICV() throws {
    var bench = Bench()
    let suite = Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc")
    learn(&bench, [Self.association(suite)])
    var changed = Self.encrypted
    changed[changed.count - 1] ^= 1
    bench.feed(Self.frame(changed))
    bench.feed(Self.frame(Self.encrypted))
    bench.finish()
    #expect(bench.texts == ["REGISTER sip:hims.net SIP/2.0\r\n"])
    #expect(bench.issues == ["ESP: ICV wrong"])
    let count = try #require(bench.dissector.espCounts.first)
    #expect((count.packets, count.opened, count.verified, count.wrong, count.opaque) == (2, 1, 1, 1, 0))
    #expect(count.wrongFrames == [1])
  }

  @Test func followsTheGenerationsOfAnAssociation() {
    var bench = Bench()
    let old = Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc")
    learn(&bench, [Self.association(old)])
    learn(&bench, [Self.association(Self.keys.suite(alg: "hmac-sha-1-96", ealg: "aes-cbc"))])
    bench.feed(Self.frame(Self.encrypted))
    #expect(bench.delivered.count == 1)
  }

  @Test func namesAlgorithmsThatItCannotOpen() {
    var bench = Bench()
    learn(&bench, [Self.association(Self.workedKeys.suite(alg: "hmac-sha-1-96", ealg: "des-ede3-cbc"))])
    bench.feed(Self.frame(Self.encrypted))
    bench.finish()
    #expect(bench.dissector.espCounts.map(\.unsupported) == ["des-ede3-cbc"])
    #expect(bench.dissector.espCounts.map(\.opaque) == [1])
  }

  /// Copies in a tunnel, in ESP and in clear are one packet: inner ends, identification and bytes are the same.
  @Test func pathsOfAllCopiesAgree() {
    let esp = IPv4Builder(
      from: Self.ue, to: Self.proxy, protocolNumber: ESPBuilder.number, identification: 77,
      payload: Self.packet(Self.datagram.bytes, next: 17))
    let tunnel = UDPBuilder(
      from: HostPort("1.1.1.1", 2152), to: HostPort("2.2.2.2", 2152),
      payload: GTPUBuilder(tunnel: 3, payload: esp.bytes).bytes)
    var bench = Bench()
    bench.feed(PacketBuilder.frame(from: "1.1.1.1", to: "2.2.2.2", number: 17, payload: tunnel.bytes))
    bench.feed(EthernetBuilder(ip: esp.bytes).bytes)
    bench.feed(Self.frame(Self.datagram.bytes, identification: 77, number: 17))
    #expect(bench.texts == ["hello", "hello", "hello"])
    #expect(Set(bench.delivered.map(\.path.identification)) == [77])
    #expect(Set(bench.delivered.map(\.path.source)).count == 1)
    #expect(
      bench.delivered.map { $0.path.layers.layers.map(\.name).joined(separator: "/") }
        == ["eth/ip/udp/gtp/ip/esp/udp", "eth/ip/esp/udp", "eth/ip/udp"])
  }
}
