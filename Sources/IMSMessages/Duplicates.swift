import IMSBytes
import IMSWire

/// Tells a further sighting of a packet from a retransmission of its message.
///
/// Two byte-equal appearances between the same two endpoints are one packet when their IPv4 Identification (on TCP their
/// sequence number, on SCTP their TSN) is equal; or, where there is none, when they come from different capture points and pair up in
/// order, or from one point within 50 ms. Everything else that is byte-equal is a retransmission.
struct Duplicates {
  /// Entries outlive the longest gap between two copies of a request (T2 of a UE, 16 s, and room for a lost one).
  static var retention: Interval { .seconds(Int64(Bounds.knownMessagePatience)) }
  /// A SIP or Diameter retransmission is never this fast.
  static var samePointWindow: Interval { .milliseconds(50) }
  /// Half of the shortest retransmission interval (T1 of the core, 500 ms).
  static var pairingWindow: Interval { .milliseconds(250) }
  /// The same between two points of which it is not known yet how far their clocks are apart: up to 600 ms, as a rule.
  static var unknownWindow: Interval { .milliseconds(750) }
  /// Appearances remembered of one message: what comes now is compared with the latest.
  static var maximalMarks: Int32 { Int32(Bounds.appearances) }
  /// At most so many messages are remembered; the oldest is forgotten first.
  static var capacity: Int { Bounds.knownMessages }

  /// The mark that tells two transmissions apart: 0 when the packet carries none.
  typealias Identity = UInt32

  /// There are many of them: with its key it is 64 octets.
  private struct Entry: BitwiseCopyable {
    var route: UInt64
    /// When it is looked at whether it can be forgotten.
    var due: Timestamp
    var id: MessageID
    var marks: Marks.Chain
    /// Its neighbours in the order in which they are due; -1 at the ends.
    var earlier: Int32 = -1
    var later: Int32 = -1
    /// A stream held it, and its own length said where it ends.
    var isFramed: Bool
  }

  private var entries: FingerprintTable<Entry>
  private var marks: Marks
  /// Told of each packet that two points saw.
  private(set) var clocks = ClockEstimator()
  /// Of the entries in the order in which they are due, slots of `entries`; -1 when there are none.
  private var first: Int32 = -1
  private var last: Int32 = -1
  private let capacity: Int
  /// Of the first one.
  private var nextDue = Timestamp.distantFuture
  /// When the message before was sent.
  private var latest = Timestamp.distantPast

  init(capacity: Int = Duplicates.capacity) {
    self.capacity = capacity
    entries = FingerprintTable(most: capacity + 1)
    // Most messages are seen at two or three points.
    marks = Marks(most: 3 * capacity)
  }

  /// Messages forgotten before their time because the table was full.
  private(set) var evicted = 0
  /// Appearances of messages that came again and again: what comes is compared with the latest.
  private(set) var marksForgotten = 0

  /// The message that these bytes are a further copy of, and the transmission that the copy belongs to.
  ///
  /// - Parameter onlyFramed: nil for what was not framed on a stream.
  mutating func match(
    _ key: Fingerprint, identity: Identity, onlyFramed: Bool = false, point: CapturePoint, time: Timestamp,
    from source: Endpoint, to destination: Endpoint
  ) -> (id: MessageID, route: UInt64, transmission: Int, isNew: Bool)? {
    guard let slot = entries.slot(of: key) else { return nil }
    var entry = entries[slot: slot]
    if onlyFramed, !entry.isFramed { return nil }
    guard (time - marks.latest(in: entry.marks)).magnitude < Duplicates.retention else {
      forget(slot)
      return nil
    }
    var mark = Marks.Mark(transmission: 0, identity: identity, point: point, time: time)
    var place = entry.marks.first
    while let other = marks.companion(of: mark, in: entry.marks, from: &place) {
      clocks.add(other.point, other.time, point, time, from: source, to: destination)
    }
    let known = marks.transmission(in: entry.marks, of: mark) { clocks.lead(of: $0, over: $1) }
    mark.transmission = known ?? marks.nextTransmission(in: entry.marks)
    if entry.marks.count == Duplicates.maximalMarks {
      marks.removeFirst(of: &entry.marks)
      marksForgotten += 1
    }
    marks.append(mark, to: &entry.marks)
    entries.replace(slot: slot, with: entry)
    return (entry.id, entry.route, Int(mark.transmission), known == nil)
  }

  mutating func insert(
    _ key: Fingerprint, id: MessageID, route: UInt64, identity: Identity, isFramed: Bool = false,
    point: CapturePoint, time: Timestamp
  ) {
    var chain = Marks.Chain()
    marks.append(Marks.Mark(transmission: 0, identity: identity, point: point, time: time), to: &chain)
    let entry = Entry(route: route, due: time + Duplicates.retention, id: id, marks: chain, isFramed: isFramed)
    let (slot, before) = entries.insert(key, entry)
    if let before { letGo(of: before) }
    enqueue(slot, due: entry.due)
    if entries.count > capacity {
      forget(Int(first))
      evicted += 1
    }
    nextDue = first < 0 ? .distantFuture : entries[slot: Int(first)].due
  }

  /// Forgets what no copy can follow any more. A single message from far ahead forgets nothing: an agent of HEP stamps by its
  /// own clock, which may never have been set.
  mutating func expire(at time: Timestamp) {
    let now = min(time, latest)
    latest = time
    if nextDue < now { forgetDue(before: now) }
  }

  private mutating func forgetDue(before now: Timestamp) {
    while first >= 0 {
      let slot = Int(first)
      let entry = entries[slot: slot]
      nextDue = entry.due
      guard entry.due < now else { return }
      let due = marks.latest(in: entry.marks) + Duplicates.retention
      if due < now {
        forget(slot)
      } else {
        link(earlier: entry.earlier, later: entry.later)
        enqueue(slot, due: due)
      }
    }
    nextDue = .distantFuture
  }

  private mutating func forget(_ slot: Int) {
    if let entry = entries.remove(entries.key(slot: slot)) { letGo(of: entry) }
  }

  private mutating func letGo(of entry: Entry) {
    link(earlier: entry.earlier, later: entry.later)
    marks.removeAll(of: entry.marks)
  }

  /// Behind all others.
  private mutating func enqueue(_ slot: Int, due: Timestamp) {
    let number = Int32(truncatingIfNeeded: slot)
    link(earlier: last, later: number)
    var entry = entries[slot: slot]
    (entry.due, entry.earlier, entry.later) = (due, last, -1)
    entries.replace(slot: slot, with: entry)
    last = number
  }

  /// Makes neighbours of two slots; -1 for either end.
  private mutating func link(earlier: Int32, later: Int32) {
    if earlier >= 0 {
      var entry = entries[slot: Int(earlier)]
      entry.later = later
      entries.replace(slot: Int(earlier), with: entry)
    } else {
      first = later
    }
    if later >= 0 {
      var entry = entries[slot: Int(later)]
      entry.earlier = earlier
      entries.replace(slot: Int(later), with: entry)
    } else {
      last = earlier
    }
  }
}
