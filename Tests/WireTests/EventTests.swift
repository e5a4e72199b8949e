import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

/// Packets that speak of others.
@Suite struct EventTests {
  private let from = HostPort("10.0.0.1", 5060)
  private let to = HostPort("10.0.0.2", 4060)

  private func event(_ kind: TransportEvent.Kind, _ transport: Transport = .udp) -> TransportEvent {
    TransportEvent(
      kind, from: Endpoint(IPAddress(v4: 0x0a00_0001), 5060), to: Endpoint(IPAddress(v4: 0x0a00_0002), 4060), transport)
  }

  private func datagram(number: UInt8 = 17) -> [UInt8] {
    let segment = UDPBuilder(from: from, to: to, payload: Array("REGISTER".utf8)).bytes
    return IPv4Builder(from: from.host, to: to.host, protocolNumber: number, payload: segment).bytes
  }

  private func icmp(_ type: UInt8, _ code: UInt8, quoting quoted: [UInt8]) -> [UInt8] {
    let error = ICMPBuilder(type: type, code: code, quoting: quoted).bytes(from: to.host, to: from.host)
    let packet = IPv4Builder(from: to.host, to: from.host, protocolNumber: ICMPBuilder.number, payload: error)
    return EthernetBuilder(ip: packet.bytes).bytes
  }

  private func events(_ frames: [[UInt8]], taken: Int = 1) -> (events: [TransportEvent], notDecoded: [String]) {
    var bench = Bench()
    bench.take = { payload in Taken(bytes: taken) }
    for frame in frames { bench.feed(frame) }
    let events = bench.delivered.compactMap { if case .event(let event) = $0.delivery { event } else { nil } }
    return (events, bench.notDecoded)
  }

  @Test(
    arguments: [
      (3, 3, "ICMP port unreachable"), (3, 1, "ICMP host unreachable"), (3, 13, "ICMP administratively prohibited"),
      (11, 0, "ICMP time to live exceeded"), (12, 0, "ICMP parameter problem"),
    ] as [(UInt8, UInt8, String)]) func anErrorTellsWhomItQuotes(type: UInt8, code: UInt8, name: String)
  {
    let found = events([icmp(type, code, quoting: datagram())])
    #expect(found.events == [event(.icmp(type: type, code: code))])
    #expect(found.events.first?.name == name && found.notDecoded == [])
  }

  @Test func otherTypesAndWhatNobodyTakesAreCounted() {
    let echo = icmp(8, 0, quoting: datagram())
    let foreign = icmp(3, 3, quoting: datagram(number: 47))
    #expect(events([echo, foreign]).events == [] && events([echo, foreign]).notDecoded == ["ICMP 2"])
    #expect(events([icmp(3, 3, quoting: datagram())], taken: 0).notDecoded == ["ICMP 1"])
  }

  @Test func anErrorOfVersion6TellsWhomItQuotes() {
    let (a, b) = (HostPort("2001:db8::1", 5060), HostPort("2001:db8::2", 4060))
    let segment = UDPBuilder(from: a, to: b, payload: [1, 2, 3]).bytes
    let plain = IPv6Builder(from: a.host, to: b.host, nextHeader: 17, payload: segment).bytes
    // A destination option stands before the datagram.
    let option = IPv6Builder(
      from: a.host, to: b.host, nextHeader: 60, payload: [17, 0, 1, 4, 0, 0, 0, 0] + segment
    ).bytes
    for quoted in [plain, option] {
      let error = ICMPBuilder(type: 1, code: 4, quoting: quoted).bytes(from: b.host, to: a.host)
      let packet = IPv6Builder(from: b.host, to: a.host, nextHeader: ICMPBuilder.numberV6, payload: error)
      let found = events([EthernetBuilder(ip: packet.bytes).bytes]).events
      #expect(found.map(\.kind) == [.icmpv6(type: 1, code: 4)] && found.first?.source.port == 5060)
      #expect(found.first?.destination.description == "[2001:db8::2]:4060")
      #expect(found.first?.name == "ICMPv6 port unreachable")
    }
  }

  @Test func aResetSpeaksOfWhatItsSenderGets() {
    let segment = TCPBuilder(from: to, to: from, sequence: 1, flags: [.rst, .ack])
    let packet = IPv4Builder(from: to.host, to: from.host, protocolNumber: TCPBuilder.number, payload: segment.bytes)
    let found = events([EthernetBuilder(ip: packet.bytes).bytes])
    #expect(found.events == [event(.reset, .tcp)] && found.events.first?.name == "TCP reset")
  }

  @Test(
    arguments: [([], 0, "SCTP abort"), ([0, 12, 0, 4], 12, "SCTP abort (user-initiated abort)")]
      as [([UInt8], UInt16, String)])
  func anAbortNamesItsCause(value: [UInt8], cause: UInt16, name: String) {
    let segment = SCTPBuilder(from: to, to: from, chunks: [SCTPChunk(type: 6, value: value)])
    let packet = IPv4Builder(from: to.host, to: from.host, protocolNumber: SCTPBuilder.number, payload: segment.bytes)
    let found = events([EthernetBuilder(ip: packet.bytes).bytes])
    #expect(found.events == [event(.abort(cause: cause), .sctp)] && found.events.first?.name == name)
  }

  @Test func everyCutAndEveryFlippedByteIsReadOrRefused() {
    let frame = icmp(3, 3, quoting: datagram())
    for count in 0...frame.count { #expect(events([Array(frame[..<count])]).events.count <= 1) }
    for index in frame.indices.dropFirst(12) {
      for value in [0, 1, 0x45, 0x4f, 0x60, 0xff] as [UInt8] {
        var changed = frame
        changed[index] = value
        _ = events([changed]).events.first?.name
      }
    }
  }
}
