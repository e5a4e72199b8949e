import IMSBytes
import IMSCapture
import IMSForge
import IMSWire

extension FuzzTarget {
  /// A conversation of fragments, segments and chunks in any order, as the script says: what comes out of a stream was sent
  /// at that place.
  package static let reassembly = FuzzTarget("reassembly", longest: 1200, seeds: ReassemblySeeds.make) {
    (bytes) throws(Complaint) in
    var conversation = Conversation(Script(bytes))
    try conversation.run()
  }
}

/// Each step is a byte that says what comes, and what that needs.
private struct Conversation {
  enum Step: UInt8, CaseIterable {
    case segment, answer, fragment, fragment6, data, interleaved, chunks, wait
  }

  private var script: Script
  private var reading = Reading()
  private var milliseconds: Int64 = 0
  /// What was sent at each place of the stream of each port.
  private var sent = Sent()

  /// Near the end of the sequence space, so that it wraps.
  static let firstSequence: UInt32 = 0xffff_ff00
  private static let ends = (HostAddress([10, 0, 0, 1]), HostAddress([10, 0, 0, 2]))
  /// Segments that are put together of fragments come from it.
  private static let third = HostAddress([10, 0, 0, 3])
  private static let ends6 = (HostAddress("2001:db8::1"), HostAddress("2001:db8::2"))

  init(_ script: Script) { self.script = script }

  mutating func run() throws(Complaint) {
    while !script.isAtEnd {
      let choice = script.u8()
      milliseconds += 1
      let interface = UInt16(choice >> 3 & 1)
      let cut = choice & 0x10 != 0 ? Int(script.u8()) : 0
      guard let packet = packet(Step.allCases[Int(choice & 7)]) else { continue }
      let captured = max(0, packet.count - cut)
      let sent = self.sent
      reading.feed(
        Array(packet.prefix(captured)), .raw, interface: interface, milliseconds: milliseconds,
        missing: packet.count - captured
      ) { (payload) throws(Complaint) in try sent.examine(payload) }
      if let complaint = reading.complaint { throw complaint }
    }
    let sent = self.sent
    reading.finish { (payload) throws(Complaint) in try sent.examine(payload) }
    if let complaint = reading.complaint { throw complaint }
  }

  private mutating func packet(_ step: Step) -> [UInt8]? {
    switch step {
    case .segment: return segment(from: Self.ends.0, to: Self.ends.1, ports: (40_000, 5060))
    case .answer: return segment(from: Self.ends.1, to: Self.ends.0, ports: (5060, 40_000))
    case .fragment: return fragment()
    case .fragment6: return fragment6()
    case .data:
      let (tsn, flags) = (UInt32(script.u8()) &- 4, script.u8())
      let place = (stream: UInt16(flags >> 4 & 3), sequence: UInt16(flags >> 6))
      return sctp([
        .data(
          tsn, stream: place.stream, sequence: place.sequence, ppid: flags & 8 == 0 ? 46 : 0, flags: flags, content())
      ])
    case .interleaved:
      let (tsn, flags) = (UInt32(script.u8()) &- 4, script.u8())
      return sctp([
        .interleaved(
          tsn, stream: UInt16(flags >> 4 & 3), message: UInt32(flags >> 6), identifier: UInt32(flags >> 3),
          flags: flags, content())
      ])
    case .chunks:
      var bytes = sctpHeader
      bytes += content()
      return ip(SCTPBuilder.number, bytes)
    case .wait:
      milliseconds += Int64(script.u8()) * 300
      return nil
    }
  }

  private mutating func content() -> [UInt8] { script.take(Int(script.u8())) }

  private mutating func segment(
    from source: HostAddress, to destination: HostAddress, ports: (UInt16, UInt16)
  ) -> [UInt8] {
    let sequence = Self.firstSequence &+ UInt32(script.u16())
    let flags = TCPFlags(rawValue: script.u8())
    let payload = content()
    sent.add(payload, at: sequence, isSYN: flags.contains(.syn), port: ports.0)
    let segment = TCPBuilder(
      from: HostPort(source, ports.0), to: HostPort(destination, ports.1), sequence: sequence, flags: flags,
      payload: payload)
    return IPv4Builder(from: source, to: destination, protocolNumber: TCPBuilder.number, payload: segment.bytes).bytes
  }

  private mutating func fragment() -> [UInt8] {
    let (place, transport) = (script.u8(), script.u8())
    let number = transport & 1 == 0 ? UDPBuilder.number : TCPBuilder.number
    var packet = IPv4Builder(from: Self.third, to: Self.ends.1, protocolNumber: number, payload: content()).bytes
    let field = UInt16(place & 0x3f) | (place & 0x40 != 0 ? 0x2000 : 0)
    packet[5] = transport >> 6
    packet[6] = UInt8(field >> 8)
    packet[7] = UInt8(field & 0xff)
    return packet
  }

  private mutating func fragment6() -> [UInt8] {
    let (place, transport) = (script.u8(), script.u8())
    let field = UInt16(place & 0x3f) << 3 | (place & 0x40 != 0 ? 1 : 0)
    var header = [transport & 1 == 0 ? UDPBuilder.number : SCTPBuilder.number, 0]
    header += [UInt8(field >> 8), UInt8(field & 0xff), 0, 0, 0, transport >> 6]
    return IPv6Builder(from: Self.ends6.0, to: Self.ends6.1, nextHeader: 44, payload: header + content()).bytes
  }

