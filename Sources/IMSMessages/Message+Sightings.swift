import IMSBytes
import IMSWire

// The sightings of a message, by their place among all of them.
extension Message.Content {
  func appearance(_ number: Int) -> Appearance {
    switch number {
    case 0: first
    // A place below `count` is taken.
    case 1: second
    case 2: third
    default: further[number - 3]
    }
  }

  subscript(number: Int) -> Sighting { sighting(appearance(number)) }

  private func sighting(_ appearance: Appearance) -> Sighting {
    Sighting(appearance, appearance.list < 0 ? appearance.frames : lists[Int(appearance.list)])
  }

  func forEach(_ body: (Appearance) -> Void) {
    body(first)
    if count == 1 { return }
    body(second)
    if count == 2 { return }
    body(third)
    for index in further.indices { body(further[index]) }
  }

  /// Of the first transmission.
  var latest: Timestamp {
    var latest = first.time
    forEach { if $0.transmission == 0 { latest = max(latest, $0.time) } }
    return latest
  }

  /// Where the sightings of a transmission stand.
  func places(of transmission: Int) -> Range<Int> {
    let count = Int(count)
    // Nearly every message was sent once.
    if sendings == 1 { return 0..<count }
    var start = 0
    while start < count, appearance(start).transmission < transmission { start += 1 }
    var end = start
    while end < count, appearance(end).transmission == transmission { end += 1 }
    return start..<end
  }

  func add(_ sighting: borrowing Sighting, transmission: Int) {
    let transmission = min(Int32(clamping: max(0, transmission)), sendings)
    var new = Appearance(sighting, transmission: transmission, list: Self.keep(sighting.frames, in: &lists))
    if transmission == sendings { sendings += 1 }
    // Nearly always the last transmission, which ends the list.
    var place = Int(count)
    while place > 0, appearance(place - 1).transmission > transmission { place -= 1 }
    if transmission == 0, new.precedes(appearance(Int(earliest))) { earliest = Int32(place) }
    for number in place..<Int(count) {
      let next = appearance(number)
      put(new, at: number)
      new = next
    }
    put(new, at: Int(count))
    count += 1
  }

  /// For `Appearance.list`.
  static func keep(_ frames: FrameList, in lists: inout [FrameList]) -> Int32 {
    if frames.isSingle { return Appearance.single }
    if frames.isPair { return Appearance.pair }
    lists.append(frames)
    return Int32(clamping: lists.count - 1)
  }

  /// By the first point of these that the other was seen at; of both the first transmission.
  func delay(to later: Message.Content) -> Interval? {
    for number in places(of: 0) {
      let seen = appearance(number)
      for other in later.places(of: 0) where later.appearance(other).point == seen.point {
        return later.appearance(other).stamp - seen.stamp
      }
    }
    return nil
  }

  var isInESP: Bool {
    for number in 0..<Int(count) where appearance(number).spi != 0 { return true }
    return false
  }

  /// At one of the places, or behind the last one.
  private func put(_ appearance: Appearance, at place: Int) {
    switch place {
    case 0: first = appearance
    case 1: second = appearance
    case 2: third = appearance
    default:
      if place - 3 < further.count { further[place - 3] = appearance } else { further.append(appearance) }
    }
  }

  /// Begins anew with the first of all sightings.
  func begin(_ sighting: borrowing Sighting) {
    (lists, further) = ([], [])
    first = Appearance(sighting, transmission: 0, list: Self.keep(sighting.frames, in: &lists))
    (second, third) = (first, first)
    (count, sendings, earliest) = (1, 1, 0)
  }

  /// At least one transmission, and of each at least one sighting.
  func set(_ transmissions: [[Sighting]]) {
    begin(transmissions[0][0])
    for number in transmissions.indices {
      for index in transmissions[number].indices where number > 0 || index > 0 {
        add(transmissions[number][index], transmission: number)
      }
    }
  }
}
