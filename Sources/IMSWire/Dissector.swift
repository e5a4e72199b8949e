import IMSBytes
package import IMSCapture

/// Takes the layers off the frames of one input and delivers what the transports carry: UDP datagrams, the bytes of
/// TCP streams in order, and the user messages of SCTP.
///
/// `deliver` answers what it took. Of a datagram, a user message and repeated bytes nothing is kept, whatever it answers;
/// a user message of which it took nothing is counted as not decoded.
package struct Dissector {
  /// What was not decoded, and what was damaged.
  package private(set) var census = Census()

  private let input: UInt16
  private var fragments = Fragments()
  private var streams = TCPStreams()
  private var messages = SCTPMessages()
  private var clock = PacketClock()

  /// Tunnels in tunnels end somewhere; a frame of Gm in GTP-U and UDP-encapsulated ESP has eleven layers.
  private static let deepest = 16

  /// Fragments, streams and user messages are kept per capture point, so each input has its own dissector.
  package init(input: UInt16) { self.input = input }

  package mutating func feed(_ frame: borrowing Frame, _ deliver: (borrowing Payload) -> Taken) {
    census.frames += 1
    clock.accept(frame.time)
    streams.advance(to: clock.now, &census, deliver)
    let count = frame.bytes.byteCount
    let walk = Walk(
      point: CapturePoint(input: input, interface: frame.interface), time: frame.time,
      frames: FrameList(frame.number, fileOffset: frame.fileOffset), count: count,
      missing: max(0, Int(frame.originalLength) - count))
    var whole = self.walk(frame.bytes, .link(frame.linkType), walk, deliver)
    while let datagram = whole {
      whole = self.walk(datagram.bytes.span.bytes, .transport(datagram.transport), datagram.walk, deliver)
    }
  }

  /// End of input: what TCP streams still hold behind gaps is offered, what is not whole is counted.
  package mutating func finish(_ deliver: (borrowing Payload) -> Taken) {
    streams.finish(&census, deliver)
    fragments.finish(&census)
    messages.finish(&census)
  }

  /// The datagram that became whole with this packet; it is walked next.
  private mutating func walk(
    _ bytes: RawSpan, _ first: Next, _ start: Walk, _ deliver: (borrowing Payload) -> Taken
  ) -> Fragments.Datagram? {
    var next = first
    var walk = start
    for _ in 0..<Self.deepest {
      switch next {
      case .link(let type):
        next = Self.link(type, bytes, &walk)
      case .network(let type):
        next = Self.network(type, bytes, &walk)
      case .transport(let number):
        next = transport(number, bytes, &walk)
      case .done(let transport):
        finish(transport, bytes, walk, deliver)
        return nil
      case .fragment(let piece):
        return fragments.add(piece, walk.rest(bytes), walk, now: clock.now, &census)
      case .undecoded(let what):
        census.count(what)
        return nil
      case .stop(let issue):
        census.note(issue, frame: walk.frames.first)
        return nil
      }
    }
    census.count(.tooDeep)
    return nil
  }

  private static func link(_ type: LinkType, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch type {
    case .ethernet: Ethernet.decode(walk.rest(bytes), &walk)
    case .linuxCooked: LinuxCooked.decode(walk.rest(bytes), &walk)
    case .linuxCooked2: LinuxCooked.decode2(walk.rest(bytes), &walk)
    case .raw, .raw12, .raw14, .ipv4, .ipv6: RawIP.decode(walk.rest(bytes), &walk)
    case .null, .loop: Null.decode(walk.rest(bytes), &walk)
    default: .undecoded(.linkType(type.rawValue))
    }
  }

  private static func network(_ type: UInt16, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch type {
    case 0x0800: IPv4.decode(walk.rest(bytes), &walk)
    case 0x86dd: IPv6.decode(walk.rest(bytes), &walk)
    case 0x8100, 0x88a8, 0x9100: VLAN.decode(walk.rest(bytes), &walk)
    default: .undecoded(.etherType(type))
    }
  }

  private mutating func transport(_ number: UInt8, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch number {
    case 6: TCP.decode(walk.rest(bytes), &walk)
    case 17: UDP.decode(walk.rest(bytes), &walk, &census)
    case 132: SCTP.decode(walk.rest(bytes), &walk)
    case _ where IPv6.isExtension(number): IPv6.extensions(number, bytes, &walk)
    default: .undecoded(.ipProtocol(number))
    }
  }

  private mutating func finish(
    _ transport: Transport, _ bytes: RawSpan, _ walk: Walk, _ deliver: (borrowing Payload) -> Taken
  ) {
    switch transport {
    case .tcp: streams.feed(walk, walk.rest(bytes), now: clock.now, &census, deliver)
    case .sctp: messages.feed(walk, walk.rest(bytes), now: clock.now, &census, deliver)
    case .udp:
      if walk.count == 0 { return }
      let payload = Payload(
        path: walk.path(.udp), time: walk.time, bytes: walk.rest(bytes), delivery: .datagram, carried: walk.frames,
        isTruncated: walk.missing > 0)
      _ = deliver(payload)
    }
  }
}
