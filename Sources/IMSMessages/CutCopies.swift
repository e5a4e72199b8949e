import IMSBytes
import IMSSIP
import IMSWire

// One capture point may cut packets shorter than another one: the copies of a message differ then, and come as messages of
// their own. They are one: the longest of them, seen at all points.

extension [Message] {
  /// Gives the sightings of messages that were cut to longer copies of them, and takes them out.
  ///
  /// - Returns: what was taken out.
  package mutating func joinCutCopies() -> [Message] {
    var joined: [Message] = []
    var kept: [Message] = []
    kept.reserveCapacity(count)
    for index in indices {
      let message = self[index]
      if message.isTruncated, let longer = longerCopy(of: index) {
        self[longer].takeSightings(of: message)
        joined.append(message)
      }
    }
    if joined.isEmpty { return [] }
    for message in self where !joined.contains(where: { $0.id == message.id }) { kept.append(message) }
    self = kept
    return joined
  }

  /// The longest; of those the first. One that is cut itself is joined in its turn with what is longer.
  private func longerCopy(of index: Int) -> Int? {
    var longest: Int?
    for other in indices where self[index].isBeginning(of: self[other]) {
      if longest.map({ self[$0].count < self[other].count }) ?? true { longest = other }
    }
    return longest
  }
}

extension Message {
  /// Is this what the capture left of another one? The same packet says so, or a beginning that no other message has: with the
  /// whole topmost Via, whose branch is that of one transaction on one hop (RFC 3261 §8.1.1.7).
  fileprivate func isBeginning(of other: Message) -> Bool {
    guard let sip, let longer = other.sip, sip.count < longer.count, transport == other.transport,
      source == other.source, destination == other.destination, longer.bytes.starts(with: sip.bytes)
    else { return false }
    return sip.showsWhole(.via) || sharesPacket(with: other)
  }

  private func sharesPacket(with other: Message) -> Bool {
    var isShared = false
    forEachAppearance { mine in
      if mine.identity != 0 { other.forEachAppearance { if $0.identity == mine.identity { isShared = true } } }
    }
    return isShared
  }

  fileprivate mutating func takeSightings(of cut: Message) {
    for sending in cut.transmissions {
      for sighting in sending.sightings { add(sighting, transmission: transmission(of: sighting)) }
    }
  }

  /// The sending that a further sighting belongs to: that of the same packet; where packets have no identity the nearest that
  /// was not seen at this point, as `Duplicates` has it; else one of its own.
  private func transmission(of sighting: Sighting) -> Int {
    var same: Int?
    var nearest: (transmission: Int, distance: Interval)?
    forEachAppearance { other in
      let number = Int(other.transmission)
      if sighting.identity != 0 || other.identity != 0 {
        if sighting.identity == other.identity { same = number }
      } else {
        let distance = (sighting.time - other.time).magnitude
        if distance < Duplicates.unknownWindow, nearest.map({ distance < $0.distance }) ?? true,
          transmissions[number].seen(at: sighting.point) == nil
        {
          nearest = (number, distance)
        }
      }
    }
    return same ?? nearest?.transmission ?? sendings
  }
}
