import IMSAnalysis
import IMSBytes
import IMSForge
import IMSMessages
import IMSWire
import Testing

/// What stays closed of signalling is said by name, and somebody else's is not.
@Suite struct UnreadTests {
  private static let compressed: [UInt8] = [0xfa] + [UInt8](repeating: 0x5a, count: 400)

  private static let clear = Array(
    ("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
      + "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").utf8)

  private static func datagram(_ source: UInt16, _ destination: UInt16, _ payload: [UInt8]) -> [UInt8] {
    let datagram = UDPBuilder(
      from: HostPort("10.0.0.1", source), to: HostPort("10.0.0.2", destination), payload: payload)
    return EthernetBuilder(
      ip: IPv4Builder(from: "10.0.0.1", to: "10.0.0.2", protocolNumber: UDPBuilder.number, payload: datagram.bytes)
        .bytes
    ).bytes
  }

  /// Of a connection that begins.
  private static func segments(_ port: UInt16, _ payloads: [[UInt8]]) -> [[UInt8]] {
    let (client, server) = (HostPort("10.0.0.1", 40_000), HostPort("10.0.0.2", port))
    var packets = [PacketBuilder.tcp(TCPBuilder(from: client, to: server, sequence: 99, flags: [.syn]))]
    var sequence: UInt32 = 100
    for payload in payloads {
      packets.append(PacketBuilder.tcp(TCPBuilder(from: client, to: server, sequence: sequence, payload: payload)))
      sequence += UInt32(payload.count)
    }
    return packets
  }

  /// "SIP in SigComp: 2", and how many places of loss.
  private static func read(_ packets: [[UInt8]]) -> (unread: [String], losses: Int) {
    let records = packets.enumerated().map { CaptureRecord(time: Int64($0 + 1) * 1_000_000, bytes: $1) }
    let bytes = CaptureWriter().pcap(records)
    var loop = FrameLoop([.file(BlockFile(bytes: bytes))])
    var reader = MessageReader(outerPaths: loop.outerPaths)
    loop.run(
      tick: { _, _ in }, deliver: { payload in reader.feed(payload) { _ in 0 } }, keys: { nil }, esp: { _ in },
      lost: { _ in }, advance: { _, _ in .distantFuture })
    return (reader.notDecoded.map { "\($0.name): \($0.frames)" }, reader.takeLosses().count)
  }

  @Test func compressedSIPIsCountedAndLost() {
    let (unread, losses) = Self.read([
      Self.datagram(5060, 5060, Self.compressed), Self.datagram(40_000, 5060, Self.compressed),
      Self.datagram(40_000, 9999, Self.compressed), Self.datagram(5060, 5060, [0xf8, 0, 0, 1, 2, 3]),
    ])
    #expect(unread == ["SIP in SigComp: 2"] && losses == 2)
  }

  @Test func betweenKnownEndpointsThePortDoesNotMatter() {
    let (unread, losses) = Self.read([
      Self.datagram(7001, 7002, Self.compressed), Self.datagram(7001, 7002, Self.clear),
      Self.datagram(7001, 7002, Self.compressed), Self.datagram(7001, 7003, Self.compressed),
    ])
    #expect(unread == ["SIP in SigComp: 1"] && losses == 1)
  }

  @Test(arguments: [5061, 5060, 3868, 5658] as [UInt16]) func segmentsOfTLSAreCounted(port: UInt16) {
    // A record in two segments, and one in the last.
    let record = [23, 3, 3, 0x05, 0xdc] + [UInt8](repeating: 0xe1, count: 1500)
    let packets = Self.segments(port, [Array(record.prefix(1000)), Array(record.suffix(505)), record])
    #expect(Self.read(packets).unread == ["TLS on port \(port): 3"])
  }

  @Test func otherTLSIsNot() {
    let record = [23, 3, 3, 0, 200] + [UInt8](repeating: 0xe1, count: 200)
    #expect(Self.read(Self.segments(443, [record, record])).unread == [])
    let upgraded = Self.read(Self.segments(8443, [Self.clear, record, record]))
    #expect(upgraded.unread == ["TLS between endpoints of messages: 2"] && upgraded.losses == 2)
  }

  @Test func compressedSIPInAStreamIsCounted() {
    #expect(Self.read(Self.segments(5060, [Self.compressed])).unread == ["SIP in SigComp: 1"])
    #expect(Self.read(Self.segments(8060, [Self.compressed])).unread == [])
  }

  @Test func messagesOfDTLSAreCounted() {
    let record = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 40] + [UInt8](repeating: 0xe1, count: 40)
    func message(_ port: UInt16, _ content: [UInt8]) -> [UInt8] {
      PacketBuilder.sctp(
        SCTPBuilder(from: HostPort("10.0.0.1", 40_000), to: HostPort("10.0.0.2", port), chunks: [.data(9, content)]))
    }
    #expect(Self.read([message(3868, record)]).unread == ["DTLS on port 3868: 1"])
    #expect(Self.read([message(2905, record), message(3868, [22, 3] + record)]).unread == [])
  }
}
