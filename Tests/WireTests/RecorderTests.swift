import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

/// Link types in which a recorder wrote its own header before the packet, or the message alone.
@Suite struct RecorderTests {
  static let datagram = TunnelTests.datagram
  static let ends = (HostPort("10.0.0.77", 5060), HostPort("10.0.0.78", 5061))
  static let ends6 = (HostPort("2001:db8::1", 5060), HostPort("2001:db8::2", 5061))

  static let records: [(LinkType, [UInt8], String)] = [
    (.nflog, NFLOGBuilder(packet: datagram).bytes, "nflog/raw/ip/udp"),
    (.nflog, NFLOGBuilder(isLittleEndian: false, packet: datagram).bytes, "nflog/raw/ip/udp"),
    (.nflog, NFLOGBuilder(packet: TunnelTests.datagram6).bytes, "nflog/raw/ipv6/udp"),
    // Family IPv4, one attribute of 34 octets, the payload.
    (.nflog, Hex.decode("02000000 2200 0900")! + datagram + [0, 0], "nflog/raw/ip/udp"),
    (.pktap, PKTAPBuilder(linkType: 1, packet: TunnelTests.frame).bytes, "pktap/eth/ip/udp"),
    (.pktap, PKTAPBuilder(linkType: 12, packet: datagram).bytes, "pktap/raw/ip/udp"),
    (.pktap, PKTAPBuilder(linkType: 0, packet: [2, 0, 0, 0] + datagram).bytes, "pktap/null/ip/udp"),
    (.exportedPDU, pdu("sip", [0x68, 0x69]), "exported_pdu"),
    (.exportedPDU, pdu("diameter", [0x68, 0x69]), "exported_pdu"),
    (
      .exportedPDU,
      ExportedPDUBuilder("sip.tcp", from: ends6.0, to: ends6.1, portKind: 2, payload: [0x68, 0x69]).bytes,
      "exported_pdu"
    ),
    (.exportedPDU, pdu("ip", datagram), "exported_pdu/ip/udp"),
    (.exportedPDU, pdu("udp", Recipe.udp([0x68, 0x69])), "exported_pdu/udp"),
    (.exportedPDU, pdu("eth_withoutfcs", TunnelTests.frame), "exported_pdu/eth/ip/udp"),
    // "sip" from 10.0.0.77:5060 to 10.0.0.78:5061, UDP.
    (
      .exportedPDU,
      Hex.decode(
        """
        000c 0004 73697000 0014 0004 0a00004d 0015 0004 0a00004e 0018 0004 00000003 0019 0004 000013c4
        001a 0004 000013c5 0000 0000 6869
        """)!, "exported_pdu"
    ),
  ]

  static func pdu(_ name: String, _ payload: [UInt8]) -> [UInt8] {
    ExportedPDUBuilder(name, from: ends.0, to: ends.1, payload: payload).bytes
  }

  @Test(arguments: records.indices) func readsWhatIsInside(index: Int) throws {
    let (link, packet, path) = Self.records[index]
    var bench = Bench()
    bench.feed(packet, linkType: link)
    let payload = try #require(bench.delivered.first, "\(bench.issues) \(bench.notDecoded)")
    #expect(payload.bytes == [0x68, 0x69])
    #expect(payload.path.layers.text == path)
    #expect((payload.path.source.port, payload.path.destination.port) == (5060, 5061))
    #expect([0x0a00_004d, 1].contains(payload.path.source.address.low))
    #expect(bench.issues.isEmpty)
    #expect(bench.notDecoded.isEmpty)
  }

  @Test(arguments: records.indices) func survivesEveryTruncation(index: Int) {
    let (link, packet, _) = Self.records[index]
    for length in 0..<packet.count {
      var bench = Bench()
      bench.feed(Array(packet.prefix(length)), linkType: link)
      #expect(!bench.issues.isEmpty || bench.delivered.count == 1 || link == .exportedPDU, "\(length)")
      bench.feed(packet, linkType: link, captured: length)
      bench.finish()
      #expect(bench.delivered.allSatisfy { $0.isTruncated || $0.bytes.count <= 2 }, "\(length)")
    }
  }

  @Test(arguments: records.indices) func survivesEveryByteChanged(index: Int) {
    let (link, packet, _) = Self.records[index]
    var bench = Bench()
    bench.feedChanged(packet, linkType: link)
    #expect(bench.delivered.count > packet.count)
  }

  @Test func tellsTransportsOfExportedMessages() {
    var bench = Bench()
    for kind: UInt32 in [1, 2, 3, 9] {
      bench.feed(
        ExportedPDUBuilder("sip", from: Self.ends.0, to: Self.ends.1, portKind: kind, payload: [1]).bytes,
        linkType: .exportedPDU)
    }
    #expect(bench.delivered.map(\.path.transport) == [.sctp, .tcp, .udp, .udp])
    #expect(bench.delivered.map(\.delivery) == [.message(position: 0), .message(position: 0), .datagram, .datagram])
  }

  @Test func namesWhatItDoesNotDecode() {
    var bench = Bench()
    bench.feed(Self.pdu("http", [1, 2]), linkType: .exportedPDU)
    bench.feed(Self.pdu("sipx", [1, 2]), linkType: .exportedPDU)
    bench.feed(PKTAPBuilder(linkType: 127, packet: [1, 2]).bytes, linkType: .pktap)
    bench.feed(NFLOGBuilder(packet: [0, 1, 2, 3]).bytes, linkType: .nflog)
    bench.feed([2, 0, 0, 0, 8, 0, 1, 0, 1, 2, 3, 4], linkType: .nflog)
    bench.feed([2, 1, 0, 0, 8, 0, 9, 0, 1, 2, 3, 4], linkType: .nflog)
    bench.feed([12, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0], linkType: .pktap)
    #expect(bench.delivered.isEmpty)
    #expect(bench.notDecoded == ["exported PDU of another protocol 2", "link type 127 1"])
    #expect(
      bench.issues == [
        "Raw IP: version is neither 4 nor 6", "NFLOG: no payload among the attributes", "NFLOG: version is not 0",
        "PKTAP: no header of a packet",
      ])
  }
}
