package import IMSBytes
package import IMSWire

/// One sending of a message, as every capture point saw it.
package struct Transmission: Sendable, Hashable {
  /// In the order in which they came; at least one.
  package let sightings: Sightings
  /// The earliest, in `sightings`.
  private let first: Int

  fileprivate init(_ sightings: Sightings, first: Int) {
    self.sightings = sightings
    self.first = first
  }

  /// By time, capture point and frame.
  package var earliest: Sighting { sightings[first] }
  package var time: Timestamp { sightings[first].time }

  package func seen(at point: CapturePoint) -> Sighting? {
    for number in 0..<sightings.count where sightings[number].point == point { return sightings[number] }
    return nil
  }

  /// What its first sighting at a point bears in its file.
  package func stamp(at point: CapturePoint) -> Timestamp? {
    seen(at: point)?.stamp
  }

  /// The time of its first sighting at a point.
  package func time(at point: CapturePoint) -> Timestamp? {
    seen(at: point)?.time
  }
}

/// The sightings of one transmission, read out of the message.
package struct Sightings: RandomAccessCollection, Sendable, Hashable {
  private let message: Message
  private let places: Range<Int>

  fileprivate init(_ message: Message, _ places: Range<Int>) {
    self.message = message
    self.places = places
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { places.count }
  package var count: Int { places.count }

  package subscript(number: Int) -> Sighting {
    precondition(number >= 0 && number < places.count)
    return message.sighting(places.lowerBound + number)
  }

  // Asked so often that the general ways of a collection, which look up what they need at run time, are too dear.

  package func contains(where predicate: (borrowing Sighting) throws -> Bool) rethrows -> Bool {
    for number in places where try predicate(message.sighting(number)) { return true }
    return false
  }

  package static func == (left: Sightings, right: Sightings) -> Bool { left.elementsEqual(right) }
  package func hash(into hasher: inout Hasher) { for sighting in self { hasher.combine(sighting) } }
}

/// The sendings of one message, cut out of its sightings when they are asked for.
package struct Transmissions: RandomAccessCollection, Sendable {
  private let message: Message
  package let count: Int

  init(_ message: Message, count: Int) {
    self.message = message
    self.count = count
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  // Asked so often that the general ways of a collection, which look up what they need at run time, are too dear.

  package func contains(where predicate: (Transmission) throws -> Bool) rethrows -> Bool {
    for number in 0..<count where try predicate(self[number]) { return true }
    return false
  }

  package func allSatisfy(_ predicate: (Transmission) throws -> Bool) rethrows -> Bool {
    try !contains { try !predicate($0) }
  }

  package subscript(number: Int) -> Transmission {
    let sightings = Sightings(message, message.appearances(of: number))
    if number == 0 { return Transmission(sightings, first: message.earliest) }
    var first = 0
    for place in 1..<Swift.max(1, sightings.count) where sightings[place].precedes(sightings[first]) { first = place }
    return Transmission(sightings, first: first)
  }
}
