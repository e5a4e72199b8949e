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
    let copies = CopyIndex(self)
    var joined: [Message] = []
    var isJoined = Array<Bool>(repeating: false, count: count)
    // The shortest first: what it gives to one that is joined itself is handed on.
    for index in indices.filter({ self[$0].isTruncated }).sorted(by: { (self[$0].count, $0) < (self[$1].count, $1) }) {
      guard let longer = copies.longerCopy(of: index, self) else { continue }
      let message = self[index]
      self[longer].takeSightings(of: message)
      joined.append(message)
      isJoined[index] = true
    }
    if joined.isEmpty { return [] }
    self = zip(self, isJoined).filter { !$0.1 }.map(\.0)
    return joined
  }
}

/// Which messages may be copies of each other: by the topmost branch, and by the identity of a packet. A subscriber may have
/// thousands.
private struct CopyIndex {
  /// Candidates that are looked at.
  private static let most = 16

  private var places = FingerprintTable<[Int]>()

  init(_ messages: [Message]) {
    for index in messages.indices {
      for key in Self.keys(of: messages[index]) {
        if let slot = places.slot(of: key) {
          if places[slot: slot].count < Self.most { places[slot: slot].append(index) }
        } else {
          places.insert(key, [index])
        }
      }
    }
  }

  private static func keys(of message: Message) -> [Fingerprint] {
    guard let sip = message.sip else { return [] }
    var ends = Fingerprint.empty
    ends.combine(from: message.source, to: message.destination)
    var branch = ends
    branch.combine(sip.keys.topBranch)
    branch.combine(UInt64(sip.status ?? 0))
    var keys = [branch]
    message.forEachAppearance { seen in
      if seen.identity == 0 { return }
      var packet = ends
      packet.combine(UInt64(seen.identity))
      if !keys.contains(packet) { keys.append(packet) }
    }
    return keys
  }

  /// The longest; of those the first. One that is cut itself is joined in its turn with what is longer.
  func longerCopy(of index: Int, _ messages: [Message]) -> Int? {
    var longest: Int?
    for other in Self.keys(of: messages[index]).lazy.compactMap({ places[$0] }).joined()
    where messages[index].isBeginning(of: messages[other]) {
      let isLonger = longest.map { (messages[$0].count, other) < (messages[other].count, $0) } ?? true
      if isLonger { longest = other }
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
