import IMSBytes
import IMSWire

/// The appearances of all remembered messages, each message's as a chain in one array: an appearance costs no allocation
/// of its own.
struct Marks {
  struct Mark: BitwiseCopyable {
    var transmission: Int32
    var identity: Duplicates.Identity
    var point: CapturePoint
    var time: Timestamp
    /// The next one of its chain, or of the free ones; -1 at the end.
    var next: Int32 = -1
  }

  /// In the order in which they came.
  struct Chain: BitwiseCopyable {
    var first: Int32 = -1
    var last: Int32 = -1
    var count: Int32 = 0
  }

  private var marks: [Mark] = []
  private var free: Int32 = -1

  mutating func append(_ mark: Mark, to chain: inout Chain) {
    let place: Int32
    if free >= 0 {
      place = free
      free = marks[Int(place)].next
      marks[Int(place)] = mark
    } else {
      place = Int32(marks.count)
      marks.append(mark)
    }
    if chain.last >= 0 { marks[Int(chain.last)].next = place } else { chain.first = place }
    chain.last = place
    chain.count += 1
  }

  mutating func removeFirst(of chain: inout Chain) {
    let place = chain.first
    chain.first = marks[Int(place)].next
    if chain.first < 0 { chain.last = -1 }
    chain.count -= 1
    marks[Int(place)].next = free
    free = place
  }

  mutating func removeAll(of chain: Chain) {
    guard chain.last >= 0 else { return }
    marks[Int(chain.last)].next = free
    free = chain.first
  }

  func nextTransmission(in chain: Chain) -> Int32 {
    var highest: Int32 = -1
    forEach(chain) { highest = max(highest, $0.transmission) }
    return highest + 1
  }

  /// The transmission of which `new` is a further sighting; nil when it is a transmission of its own.
  func transmission(in chain: Chain, of new: Mark) -> Int32? {
    if new.identity != 0, let same = first(chain, where: { $0.identity == new.identity }) { return same.transmission }
    func isComparable(_ mark: Mark) -> Bool { new.identity == 0 || mark.identity == 0 }
    func distance(_ mark: Mark) -> Interval { (new.time - mark.time).magnitude }
    let copy = first(chain) {
      isComparable($0) && $0.point == new.point && distance($0) < Duplicates.samePointWindow
    }
    if let copy { return copy.transmission }
    var nearest: Mark?
    forEach(chain) { mark in
      guard isComparable(mark), distance(mark) < Duplicates.pairingWindow else { return }
      if let nearest, distance(nearest) <= distance(mark) { return }
      let isTaken = first(chain) { $0.point == new.point && $0.transmission == mark.transmission } != nil
      if !isTaken { nearest = mark }
    }
    return nearest?.transmission
  }

  private func forEach(_ chain: Chain, _ body: (Mark) -> Void) {
    var place = chain.first
    while place >= 0 {
      let mark = marks[Int(place)]
      body(mark)
      place = mark.next
    }
  }

  private func first(_ chain: Chain, where holds: (Mark) -> Bool) -> Mark? {
    var place = chain.first
    while place >= 0 {
      let mark = marks[Int(place)]
      if holds(mark) { return mark }
      place = mark.next
    }
    return nil
  }
}
