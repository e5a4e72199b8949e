import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

/// What the builder makes is read as it was; cut at any byte it is read up to there, or not at all.
@Suite struct CutTests {
  struct Recording: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// IP packets that carry `content` together.
    var packets: [[UInt8]]
    var content: [UInt8] = CutTests.content
  }

  static let content = (0..<200).map { UInt8($0) }
  private static let ends = (HostPort("10.0.0.1", 5060), HostPort("10.0.0.2", 5061))
  private static let ends6 = (HostPort("2001:db8::1", 5060), HostPort("2001:db8::2", 5061))

  private static func ip(_ ends: (HostPort, HostPort), _ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    Array(PacketBuilder.frame(from: ends.0.host, to: ends.1.host, number: number, payload: payload).dropFirst(14))
  }

  private static func udp(_ ends: (HostPort, HostPort)) -> [UInt8] {
    UDPBuilder(from: ends.0, to: ends.1, payload: content).bytes
  }

  private static func tcp(_ ends: (HostPort, HostPort)) -> [[UInt8]] {
    let syn = TCPBuilder(from: ends.0, to: ends.1, sequence: 9, flags: [.syn])
    let data = TCPBuilder(from: ends.0, to: ends.1, sequence: 10, payload: content)
    return [syn, data].map { ip(ends, TCPBuilder.number, $0.bytes) }
  }

  private static func options(_ numbers: [UInt8]) -> [UInt8] {
    let last: [UInt8] = [UDPBuilder.number]
    let following = numbers.dropFirst() + last
    let headers = zip(numbers, following).flatMap { number, next -> [UInt8] in
      // The length of an authentication header counts words of four octets.
      [next, number == 51 ? 4 : 1] + [UInt8](repeating: 0, count: number == 51 ? 22 : 14)
    }
    return ip(ends6, numbers[0], headers + udp(ends6))
  }

  static let recordings: [Recording] = [
    Recording(testDescription: "UDP", packets: [ip(ends, UDPBuilder.number, udp(ends))]),
    Recording(testDescription: "UDP over IPv6", packets: [ip(ends6, UDPBuilder.number, udp(ends6))]),
    Recording(testDescription: "TCP", packets: tcp(ends)),
    Recording(testDescription: "TCP over IPv6", packets: tcp(ends6)),
    Recording(
      testDescription: "SCTP",
      packets: [
        ip(ends, SCTPBuilder.number, SCTPBuilder(from: ends.0, to: ends.1, chunks: [.data(1, content)]).bytes)
      ]),
    Recording(
      testDescription: "fragments of IPv4",
      packets: IPv4Builder(
        from: ends.0.host, to: ends.1.host, protocolNumber: UDPBuilder.number, identification: 7, payload: udp(ends)
      ).fragments(mtu: 100)),
    Recording(
      testDescription: "fragments of IPv6",
      packets: IPv6Builder(from: ends6.0.host, to: ends6.1.host, nextHeader: UDPBuilder.number, payload: udp(ends6))
        .fragments(mtu: 120, identification: 7)),
    Recording(testDescription: "extension headers", packets: [options([0, 43, 51, 60])]),
  ]

  private func read(_ packets: [[UInt8]], _ originals: [[UInt8]]) -> [UInt8] {
    var bench = Bench()
    for (packet, original) in zip(packets, originals) {
      let padding = [UInt8](repeating: 0, count: original.count - packet.count)
      bench.feed(packet + padding, linkType: .raw, captured: packet.count)
    }
    bench.finish()
    return bench.delivered.flatMap(\.bytes)
  }

  @Test(arguments: recordings) func whatTheBuilderMakesIsRead(_ recording: Recording) {
    #expect(read(recording.packets, recording.packets) == recording.content)
  }

  /// Of a snap length, and of a packet that ends early: each in turn, the others whole.
  @Test(arguments: recordings) func aCutAtAnyByteGivesNoOtherBytes(_ recording: Recording) {
    for (index, packet) in recording.packets.enumerated() {
      for length in 0..<packet.count {
        var packets = recording.packets
        packets[index] = Array(packet.prefix(length))
        let (cut, short) = (read(packets, recording.packets), read(packets, packets))
        #expect(recording.content.starts(with: cut) && recording.content.starts(with: short), "\(index) at \(length)")
        // A SYN carries nothing.
        let isNeeded = packet.count > 60
        #expect(!isNeeded || cut.count < recording.content.count, "\(index) at \(length)")
      }
    }
  }
}
