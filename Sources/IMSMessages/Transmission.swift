package import IMSBytes
package import IMSWire

/// One sending of a message, as every capture point saw it.
package struct Transmission: Sendable, Hashable {
  /// In the order in which they came; at least one.
  package let sightings: [Sighting]
  /// The earliest, in `sightings`.
  let first: Int

  init(_ sightings: [Sighting], first: Int) {
    self.sightings = sightings
    self.first = first
  }

  init(_ sightings: [Sighting]) {
    var first = 0
    for index in sightings.indices where sightings[index].precedes(sightings[first]) { first = index }
    self.init(sightings, first: first)
  }

  /// By time, capture point and frame.
  package var earliest: Sighting { sightings[first] }
  package var time: Timestamp { sightings[first].time }

  package func seen(at point: CapturePoint) -> Sighting? {
    sightings.firstIndex { $0.point == point }.map { sightings[$0] }
  }

  /// What its first sighting at a point bears in its file.
  package func stamp(at point: CapturePoint) -> Timestamp? {
    for index in sightings.indices where sightings[index].point == point { return sightings[index].stamp }
    return nil
  }

  /// The stamp of its first sighting at a point.
  package func time(at point: CapturePoint) -> Timestamp? {
    for index in sightings.indices where sightings[index].point == point { return sightings[index].time }
    return nil
  }
}

/// The sendings of one message, cut out of the list of its sightings when they are asked for.
package struct Transmissions: RandomAccessCollection, Sendable {
  /// By transmission.
  private let sightings: [Sighting]
  private let sendings: Int
  /// The earliest of the first one.
  private let earliest: Int

  init(sightings: [Sighting], sendings: Int, earliest: Int) {
    self.sightings = sightings
    self.sendings = sendings
    self.earliest = earliest
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { sendings }

  // Asked so often that the general ways of a collection, which look up what they need at run time, are too dear.

  package func contains(where predicate: (Transmission) throws -> Bool) rethrows -> Bool {
    for number in 0..<sendings where try predicate(self[number]) { return true }
    return false
  }

  package func allSatisfy(_ predicate: (Transmission) throws -> Bool) rethrows -> Bool {
    try !contains { try !predicate($0) }
  }

  package subscript(number: Int) -> Transmission {
    // Nearly every message was sent once.
    if sendings == 1, number == 0 { return Transmission(sightings, first: earliest) }
    return Transmission(sightings.filter { $0.transmission == number })
  }
}
