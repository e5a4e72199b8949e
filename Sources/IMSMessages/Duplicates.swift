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

  private struct Entry: BitwiseCopyable {
    var id: MessageID
    /// A stream held it, and its own length said where it ends.
    var isFramed: Bool
    var route: UInt64
    var marks: Marks.Chain
    var last: Timestamp
  }

  private var entries = FingerprintTable<Entry>()
  private var marks = Marks()
  /// Told of each packet that two points saw.
  private(set) var clocks = ClockEstimator()
  private var order = FIFO<(key: Fingerprint, due: Timestamp)>()
  private let capacity: Int
  /// Of the first in `order`.
  private var nextDue = Timestamp.distantFuture
  /// When the message before was sent.
  private var latest = Timestamp.distantPast

  init(capacity: Int = Duplicates.capacity) { self.capacity = capacity }

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
    guard (time - entry.last).magnitude < Duplicates.retention else {
      forget(key)
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
    entry.last = max(entry.last, time)
    entries[slot: slot] = entry
    return (entry.id, entry.route, Int(mark.transmission), known == nil)
  }

  mutating func insert(
    _ key: Fingerprint, id: MessageID, route: UInt64, identity: Identity, isFramed: Bool = false,
    point: CapturePoint, time: Timestamp
  ) {
    var chain = Marks.Chain()
    marks.append(Marks.Mark(transmission: 0, identity: identity, point: point, time: time), to: &chain)
    if let before = entries.insert(key, Entry(id: id, isFramed: isFramed, route: route, marks: chain, last: time)) {
      marks.removeAll(of: before.marks)
    }
    order.append((key, time + Duplicates.retention))
    if entries.count > capacity, let oldest = order.popFirst() {
      forget(oldest.key)
      evicted += 1
    }
    nextDue = order.first?.due ?? .distantFuture
  }

  /// Forgets what no copy can follow any more. A single message from far ahead forgets nothing: an agent of HEP stamps by its
  /// own clock, which may never have been set.
  mutating func expire(at time: Timestamp) {
    let now = min(time, latest)
    latest = time
    if nextDue < now { forgetDue(before: now) }
  }

  private mutating func forgetDue(before now: Timestamp) {
    while let oldest = order.first, oldest.due < now {
      _ = order.popFirst()
      guard let entry = entries[oldest.key] else { continue }
      let due = entry.last + Duplicates.retention
      if due < now { forget(oldest.key) } else { order.append((oldest.key, due)) }
    }
    nextDue = order.first?.due ?? .distantFuture
  }

  private mutating func forget(_ key: Fingerprint) {
    if let entry = entries.remove(key) { marks.removeAll(of: entry.marks) }
  }
}
