/// What carries the messages of stories: gives each sending its packets, with IPv4 identifications, TCP sequence
/// numbers and ESP sequence numbers that go on from message to message.
package struct Wires: Sendable {
  /// Makes the 12 bytes of an integrity check value from the SPI and what it covers.
  package typealias IntegrityCheck = @Sendable (_ spi: UInt32, _ covered: [UInt8]) -> [UInt8]

  private struct Pair: Hashable {
    var source: HostPort
    var destination: HostPort
  }

  /// Makes a packet of a security association.
  package typealias Protection = @Sendable (ESPBuilder) -> [UInt8]

  private let protect: Protection?
  /// Octets that a TCP segment carries at the most; nil for any number.
  private let segmentSize: Int?
  private var identifications: [HostAddress: UInt16] = [:]
  private var sequences: [Pair: UInt32] = [:]
  private var protected: [UInt32: UInt32] = [:]
  /// What an ICMP error quotes: the last packet of each sender to each receiver, in stories that have such errors.
  private var last: [HostAddress: [HostAddress: [UInt8]]] = [:]

  /// Without `check` messages of a security association travel in clear, as a UE records them before encryption.
  package init(check: IntegrityCheck? = nil) {
    protect = check.map { check -> Protection in
      { packet in packet.bytes(check: check(packet.spi, packet.covered)) }
    }
    segmentSize = nil
  }

  package init(segmentSize: Int, protect: Protection? = nil) {
    self.segmentSize = segmentSize
    self.protect = protect
  }

  /// One frame, or several when the message needs IP fragments or TCP segments.
  package mutating func frames(_ sending: Sending, mtu: Int = 1500) -> [[UInt8]] {
    switch sending.transport {
    case .udp:
      let datagram = UDPBuilder(from: sending.source, to: sending.destination, payload: sending.payload)
      return frames(sending, UDPBuilder.number, datagram.bytes, mtu: mtu)
    case .tcp:
      return segments(sending).flatMap { frames(sending, TCPBuilder.number, $0.bytes, mtu: mtu) }
    case .icmp:
      let (source, destination) = (sending.source.host, sending.destination.host)
      let error = ICMPBuilder(type: 3, code: 3, quoting: last[destination]?[source] ?? [])
      return frames(sending, ICMPBuilder.number, error.bytes(from: source, to: destination), mtu: mtu)
    }
  }

  private mutating func frames(_ sending: Sending, _ number: UInt8, _ segment: [UInt8], mtu: Int) -> [[UInt8]] {
    var (number, payload) = (number, segment)
    if let spi = sending.spi, let protect {
      protected[spi, default: 0] += 1
      payload = protect(
        ESPBuilder(spi: spi, sequence: protected[spi, default: 1], payload: segment, nextHeader: number))
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

  private mutating func segments(_ sending: Sending) -> [TCPBuilder] {
    let there = Pair(source: sending.source, destination: sending.destination)
    let back = Pair(source: sending.destination, destination: sending.source)
    var sequence = sequences[there, default: 1000]
    func segment(_ flags: TCPFlags, _ payload: [UInt8]) -> TCPBuilder {
      TCPBuilder(
        from: sending.source, to: sending.destination, sequence: sequence,
        acknowledgement: flags.contains(.ack) ? sequences[back, default: 1000] : 0, flags: flags, payload: payload)
    }
    if let control = sending.control {
      // SYN and FIN take a number each; the first octet has the one after SYN.
      if control.contains(.syn) { sequence &-= 1 }
      let segment = segment(control, [])
      if control.contains(.fin) { sequences[there] = sequence &+ 1 }
      return [segment]
    }
    var segments: [TCPBuilder] = []
    var rest = sending.payload[...]
    repeat {
      let piece = Array(rest.prefix(segmentSize ?? rest.count))
      rest = rest.dropFirst(piece.count)
      segments.append(segment(rest.isEmpty ? [.psh, .ack] : .ack, piece))
      sequence &+= UInt32(piece.count)
    } while !rest.isEmpty
    sequences[there] = sequence
    return segments
  }
}
