import IMSBytes
import IMSWire

/// Tells a further sighting of a packet from a retransmission of its message.
///
/// Two byte-equal appearances between the same two endpoints are one packet when their IPv4 Identification (on TCP their
/// sequence number, on SCTP their TSN) is equal; or, where there is none, when they come from different capture points and pair up in
/// order, or from one point within 50 ms. Everything else that is byte-equal is a retransmission.
struct Duplicates {
  /// Entries outlive the longest gap between two copies of a request (T2 of a UE, 16 s, and room for a lost one).
  static let retention = Interval.seconds(40)
  /// A SIP or Diameter retransmission is never this fast.
  static let samePointWindow = Interval.milliseconds(50)
  /// Half of the shortest retransmission interval (T1 of the core, 500 ms).
  static let pairingWindow = Interval.milliseconds(250)
  /// Appearances remembered of one message: what comes now is compared with the latest.
  static let maximalMarks = 32
  /// At most so many messages are remembered; the oldest is forgotten first.
  static let capacity = 262_144

  /// The mark that tells two transmissions apart: 0 when the packet carries none.
  typealias Identity = UInt32

  struct Entry {
    var id: MessageID
    var route: UInt64
    var marks: [Mark]
    var last: Timestamp
  }

  struct Mark {
    var transmission: Int
    var identity: Identity
    var point: CapturePoint
    var time: Timestamp
  }

  private var entries: [Fingerprint: Entry] = [:]
  private var order = FIFO<(key: Fingerprint, due: Timestamp)>()
  /// Messages forgotten before their time because the table was full.
  private(set) var evicted = 0

  /// The message that these bytes are a further copy of, and the transmission that the copy belongs to.
  mutating func match(
    _ key: Fingerprint, identity: Identity, point: CapturePoint, time: Timestamp
  ) -> (id: MessageID, route: UInt64, transmission: Int, isNew: Bool)? {
    guard var entry = entries[key] else { return nil }
    guard (time - entry.last).magnitude < Duplicates.retention else {
      entries[key] = nil
      return nil
    }
    let known = Duplicates.transmission(of: entry.marks, identity: identity, point: point, time: time)
    let transmission = known ?? (entry.marks.map(\.transmission).max() ?? -1) + 1
    if entry.marks.count == Duplicates.maximalMarks { entry.marks.removeFirst() }
    entry.marks.append(Mark(transmission: transmission, identity: identity, point: point, time: time))
    entry.last = max(entry.last, time)
    entries[key] = entry
    return (entry.id, entry.route, transmission, known == nil)
  }

  mutating func insert(
    _ key: Fingerprint, id: MessageID, route: UInt64, identity: Identity, point: CapturePoint, time: Timestamp
  ) {
    let mark = Mark(transmission: 0, identity: identity, point: point, time: time)
    entries[key] = Entry(id: id, route: route, marks: [mark], last: time)
    order.append((key, time + Duplicates.retention))
    if entries.count > Duplicates.capacity, let oldest = order.popFirst() {
      entries[oldest.key] = nil
      evicted += 1
    }
  }

  /// Forgets what no copy can follow any more.
  mutating func expire(at time: Timestamp) {
    while let oldest = order.first, oldest.due < time {
      _ = order.popFirst()
      guard let entry = entries[oldest.key] else { continue }
      let due = entry.last + Duplicates.retention
      if due < time { entries[oldest.key] = nil } else { order.append((oldest.key, due)) }
    }
  }

  private static func transmission(
    of marks: [Mark], identity: Identity, point: CapturePoint, time: Timestamp
  ) -> Int? {
    if identity != 0, let same = marks.first(where: { $0.identity == identity }) { return same.transmission }
    let comparable = marks.filter { identity == 0 || $0.identity == 0 }
    if let copy = comparable.first(where: { $0.point == point && (time - $0.time).magnitude < samePointWindow }) {
      return copy.transmission
    }
    let taken = Set(marks.filter { $0.point == point }.map(\.transmission))
    return
      comparable
      .filter { !taken.contains($0.transmission) && (time - $0.time).magnitude < pairingWindow }
      .min { (time - $0.time).magnitude < (time - $1.time).magnitude }?
      .transmission
  }
}
