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
  package var id: MessageID
  package var body: Body
  package var source: Endpoint
  package var destination: Endpoint
  package var transport: Transport
  /// The capture cut the packet; header rules that need the whole message keep silent.
  package var isTruncated: Bool
  /// The times it was sent: the first transmission, then every retransmission.
  package var transmissions: [Transmission]

  /// Boxed: a message is passed on often and looked into seldom.
  package indirect enum Body: Sendable {
    case sip(SIPMessage, SIPKeys)
    case diameter(DiameterMessage)
    case dns(DNSMessage)
  }

  package init(
    id: MessageID, body: Body, source: Endpoint, destination: Endpoint, transport: Transport, isTruncated: Bool,
    sighting: Sighting
  ) {
    self.id = id
    self.body = body
    self.source = source
    self.destination = destination
    self.transport = transport
    self.isTruncated = isTruncated
    transmissions = [Transmission(sighting)]
  }

  package var sip: SIPMessage? { if case .sip(let message, _) = body { message } else { nil } }
  package var keys: SIPKeys? { if case .sip(_, let keys) = body { keys } else { nil } }
  package var diameter: DiameterMessage? { if case .diameter(let message) = body { message } else { nil } }
  package var dns: DNSMessage? { if case .dns(let message) = body { message } else { nil } }

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
    body = .sip(message, keys)
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

  package func seen(at point: CapturePoint) -> Sighting? { sightings.first { $0.point == point } }
}
