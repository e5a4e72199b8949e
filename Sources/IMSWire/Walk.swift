import IMSBytes
import IMSCapture

/// What a layer says about the next one: small, what belongs to the rare answers lies in the walk.
enum Next: BitwiseCopyable {
  case link(LinkType)
  /// An EtherType.
  case network(UInt16)
  /// A protocol number of IP.
  case transport(UInt8)
  /// The payload of a transport lies in the walk's range; everything about it is in the walk.
  case done(Transport)
  /// The walk's range is a whole message that a recorder took out of a transport; everything about it is in the walk.
  case message(Transport)
  /// The walk's range is a packet of HEP.
  case hep
  /// The walk's range is a piece of a datagram, as its `piece` says.
  case fragment
  /// The packet speaks of others, as the walk's `event` says; its range is the packet's content.
  case event
  /// The walk's range goes from the SPI of an ESP packet to its ICV.
  case esp
  case undecoded(Undecoded)
  /// For the reason that `stopped` gives.
  case stop
}

/// Where a layer stopped and why: a `DecodeIssue` of words that stand in the program, so that it is copied for nothing.
struct Stop: BitwiseCopyable {
  var layer: StaticString
  var reason: StaticString
  var offset: Int

  init(_ layer: StaticString, _ reason: StaticString, at offset: Int) {
    self.layer = layer
    self.reason = reason
    self.offset = offset
  }
}

extension DecodeIssue {
  init(_ stop: Stop) { self.init("\(stop.layer)", "\(stop.reason)", at: stop.offset) }
}

/// What is known of a packet while its layers are taken off.
struct Walk {
  var point: CapturePoint
  var time: Timestamp
  var frames: FrameList
  var layers = LayerStack()
  var source = IPAddress(v4: 0)
  var destination = IPAddress(v4: 0)
  var hopLimit: UInt8 = 0
  var identification: UInt16 = 0
  /// The bytes of the next layer.
  var start = 0
  var end: Int
  /// Bytes of the next layer that the capture does not hold, behind `end`.
  var missing: Int
  var sourcePort: UInt16 = 0
  var destinationPort: UInt16 = 0
  /// TCP only.
  var sequence: UInt32 = 0
  var flags: UInt8 = 0
  /// SCTP only.
  var verificationTag: UInt32 = 0
  /// Of the innermost security association, 0 without one.
  var spi: UInt32 = 0
  /// The tunnels so far, and what the innermost calls itself: TEID, key, VNI, or 0.
  var outer = OuterPaths.Number.none
  var tunnelIdentifier: UInt32 = 0
  /// Of `Next.fragment`, `Next.event` and `Next.stop`, when one was said last.
  var piece: Fragments.Piece?
  var event: TransportEvent?
  private(set) var stopped: Stop?

  init(point: CapturePoint, time: Timestamp, frames: FrameList, count: Int, missing: Int) {
    self.point = point
    self.time = time
    self.frames = frames
    end = count
    self.missing = missing
  }

  var count: Int { end - start }

  /// The next layer cannot be read.
  mutating func stop(_ layer: StaticString, _ reason: StaticString, at offset: Int) -> Next {
    stopped = Stop(layer, reason, at: offset)
    return .stop
  }

  @_lifetime(copy bytes)
  func rest(_ bytes: RawSpan) -> RawSpan { bytes.extracting(start..<end) }

  /// The layer says how long it is: what lies behind is padding, what is not there was cut.
  mutating func limit(to length: Int) {
    if length <= count {
      end = start + length
      missing = 0
    } else {
      missing = length - count
    }
  }

  /// An IP header was there already.
  var isInside: Bool { destination.low | destination.high != 0 }

  /// What was read so far is the way to what comes: its addresses are the ends of a tunnel.
  mutating func goInside(_ paths: OuterPaths) {
    let hop = TunnelHop(
      layer: layers.carrier, source: source, destination: destination, identifier: tunnelIdentifier)
    outer = paths.number(of: hop, behind: outer)
    tunnelIdentifier = 0
    destination = IPAddress(v4: 0)
  }

  /// The sender resets or aborts: that is said of what its receiver sends to it.
  func tell(_ kind: TransportEvent.Kind, _ transport: Transport, _ deliver: (borrowing Payload) -> Taken) -> Bool {
    let (from, to) = (Endpoint(destination, destinationPort), Endpoint(source, sourcePort))
    return tell(TransportEvent(kind, from: from, to: to, transport), deliver)
  }

  /// False when it is nobody's.
  func tell(_ event: TransportEvent, _ deliver: (borrowing Payload) -> Taken) -> Bool {
    let nothing: [UInt8] = []
    return deliver(
      Payload(
        path: path(event.transport), time: time, bytes: nothing.span.bytes, delivery: .event(event), carried: frames,
        isTruncated: false)
    ).bytes > 0
  }

  /// The header of IP was read.
  var hasEnds: Bool { source != destination }

  func path(_ transport: Transport) -> Path {
    Path(
      point: point, source: Endpoint(source, sourcePort), destination: Endpoint(destination, destinationPort),
      transport: transport, hopLimit: hopLimit, identification: identification, layers: layers, spi: spi,
      outer: outer)
  }
}

extension Loss {
  init(_ walk: Walk, isCut: Bool) {
    self.init(
      input: walk.point.input, time: walk.time, ends: Ends(walk.source, walk.destination), isCut: isCut)
  }
}
