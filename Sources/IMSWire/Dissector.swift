package import IMSBytes
package import IMSCapture
package import IMSSecrets

/// Takes the layers off the frames of one recorder and delivers what the transports carry: UDP datagrams, the bytes of
/// TCP streams in order, and the user messages of SCTP.
///
/// `deliver` answers what it took. Of a datagram, a user message and repeated bytes nothing is kept, whatever it answers;
/// a user message of which it took nothing is counted as not decoded.
package struct Dissector {
  /// What was not decoded, and what was damaged.
  package private(set) var census = Census()

  private let input: UInt16
  private var fragments = Fragments()
  private var streams: TCPStreams
  private var messages = SCTPMessages()
  private var esp: ESPAssociations
  private var clock = PacketClock()
  private let paths: OuterPaths
  private let unpack: Unpack?
  private let sieve: Sieve?
  /// Became whole with the packet before it; it is walked next.
  private var whole: Fragments.Datagram?
  /// The stamp of the last frame, or of what an agent recorded in it.
  package private(set) var time = Timestamp.distantPast

  /// Tunnels in tunnels end somewhere; a frame of Gm in GTP-U and UDP-encapsulated ESP has eleven layers.
  private static var deepest: UInt8 { LayerStack.capacity }

  /// ESP packets that wait for their keys hold so many octets at most.
  package static var mostParked: Int { Bounds.parkedBytes }

  /// Fragments, streams and user messages are kept per capture point, so each recorder has its own dissector; `input` is the
  /// one with which it began.
  /// `associations` are known from elsewhere; with `keepsUsed` those that opened a packet are remembered. With `waits` every
  /// ESP packet is parked until `learn` is called for the first time. `unpack` opens what agents of HEP packed. What `sieve`
  /// holds back is not delivered; without one everything is.
  package init(
    input: UInt16, mostParked: Int = Dissector.mostParked, associations: [SecurityAssociation] = [],
    keepsUsed: Bool = false, waits: Bool = false, paths: OuterPaths = OuterPaths(), unpack: Unpack? = nil,
    sieve: Sieve? = nil
  ) {
    self.input = input
    self.sieve = sieve
    self.paths = paths
    self.unpack = unpack
    streams = TCPStreams(unpack: unpack)
    esp = ESPAssociations(room: mostParked, keepsUsed: keepsUsed)
    _ = esp.learn(associations)
    esp.waits = waits
  }

  /// What a frame brought beside its payloads: whoever reads asks for no more than that.
  package struct News: Sendable, BitwiseCopyable {
    /// The frame's stamp, or that of what an agent recorded in it.
    package var time: Timestamp
    /// There are sightings of ESP packets to be asked for.
    package var hasESPSightings = false
    /// There are losses to be asked for.
    package var hasLosses = false
    /// The sieve held a datagram back.
    package var hasForeignDatagram = false
    /// Nothing was delivered and nobody is to be told anything.
    package var isQuiet = false

    package init(time: Timestamp) { self.time = time }
  }

  @discardableResult
  package mutating func feed(_ frame: borrowing Frame, _ deliver: (borrowing Payload) -> Taken) -> News {
    census.frames += 1
    clock.accept(frame.time)
    time = frame.time
    let isDue = clock.now >= streams.nextDue || clock.now >= esp.nextExpiry
    if isDue {
      streams.advance(to: clock.now, &census, deliver)
      esp.expire(at: clock.now, &census)
    }
    var news = News(time: frame.time)
    if let sieve, streams.recorded == nil {
      let look = sieve.look(frame)
      news.hasForeignDatagram = look == .datagram
      news.isQuiet = look != .passes && !isDue
      if news.isQuiet { return news }
      if look == .passes { takeApart(frame, deliver) }
    } else {
      takeApart(frame, deliver)
    }
    news.time = time
    news.hasESPSightings = esp.hasSightings
    news.hasLosses = !census.losses.isEmpty
    return news
  }

  // Both change nothing. Were they not said to, whoever asks from another module would copy all of this before.

  /// What the sieve says of a frame.
  package mutating func look(_ frame: borrowing Frame) -> Sieve.Look {
    guard let sieve else { return .passes }
    return sieve.look(frame)
  }

  /// Until when frames that the sieve holds back bring nothing but their stamps, behind one of this time; the distant past
  /// where each is to be fed on its own.
  package mutating func quietEnd(behind time: Timestamp) -> Timestamp {
    if sieve == nil || streams.recorded != nil || clock.now != time { return .distantPast }
    return min(streams.nextDue, esp.nextExpiry)
  }

  /// So many frames that the sieve held back, all before `quietEnd` and each behind the one before, within 60 s.
  package mutating func pass(_ frames: UInt64, until last: Timestamp) {
    census.frames += frames
    clock.accept(last)
    time = last
  }

  private mutating func takeApart(_ frame: borrowing Frame, _ deliver: (borrowing Payload) -> Taken) {
    let count = frame.bytes.byteCount
    var walk = Walk(
      point: CapturePoint(input: input, interface: frame.interface), time: frame.time,
      frames: FrameList(frame.number, fileOffset: frame.fileOffset), count: count,
      missing: max(0, Int(frame.originalLength) - count))
    self.walk(frame.bytes, .link(frame.linkType), &walk, deliver)
    if whole != nil { follow(deliver) }
  }

  /// Adds keys and opens the parked packets that they fit, with their own stamps and frame numbers.
  package mutating func learn(_ associations: [SecurityAssociation], _ deliver: (borrowing Payload) -> Taken) {
    for packet in esp.learn(associations) {
      guard let opened = esp.reopen(packet, &census) else { continue }
      var walk = packet.walk
      switch Self.enter(opened, &walk, spi: packet.spi) {
      case .whole(let datagram): whole = datagram
      case .inside(let next): self.walk(packet.bytes.span.bytes, next, &walk, deliver)
      }
      follow(deliver)
    }
  }

  /// What TCP streams still hold behind gaps is offered: nothing more comes.
  package mutating func flush(_ deliver: (borrowing Payload) -> Taken) { streams.finish(&census, deliver) }

  /// End of input: `flush`, and what is not whole or not opened is counted.
  package mutating func finish(_ deliver: (borrowing Payload) -> Taken) {
    flush(deliver)
    fragments.finish(&census)
    messages.finish(&census)
    esp.finish(&census)
  }

  /// Octets of ESP packets that may wait for their keys.
  package var mostParked: Int {
    get { esp.room }
    set { esp.room = newValue }
  }
  /// What became of the ESP packets, by association.
  package var espCounts: [ESPCount] { esp.counts }
  /// Associations that opened a packet.
  package var espUsed: [SecurityAssociation] { esp.used }
  /// Associations that were given up because there were too many.
  /// ESP packets of which nobody was told.
  package var espSightingsLeftOut: Int { esp.sightingsLeftOut }
  /// Frames of copies of fragments and segments that are not named.
  package var unnamedFrames: Int { fragments.unnamed + messages.unnamed + streams.unnamed }
  package var espForgotten: Int { esp.forgotten }
  /// Some ESP packet was met.
  package var hasSeenESP: Bool { esp.hasPackets }
  /// Packets wait for keys.
  package var hasParked: Bool { esp.hasParked }
  /// Bytes of streams that wait for others.
  package var heldBytes: Int { streams.held }
  /// Sightings of ESP packets since they were asked for last.
  package mutating func takeESPSightings() -> [ESPSighting] { esp.takeSightings() }

  /// Losses that were met since they were asked for last.
  package mutating func takeLosses() -> [Loss] { census.takeLosses() }

  private mutating func follow(_ deliver: (borrowing Payload) -> Taken) {
    while let datagram = whole.take() {
      var walk = datagram.walk
      self.walk(datagram.bytes.span.bytes, datagram.next, &walk, deliver)
    }
  }

  private mutating func walk(
    _ bytes: RawSpan, _ first: Next, _ walk: inout Walk, _ deliver: (borrowing Payload) -> Taken
  ) {
    var next = first
    while walk.layers.count <= Self.deepest {
      switch next {
      case .link(let type):
        next = Self.link(type, bytes, &walk)
      case .network(let type):
        if walk.isInside { walk.goInside(paths) }
        next = Self.network(type, bytes, &walk)
      case .transport(let number):
        next = transport(number, bytes, &walk)
      case .done(let transport):
        return finish(transport, bytes, &walk, deliver)
      case .message(let transport):
        return give(transport, bytes, &walk, deliver)
      case .hep:
        return openHEP(bytes, &walk, deliver)
      case .fragment:
        guard let piece = walk.piece else { return }
        whole = fragments.add(piece, walk.rest(bytes), walk, now: clock.now, &census)
        return
      case .event:
        guard let event = walk.event else { return }
        if !walk.tell(event, deliver) { census.count(.ipProtocol(event.protocolNumber)) }
        return
      case .esp:
        guard let opened = esp.open(walk.rest(bytes), walk, now: clock.now, &census) else { return }
        switch Self.enter(opened, &walk, spi: walk.rest(bytes).u32(0)) {
        case .whole(let datagram):
          whole = datagram
          return
        case .inside(let inner): next = inner
        }
      case .undecoded(let what):
        return census.count(what)
      case .stop:
        if let stopped = walk.stopped { census.note(DecodeIssue(stopped), frame: walk.frames.first) }
        if walk.hasEnds { census.lose(Loss(walk, isCut: walk.missing > 0)) }
        return
      }
    }
    census.count(.tooDeep)
  }

  @inline(__always)
  static func link(_ type: LinkType, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch type {
    case .ethernet: Ethernet.decode(walk.rest(bytes), &walk)
    case .linuxCooked: LinuxCooked.decode(walk.rest(bytes), &walk)
    case .linuxCooked2: LinuxCooked.decode2(walk.rest(bytes), &walk)
    case .raw, .raw12, .raw14, .ipv4, .ipv6: RawIP.decode(walk.rest(bytes), &walk)
    case .null, .loop: Null.decode(walk.rest(bytes), &walk)
    default: Tunnels.link(type, walk.rest(bytes), &walk)
    }
  }

  @inline(__always)
  static func network(_ type: UInt16, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch type {
    case 0x0800: IPv4.decode(walk.rest(bytes), &walk)
    case 0x86dd: IPv6.decode(walk.rest(bytes), &walk)
    case 0x8100, 0x88a8, 0x9100: VLAN.decode(walk.rest(bytes), &walk)
    default: Tunnels.network(type, walk.rest(bytes), &walk)
    }
  }

  @inline(__always)
  private mutating func transport(_ number: UInt8, _ bytes: RawSpan, _ walk: inout Walk) -> Next {
    switch number {
    case 1: ICMP.decode(walk.rest(bytes), isV6: false, &walk)
    case 58: ICMP.decode(walk.rest(bytes), isV6: true, &walk)
    case 6: TCP.decode(walk.rest(bytes), &walk)
    case 17: UDP.decode(walk.rest(bytes), &walk, &census)
    case 132: SCTP.decode(walk.rest(bytes), &walk)
    case ESP.number: .esp
    case _ where IPv6.isExtension(number): IPv6.extensions(number, bytes, &walk)
    default: Tunnels.transport(number, walk.rest(bytes), &walk)
    }
  }

  private enum Entered {
    case inside(Next)
    case whole(Fragments.Datagram)
  }

  /// Goes into an ESP packet: its payload lies in the same bytes, or was decrypted.
  private static func enter(_ opened: ESPAssociations.Opened, _ walk: inout Walk, spi: UInt32) -> Entered {
    walk.layers.append(.esp)
    walk.spi = spi
    walk.tunnelIdentifier = spi
    switch opened {
    case .clear(let range, let next):
      walk.end = walk.start + range.upperBound
      walk.start += range.lowerBound
      return .inside(ESP.inner(next))
    case .decrypted(let bytes, let next):
      walk.start = 0
      walk.end = bytes.count
      return .whole(Fragments.Datagram(bytes: bytes, next: ESP.inner(next), walk: walk))
    }
  }

  // The walk is lent to those who end it: it is not copied.

  private mutating func finish(
    _ transport: Transport, _ bytes: RawSpan, _ walk: inout Walk, _ deliver: (borrowing Payload) -> Taken
  ) {
    switch transport {
    case .tcp:
      streams.feed(walk, walk.rest(bytes), now: clock.now, &census, deliver)
      if let recorded = streams.recorded {
        time = recorded
        streams.recorded = nil
      }
      if walk.flags & TCP.rst != 0 { _ = walk.tell(.reset, .tcp, deliver) }
    case .sctp: messages.feed(walk, walk.rest(bytes), now: clock.now, &census, deliver)
    case .udp: give(.udp, bytes, &walk, deliver)
    }
  }

  /// A datagram, or a whole message that a recorder took out of another transport.
  private mutating func give(
    _ transport: Transport, _ bytes: RawSpan, _ walk: inout Walk, _ deliver: (borrowing Payload) -> Taken
  ) {
    if walk.count == 0 { return }
    let payload = Payload(
      path: walk.path(transport), time: walk.time, bytes: walk.rest(bytes),
      delivery: transport == .udp ? .datagram : .message(position: 0), carried: walk.frames,
      isTruncated: walk.missing > 0)
    if deliver(payload).bytes == 0, transport != .udp { census.count(.recorded) }
  }

  private mutating func openHEP(
    _ bytes: RawSpan, _ walk: inout Walk, _ deliver: (borrowing Payload) -> Taken
  ) {
    let payload = Payload(
      path: walk.path(.udp), time: walk.time, bytes: walk.rest(bytes), delivery: .datagram, carried: walk.frames,
      isTruncated: walk.missing > 0)
    if let recorded = HEP.open(payload, missing: walk.missing, unpack, &census, deliver) { time = recorded }
  }
}
