package import IMSBytes
package import IMSMessages
package import IMSWire

/// What networks and transports said of signalling: ICMP errors, TCP resets, SCTP aborts, in the order in which they came.
package struct EventLedger: Sendable {
  /// Until the slowest REGISTER must have been given up, and its registration is looked at.
  static let memory = Interval.seconds(Int64(Bounds.transportEventMemory))
  static let capacity = Bounds.transportEvents

  private var events: [Message] = []
  /// Forgotten because there were too many.
  package private(set) var evicted = 0

  var isEmpty: Bool { events.isEmpty }

  mutating func note(_ message: Message) {
    events.append(message)
    if events.count > EventLedger.capacity {
      events.removeFirst(EventLedger.capacity / 4)
      evicted += EventLedger.capacity / 4
    }
  }

  mutating func note(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    guard let index = events.lastIndex(where: { $0.id == id }) else { return }
    events[index].add(sighting, transmission: transmission)
  }

  mutating func prune(before time: Timestamp) {
    let limit = time - EventLedger.memory
    let old = events.prefix { $0.time < limit }.count
    if old > 64 { events.removeFirst(old) }
  }

  /// The first event in an interval that speaks of packets from one address to one endpoint, whatever port they came from.
  package func first(
    from source: IPAddress, to destination: Endpoint, _ transport: Transport, in times: ClosedRange<Timestamp>
  ) -> Message? {
    first(in: times) { event in
      event.source.address == source && event.destination == destination && event.transport == transport
    }
  }

  /// The first event in an interval that speaks of what an address sent.
  package func first(from source: IPAddress, in times: ClosedRange<Timestamp>) -> Message? {
    first(in: times) { $0.source.address == source }
  }

  private func first(in times: ClosedRange<Timestamp>, where holds: (TransportEvent) -> Bool) -> Message? {
    events.first { message in times.contains(message.time) && (message.event.map(holds) ?? false) }
  }
}
