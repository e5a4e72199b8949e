package import IMSAccess
package import IMSBytes
package import IMSDiameter
package import IMSSIP
package import IMSWire

/// Number of a message in the order in which the reader first met it, from 0.
package struct MessageID: Hashable, Comparable, Sendable, BitwiseCopyable {
  package var value: UInt32
  package init(_ value: UInt32) { self.value = value }
  package static func < (left: MessageID, right: MessageID) -> Bool { left.value < right.value }
}

/// One signalling message, however many capture points saw it and however often it was sent.
package struct Message: Sendable {
  package let id: MessageID
  /// Shared and never changed: a message is passed on often.
  private var content: Content
  /// The times it was sent: the first transmission, then every retransmission.
  package var transmissions: [Transmission]

  package enum Body: Sendable {
    case sip(SIPMessage, SIPKeys)
    case diameter(DiameterMessage)
    case dns(DNSMessage)
    case access(AccessMessage)
    /// No message, but what a network or a transport says of messages.
    case event(TransportEvent)
  }

  private final class Content: Sendable {
    let body: Body
    /// As in `body`, which is not opened for them.
    let sip: SIPMessage?
    let keys: SIPKeys?
    let source: Endpoint
    let destination: Endpoint
    let transport: Transport
    let isTruncated: Bool
    let correlation: [UInt8]?

    init(
      _ body: Body, _ source: Endpoint, _ destination: Endpoint, _ transport: Transport, isTruncated: Bool,
      correlation: [UInt8]?
    ) {
      self.body = body
      self.correlation = correlation
      if case .sip(let sip, let keys) = body {
        self.sip = sip
        self.keys = keys
      } else {
        sip = nil
        keys = nil
      }
      self.source = source
      self.destination = destination
      self.transport = transport
      self.isTruncated = isTruncated
    }
  }

  package init(
    id: MessageID, body: Body, source: Endpoint, destination: Endpoint, transport: Transport, isTruncated: Bool,
    sighting: Sighting, correlation: [UInt8]? = nil
  ) {
    self.id = id
    content = Content(body, source, destination, transport, isTruncated: isTruncated, correlation: correlation)
    transmissions = [Transmission(sighting)]
  }

  package var body: Body { content.body }
  package var source: Endpoint { content.source }
  package var destination: Endpoint { content.destination }
  package var transport: Transport { content.transport }
  /// The capture cut the packet; header rules that need the whole message keep silent.
  package var isTruncated: Bool { content.isTruncated }
  /// The name that the agent of HEP that recorded it gives to its call.
  package var correlation: Text? { content.correlation.map { Text($0) } }

  package var sip: SIPMessage? { content.sip }
  package var keys: SIPKeys? { content.keys }
  package var diameter: DiameterMessage? { if case .diameter(let message) = body { message } else { nil } }
  package var dns: DNSMessage? { if case .dns(let message) = body { message } else { nil } }

  package var access: AccessMessage? { if case .access(let message) = body { message } else { nil } }

  package var event: TransportEvent? { if case .event(let event) = body { event } else { nil } }

  /// Signalling of a registration itself: what else there is belongs to the capture, until a registration claims it.
  package var isOfRegistration: Bool {
    switch body {
    case .sip, .diameter: true
    case .dns, .access, .event: false
    }
  }

  /// Time of the earliest sighting of the first transmission.
  package var time: Timestamp { transmissions[0].time }
  package var sightings: [Sighting] { transmissions[0].sightings }
  package var retransmissions: ArraySlice<Transmission> { transmissions.dropFirst() }

  /// The earliest sighting of all: the place a finding points at.
  package var firstSighting: Sighting { transmissions[0].earliest }

  /// Makes the typed values of its headers, for a message that will be asked often.
  package mutating func read() {
    guard case .sip(var message, let keys) = body else { return }
    message.read()
    content = Content(
      .sip(message, keys), source, destination, transport, isTruncated: isTruncated, correlation: content.correlation)
  }

  /// Where it stands in the order of a flow: time, then input, then frame, of its first sighting.
  package struct Place: Comparable, Sendable, BitwiseCopyable {
    package var time: Timestamp
    package var input: UInt16
    package var frame: UInt32
    package var id: MessageID

    package static func < (left: Place, right: Place) -> Bool {
      (left.time, left.input, left.frame, left.id) < (right.time, right.input, right.frame, right.id)
    }
  }

  package var place: Place {
    Place(
      time: transmissions[0].earliest.time, input: transmissions[0].earliest.point.input,
      frame: transmissions[0].earliest.frames.first, id: id)
  }

  /// Every appearance of every transmission.
  package func forEachSighting(_ body: (borrowing Sighting) -> Void) {
    for number in transmissions.indices {
      for index in transmissions[number].sightings.indices { body(transmissions[number].sightings[index]) }
    }
  }

  package mutating func add(_ sighting: Sighting, transmission: Int) {
    if transmission < transmissions.count {
      transmissions[transmission].add(sighting)
    } else {
      transmissions.append(Transmission(sighting))
    }
  }
}

/// One sending of a message, as every capture point saw it.
package struct Transmission: Sendable, Hashable {
  package private(set) var sightings: [Sighting]
  /// By time, capture point and frame.
  package private(set) var earliest: Sighting

  package init(_ sighting: Sighting) {
    sightings = [sighting]
    earliest = sighting
  }

  package var time: Timestamp { earliest.time }

  package mutating func add(_ sighting: Sighting) {
    sightings.append(sighting)
    if sighting.precedes(earliest) { earliest = sighting }
  }

  package func seen(at point: CapturePoint) -> Sighting? {
    sightings.firstIndex { $0.point == point }.map { sightings[$0] }
  }

  /// The stamp of its first sighting at a point.
  package func time(at point: CapturePoint) -> Timestamp? {
    for index in sightings.indices where sightings[index].point == point { return sightings[index].time }
    return nil
  }
}
