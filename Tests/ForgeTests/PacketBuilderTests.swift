import IMSBytes
import IMSForge
import Testing

@Suite struct PacketBuilderTests {
  private let left = HostPort("192.168.0.1", 40001)
  private let right = HostPort("192.168.0.199", 6100)

  @Test func headerChecksumOfIPv4() {
    let packet = IPv4Builder(
      from: left.host, to: right.host, protocolNumber: 17, dontFragment: true, payload: Array(repeating: 0, count: 95))
    #expect(Hex.encode(packet.bytes.prefix(20)) == "450000730000400040" + "11b861c0a80001c0a800c7")
  }

  @Test func datagramWithChecksum() {
    let datagram = UDPBuilder(from: left, to: right, payload: [0x61, 0x62, 0x63])
    // c0a8 + 0001 + c0a8 + 00c7 + 0011 + 000b + 9c41 + 17d4 + 000b + 6162 + 6300 = 2fab6, folded fab8, inverted 0547
    #expect(Hex.encode(datagram.bytes) == "9c4117d4000b" + "0547" + "616263")
  }

  @Test func segmentWithChecksum() {
    let segment = TCPBuilder(from: left, to: right, sequence: 1, acknowledgement: 2, payload: [0xff])
    #expect(Hex.encode(segment.bytes.prefix(16)) == "9c4117d400000001000000025018ffff")
    #expect(
      Checksum.transport(from: left.host, to: right.host, number: 6, segment: segment.bytes) == 0,
      "a segment with its checksum sums to zero")
  }

  @Test func frameWithTwoTags() {
    let frame = EthernetBuilder(vlans: [100, 200], type: 0x0800, payload: [1, 2])
    #expect(Hex.encode(frame.bytes) == "020000000002020000000001" + "88a80064" + "810000c8" + "0800" + "0102")
  }

  @Test func fragmentsOfIPv4() {
    let payload = (0..<100).map { UInt8($0) }
    let whole = IPv4Builder(from: left.host, to: right.host, protocolNumber: 17, identification: 7, payload: payload)
    let pieces = whole.fragments(mtu: 68)
    #expect(pieces.map(\.count) == [68, 68, 24])
    #expect(pieces.map { [$0[6], $0[7]] } == [[0x20, 0], [0x20, 6], [0, 12]])
    #expect(pieces.flatMap { $0.dropFirst(20) } == payload)
    #expect(pieces.allSatisfy { Checksum.of($0.prefix(20)) == 0 && $0[5] == 7 })
    #expect(whole.fragments(mtu: 120) == [whole.bytes])
  }

  @Test func fragmentsOfIPv6() {
    let payload = (0..<100).map { UInt8($0) }
    let whole = IPv6Builder(from: "2001:db8::1", to: "2001:db8::2", nextHeader: 17, payload: payload)
    let pieces = whole.fragments(mtu: 96, identification: 0x0102_0304)
    #expect(pieces.map { Hex.encode($0[40..<48]) } == ["1100000101020304", "1100003101020304", "1100006001020304"])
    #expect(pieces.flatMap { $0.dropFirst(48) } == payload)
    #expect(pieces.allSatisfy { $0[6] == 44 && Int($0[5]) == $0.count - 40 })
  }

  /// The worked example of a Gm packet with null encryption: inner UDP without a checksum.
  @Test func espWithNullEncryption() throws {
    let inner = try #require(
      Hex.decode(
        "9c4117d400270000 5245474953544552207369703a68696d732e6e6574205349502f322e300d0a"))
    let check = try #require(Hex.decode("b182edfc390ea22a4989fd63"))
    let packet = ESPBuilder(spi: 1001, sequence: 1, payload: inner)
    #expect(
      Hex.encode(packet.bytes(check: check)) == "000003e900000001" + Hex.encode(inner) + "0102030311"
        + "b182edfc390ea22a4989fd63")
    #expect(packet.bytes(check: check).count == 64)
  }

  @Test func addresses() {
    #expect(HostAddress(parsing: "10.20.0.10")?.bytes == [10, 20, 0, 10])
    #expect(HostAddress(parsing: "10.20.0") == nil)
    #expect(HostAddress(parsing: "10.20.0.256") == nil)
    #expect(HostAddress(parsing: "2001:db8:20::10").map { Hex.encode($0.bytes) } == "20010db8002000000000000000000010")
    #expect(HostAddress(parsing: "::1").map { Hex.encode($0.bytes) } == "00000000000000000000000000000001")
    #expect(HostAddress(parsing: "1::2::3") == nil)
    #expect(HostAddress(parsing: "2001:db8::1").map(\.inURI) == "[2001:db8:0:0:0:0:0:1]")
  }
}