  private var sctpHeader: [UInt8] { [0x0f, 0x1c, 0x0f, 0x1c, 0, 0, 0, 1, 0, 0, 0, 0] }

  private func sctp(_ chunks: [SCTPChunk]) -> [UInt8] {
    ip(SCTPBuilder.number, chunks.reduce(sctpHeader) { $0 + $1.bytes })
  }

  private func ip(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    IPv4Builder(from: Self.ends.0, to: Self.ends.1, protocolNumber: number, payload: payload).bytes
  }
}

/// The bytes of TCP segments by port and sequence number; several where segments contradict each other.
private struct Sent {
  private struct Place: Hashable {
    var port: UInt16
    var sequence: UInt32
  }

  private var bytes: [Place: [UInt8]] = [:]
  private var starts: Set<Place> = []
  /// Ports that used a sequence number twice: theirs may be frozen, so that the reader counts for itself.
  private var frozen: Set<UInt16> = []

  mutating func add(_ payload: [UInt8], at sequence: UInt32, isSYN: Bool, port: UInt16) {
    if !starts.insert(Place(port: port, sequence: sequence)).inserted { frozen.insert(port) }
    for (index, byte) in payload.enumerated() {
      let place = sequence &+ UInt32(index) &+ (isSYN ? 1 : 0)
      bytes[Place(port: port, sequence: place), default: []].append(byte)
    }
  }

  /// Of segments that came whole: from the two hosts that send them.
  func examine(_ payload: borrowing Payload) throws(Complaint) {
    let position: UInt32
    switch payload.delivery {
    case .stream(let start, _), .repeated(let start): position = start
    default: return
    }
    let port = payload.path.source.port
    let host = payload.path.source.address
    guard host.isIPv4, host.low & 0xff < 3, port == 40_000 || port == 5060, !frozen.contains(port) else { return }
    for index in 0..<payload.bytes.byteCount {
      let place = Place(port: port, sequence: position &+ UInt32(index))
      try require(
        bytes[place]?.contains(payload.bytes.u8(index)) ?? false,
        "byte \(index) of port \(port) from \(payload.delivery) was never sent")
    }
  }
}

private enum ReassemblySeeds {
  static func make(_ captures: [[UInt8]]) -> [[UInt8]] {
    let sip = Array(
      ("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nFrom: <sip:a>\r\nCall-ID: 1\r\nContent-Length: 2\r\n\r\nab"
        + "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a\r\nTo: <sip:a>\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n").utf8)
    let diameter = CxBuilder.lir(
      CxBuilder.Exchange(session: "s", hopByHop: 1, endToEnd: 2, client: "a", server: "b", realm: "c"), impu: "sip:a"
    ).bytes
    let hep = HEPBuilder(
      from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), time: 1_000_000_000_000, agent: 1,
      payload: Array(sip.prefix(120))
    ).bytes
    var seeds: [[UInt8]] = []
    for (message, size) in [(sip, 40), (sip, 100), (diameter, 30), (hep, 50)] {
      let pieces = stride(from: 0, to: message.count, by: size).map {
        ($0, Array(message[$0..<min($0 + size, message.count)]))
      }
      let segments = pieces.map { segment(0, at: $0.0 + 1, flags: 0x18, $0.1) }
      let syn: [[UInt8]] = [segment(0, at: 0, flags: 2, [])]
      seeds.append((syn + segments).flatMap(\.self))
      seeds.append((syn + segments.reversed()).flatMap(\.self))
      seeds.append((syn + segments + segments.map { [$0[0] | 8] + $0.dropFirst() }).flatMap(\.self))
      seeds.append((syn + segments.dropLast() + [[7, 20]] + segments.suffix(1)).flatMap(\.self))
      seeds.append(chunks(pieces.map(\.1), step: 4))
      seeds.append(chunks(pieces.map(\.1), step: 5))
      seeds.append(fragments(message, step: 2))
      seeds.append(fragments(message, step: 3))
    }
    return seeds
  }

  private static func segment(_ step: UInt8, at place: Int, flags: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [step, UInt8(place >> 8), UInt8(place & 0xff), flags, UInt8(payload.count)] + payload
  }

  private static func chunks(_ pieces: [[UInt8]], step: UInt8) -> [UInt8] {
    pieces.enumerated().flatMap { index, piece in
      let flags: UInt8 = (index == 0 ? 2 : 0) | (index == pieces.count - 1 ? 1 : 0)
      return [step, UInt8(index), flags, UInt8(piece.count)] + piece
    }
  }

  /// A datagram in pieces of 64 octets.
  private static func fragments(_ message: [UInt8], step: UInt8) -> [UInt8] {
    let ends = (HostPort("10.0.0.1", 5060), HostPort("10.0.0.2", 5060))
    let datagram = UDPBuilder(from: ends.0, to: ends.1, payload: message).bytes
    return stride(from: 0, to: datagram.count, by: 64).flatMap { start in
      let piece = datagram[start..<min(start + 64, datagram.count)]
      let more: UInt8 = piece.endIndex < datagram.count ? 0x40 : 0
      return [step, UInt8(start / 8) | more, 0, UInt8(piece.count)] + piece
    }
  }
}
