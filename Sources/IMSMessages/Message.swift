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

  package mutating func add(_ sighting: Sighting, transmission: Int) {
    if transmission < transmissions.count {
      transmissions[transmission].sightings.append(sighting)
    } else {
      transmissions.append(Transmission(sighting))
    }
  }
}

/// One sending of a message, as every capture point saw it.
package struct Transmission: Sendable, Hashable {
  package var sightings: [Sighting]

  package init(_ sighting: Sighting) { sightings = [sighting] }

  package var time: Timestamp { earliest.time }

  package var earliest: Sighting {
    sightings.min { ($0.time, $0.point, $0.frames.first) < ($1.time, $1.point, $1.frames.first) } ?? sightings[0]
  }

  package func seen(at point: CapturePoint) -> Sighting? { sightings.first { $0.point == point } }
}
