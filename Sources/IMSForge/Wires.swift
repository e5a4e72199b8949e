/// What carries the messages of stories: gives each sending its packets, with IPv4 identifications, TCP sequence
/// numbers and ESP sequence numbers that go on from message to message.
package struct Wires: Sendable {
  /// Makes the 12 bytes of an integrity check value from the SPI and what it covers.
  package typealias IntegrityCheck = @Sendable (_ spi: UInt32, _ covered: [UInt8]) -> [UInt8]

  private struct Pair: Hashable {
    var source: HostPort
    var destination: HostPort
  }

  private let check: IntegrityCheck?
  private var identifications: [HostAddress: UInt16] = [:]
  private var sequences: [Pair: UInt32] = [:]
  private var protected: [UInt32: UInt32] = [:]
  /// What an ICMP error quotes: the last packet of each sender to each receiver, in stories that have such errors.
  private var last: [HostAddress: [HostAddress: [UInt8]]] = [:]

  /// Without `check` messages of a security association travel in clear, as a UE records them before encryption.
  package init(check: IntegrityCheck? = nil) { self.check = check }

  /// One frame, or several when the message needs IP fragments.
  package mutating func frames(_ sending: Sending, mtu: Int = 1500) -> [[UInt8]] {
    let segment: [UInt8]
    var number: UInt8
    switch sending.transport {
    case .udp:
      segment = UDPBuilder(from: sending.source, to: sending.destination, payload: sending.payload).bytes
      number = UDPBuilder.number
    case .tcp:
      segment = tcp(sending).bytes
      number = TCPBuilder.number
    case .icmp:
      let (source, destination) = (sending.source.host, sending.destination.host)
      segment = ICMPBuilder(type: 3, code: 3, quoting: last[destination]?[source] ?? []).bytes(
        from: source, to: destination)
      number = ICMPBuilder.number
    }
    var payload = segment
    if let spi = sending.spi, let check {
      protected[spi, default: 0] += 1
      let esp = ESPBuilder(spi: spi, sequence: protected[spi, default: 1], payload: segment, nextHeader: number)
      payload = esp.bytes(check: check(spi, esp.covered))
      number = ESPBuilder.number
    }
    let packets = packets(sending, number: number, payload: payload, mtu: mtu)
    last[sending.source.host, default: [:]][sending.destination.host] = packets.first
    return packets.map { EthernetBuilder(ip: $0).bytes }
  }

  private mutating func packets(_ sending: Sending, number: UInt8, payload: [UInt8], mtu: Int) -> [[UInt8]] {
    let source = sending.source.host
    let destination = sending.destination.host
    identifications[source, default: 0] &+= 1
    if identifications[source] == 0 { identifications[source] = 1 }  // zero means "not set"
    let identification = identifications[source, default: 1]
    if source.isIPv4 {
      return IPv4Builder(
        from: source, to: destination, protocolNumber: number, identification: identification, payload: payload
      ).fragments(mtu: sending.transport == .udp ? mtu : 65535)
    }
    return IPv6Builder(from: source, to: destination, nextHeader: number, payload: payload)
      .fragments(mtu: sending.transport == .udp ? mtu : 65535, identification: UInt32(identification))
  }

  private mutating func tcp(_ sending: Sending) -> TCPBuilder {
    let there = Pair(source: sending.source, destination: sending.destination)
    let back = Pair(source: sending.destination, destination: sending.source)
    let sequence = sequences[there, default: 1000]
    sequences[there] = sequence &+ UInt32(sending.payload.count)
    return TCPBuilder(
      from: sending.source, to: sending.destination, sequence: sequence,
      acknowledgement: sequences[back, default: 1000], payload: sending.payload)
  }
}
