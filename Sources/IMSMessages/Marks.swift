import IMSBytes
import IMSWire

/// The appearances of all remembered messages, each message's as a chain in one array: an appearance costs no allocation
/// of its own.
struct Marks {
  /// There are so many that each word counts: the time is in halves, so that they need not begin at a multiple of eight.
  struct Mark: BitwiseCopyable {
    var transmission: Int32
    let identity: Duplicates.Identity
    let point: CapturePoint
    private let earlier: Int32
    private let finer: UInt32
    /// The next one of its chain, or of the free ones; -1 at the end.
    fileprivate(set) var next: Int32 = -1

    init(transmission: Int32, identity: Duplicates.Identity, point: CapturePoint, time: Timestamp) {
      self.transmission = transmission
      self.identity = identity
      self.point = point
      earlier = Int32(truncatingIfNeeded: time.nanoseconds >> 32)
      finer = UInt32(truncatingIfNeeded: time.nanoseconds)
    }

    var time: Timestamp { Timestamp(nanoseconds: Int64(earlier) << 32 | Int64(finer)) }
  }

  /// In the order in which they came.
  struct Chain: BitwiseCopyable {
    var first: Int32 = -1
    var last: Int32 = -1
    var count: Int32 = 0
  }

  private var marks: [Mark] = []
  /// There are to be no more, as a rule, where many are expected.
  private let most: Int
  private var free: Int32 = -1

  init(most: Int = 0) { self.most = most }

  mutating func append(_ mark: Mark, to chain: inout Chain) {
    let place: Int32
    if free >= 0 {
      place = free
      free = marks[Int(place)].next
      marks[Int(place)] = mark
    } else {
      place = Int32(marks.count)
      marks.appendWithRoom(mark, most: most)
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

  func latest(in chain: Chain) -> Timestamp {
    var latest = Timestamp.distantPast
    forEach(chain) { latest = max(latest, $0.time) }
    return latest
  }

  /// The transmission of which `new` is a further sighting; nil when it is a transmission of its own.
  ///
  /// - Parameter lead: by how much the first point's clock is ahead of the second one's, nil when that is not known.
  func transmission(
    in chain: Chain, of new: Mark, lead: (CapturePoint, CapturePoint) -> Interval?
  ) -> Int32? {
    if new.identity != 0, let same = first(chain, where: { $0.identity == new.identity }) { return same.transmission }
    func isComparable(_ mark: Mark) -> Bool { new.identity == 0 || mark.identity == 0 }
    let copy = first(chain) {
      isComparable($0) && $0.point == new.point && (new.time - $0.time).magnitude < Duplicates.samePointWindow
    }
    if let copy { return copy.transmission }
    var nearest: (transmission: Int32, distance: Interval)?
    forEach(chain) { mark in
      guard isComparable(mark) else { return }
      let lead = mark.point == new.point ? .zero : lead(new.point, mark.point)
      let distance = (new.time - (lead ?? .zero) - mark.time).magnitude
      guard distance < (lead == nil ? Duplicates.unknownWindow : Duplicates.pairingWindow) else { return }
      if let nearest, nearest.distance <= distance { return }
      let isTaken = first(chain) { $0.point == new.point && $0.transmission == mark.transmission } != nil
      if !isTaken { nearest = (mark.transmission, distance) }
    }
    return nearest?.transmission
  }

  /// The next mark, from `place` on, that another point made of the packet of `new`, which is not in the chain yet: by its
  /// identity; where packets have none, when both points saw the message for the first time.
  func companion(of new: Mark, in chain: Chain, from place: inout Int32) -> Mark? {
    while place >= 0 {
      let mark = marks[Int(place)]
      place = mark.next
      if mark.identity == new.identity, mark.point != new.point,
        new.identity != 0 || isFirstMeeting(mark, new, in: chain)
      {
        return mark
      }
    }
    return nil
  }

  private func isFirstMeeting(_ mark: Mark, _ new: Mark, in chain: Chain) -> Bool {
    (new.time - mark.time).magnitude < Marks.firstMeeting && count(chain) { $0.point == mark.point } == 1
      && first(chain) { $0.point == new.point } == nil
  }

  private static var firstMeeting: Interval { .seconds(2) }

  private func count(_ chain: Chain, where holds: (Mark) -> Bool) -> Int {
    var count = 0
    forEach(chain) { if holds($0) { count += 1 } }
    return count
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
