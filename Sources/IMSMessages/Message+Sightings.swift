import IMSBytes
import IMSWire

// The sightings of a message, by their place among all of them.
extension Message.Content {
  subscript(number: Int) -> Sighting {
    switch number {
    case 0: first
    // A place below `count` is taken.
    case 1: second ?? first
    case 2: third ?? first
    default: further[number - 3]
    }
  }

  func forEach(_ body: (borrowing Sighting) -> Void) {
    body(first)
    if count == 1 { return }
    if let second { body(second) }
    if let third { body(third) }
    for index in further.indices { body(further[index]) }
  }

  /// By the first point of these that the other was seen at; of both the first transmission.
  func delay(to later: Message.Content) -> Interval? {
    for number in places(of: 0) {
      let (point, stamp) = mark(number)
      for other in later.places(of: 0) where later.mark(other).point == point {
        return later.mark(other).stamp - stamp
      }
    }
    return nil
  }

  var isInESP: Bool {
    if first.spi != 0 || second?.spi ?? 0 != 0 || third?.spi ?? 0 != 0 { return true }
    for index in further.indices where further[index].spi != 0 { return true }
    return false
  }

  private func mark(_ number: Int) -> (point: CapturePoint, stamp: Timestamp) {
    switch number {
    case 0: (first.point, first.stamp)
    case 1: (second?.point ?? first.point, second?.stamp ?? first.stamp)
    case 2: (third?.point ?? first.point, third?.stamp ?? first.stamp)
    default: (further[number - 3].point, further[number - 3].stamp)
    }
  }

  private func transmission(of number: Int) -> Int32 {
    switch number {
    case 0: first.transmission
    case 1: second?.transmission ?? 0
    case 2: third?.transmission ?? 0
    default: further[number - 3].transmission
    }
  }

  /// Where the sightings of a transmission stand.
  func places(of transmission: Int) -> Range<Int> {
    let count = Int(count)
    // Nearly every message was sent once.
    if sendings == 1 { return 0..<count }
    var start = 0
    while start < count, self.transmission(of: start) < transmission { start += 1 }
    var end = start
    while end < count, self.transmission(of: end) == transmission { end += 1 }
    return start..<end
  }

  func add(_ sighting: Sighting, transmission: Int) {
    var new = sighting
    new.transmission = min(Int32(clamping: max(0, transmission)), sendings)
    if new.transmission == sendings { sendings += 1 }
    // Nearly always the last transmission, which ends the list.
    var place = Int(count)
    while place > 0, self.transmission(of: place - 1) > new.transmission { place -= 1 }
    if new.transmission == 0, new.precedes(self[Int(earliest)]) { earliest = Int32(place) }
    for number in place..<Int(count) {
      let next = self[number]
      put(new, at: number)
      new = next
    }
    put(new, at: Int(count))
    count += 1
  }

  /// At one of the places, or behind the last one.
  private func put(_ sighting: Sighting, at place: Int) {
    switch place {
    case 0: first = sighting
    case 1: second = sighting
    case 2: third = sighting
    default:
      if place - 3 < further.count { further[place - 3] = sighting } else { further.append(sighting) }
    }
  }

  /// At least one transmission, and of each at least one sighting.
  func set(_ transmissions: [[Sighting]]) {
    first = transmissions[0][0]
    first.transmission = 0
    (second, third, further) = (nil, nil, [])
    (count, sendings, earliest) = (1, 1, 0)
    for number in transmissions.indices {
      for index in transmissions[number].indices where number > 0 || index > 0 {
        add(transmissions[number][index], transmission: number)
      }
    }
  }
}
