import IMSBytes
import IMSWire

/// Two capture points that saw the same packets: by how much the second one's clock is ahead of the first one's.
///
/// A packet takes time from one point to the other, so the difference of its two stamps is the offset plus that time, or
/// minus it on the way back. What goes there and what comes back in one conversation enclose the offset: it lies between
/// the two differences. The narrowest of these intervals say it best, and neither a queue nor a wrong pair of stamps can
/// make a wide one narrow.
struct PairClock: Sendable {
  /// Offset between `low` and `high`, nanoseconds.
  private struct Enclosure: Sendable, BitwiseCopyable {
    var time: Timestamp
    var low: Int64
    var high: Int64

    var width: Int64 { high - low }
    var middle: Int64 { low + width / 2 }
  }

  /// The last packet of a conversation in either direction.
  private struct Conversation: Sendable, BitwiseCopyable {
    var key: UInt64 = 0
    var there: Int64 = 0
    var back: Int64 = 0
    var thereTime = Timestamp.distantPast
    var backTime = Timestamp.distantPast
  }

  /// A stretch of time and the narrowest enclosures in it.
  private struct Segment: Sendable {
    var number: Int64
    private(set) var enclosures: [Enclosure] = []
    /// The first of the widest ones, when there is no room for more.
    private var widest = 0

    init(number: Int64) { self.number = number }

    mutating func add(_ enclosure: Enclosure) {
      if enclosures.count < PairClock.kept {
        enclosures.append(enclosure)
      } else if enclosure.width < enclosures[widest].width {
        enclosures[widest] = enclosure
      } else {
        return
      }
      widest = 0
      for index in enclosures.indices where enclosures[index].width > enclosures[widest].width { widest = index }
    }

    /// The one in the middle of those that are hardly wider than the narrowest. In a long stretch their spread is drift,
    /// which is not uncertain.
    func point(isShort: Bool) -> ClockTrack.Point {
      let narrowest = enclosures.map(\.width).min() ?? 0
      let chosen = enclosures.filter { $0.width <= 2 * narrowest + 50_000 }
        .sorted { ($0.middle, $0.time) < ($1.middle, $1.time) }
      let median = chosen[(chosen.count - 1) / 2]
      let spread = isShort ? chosen[chosen.count - 1].middle - chosen[0].middle : 0
      return ClockTrack.Point(
        time: median.time, offset: median.middle, uncertainty: max(chosen.map(\.width).max() ?? 0, spread) / 2 + 1)
    }
  }

  static let kept = 8
  static let mostSegments = 32
  private static let slots = 32
  /// In so many nanoseconds no clock gains what matters.
  private static var shortStretch: Int64 { Interval.seconds(10).nanoseconds }
  /// Packets further apart than this enclose nothing: clocks drift.
  private static var patience: Interval { .seconds(30) }

  let first: CapturePoint
  let second: CapturePoint
  /// Packets that both saw.
  private(set) var packets = 0
  /// The smallest and the largest difference of all, nanoseconds.
  private(set) var least = Int64.max
  private(set) var most = Int64.min
  private var conversations = [Conversation](repeating: Conversation(), count: PairClock.slots)
  private var segments: [Segment] = []
  /// Length of a segment; doubled when there are too many.
  private var length = Interval.seconds(1).nanoseconds

  init(_ first: CapturePoint, _ second: CapturePoint) {
    self.first = first
    self.second = second
  }

  /// A packet that both saw. `conversation` names its two ends, whatever the direction.
  mutating func add(_ early: Timestamp, _ late: Timestamp, conversation: UInt64, isThere: Bool) {
    let difference = (late - early).nanoseconds
    guard (late - early).magnitude.nanoseconds <= ClockTrack.farthest else { return }
    packets += 1
    least = min(least, difference)
    most = max(most, difference)
    let slot = Int(conversation >> 32) & (PairClock.slots - 1)
    if conversations[slot].key != conversation { conversations[slot] = Conversation(key: conversation) }
    let other: (difference: Int64, time: Timestamp)
    if isThere {
      conversations[slot].there = difference
      conversations[slot].thereTime = early
      other = (conversations[slot].back, conversations[slot].backTime)
    } else {
      conversations[slot].back = difference
      conversations[slot].backTime = early
      other = (conversations[slot].there, conversations[slot].thereTime)
    }
    guard (early - other.time).magnitude <= PairClock.patience else { return }
    insert(
      Enclosure(time: early, low: min(difference, other.difference), high: max(difference, other.difference)))
  }

  private mutating func insert(_ enclosure: Enclosure) {
    let number = enclosure.time.nanoseconds / length
    // Nearly always the last one.
    if let last = segments.indices.last, segments[last].number == number { return segments[last].add(enclosure) }
    let place = segments.lastIndex { $0.number <= number }
    if let place, segments[place].number == number { return segments[place].add(enclosure) }
    var segment = Segment(number: number)
    segment.add(enclosure)
    segments.insert(segment, at: place.map { $0 + 1 } ?? 0)
    while segments.count > PairClock.mostSegments { coarsen() }
  }

  private mutating func coarsen() {
    length *= 2
    var merged: [Segment] = []
    for segment in segments {
      let number = segment.number / 2
      if merged.last?.number != number { merged.append(Segment(number: number)) }
      for enclosure in segment.enclosures { merged[merged.count - 1].add(enclosure) }
    }
    segments = merged
  }

  /// The lead as the newest packets have it, nanoseconds; nil before any enclosed it.
  var latest: Int64? { segments.last?.enclosures.min { $0.width < $1.width }?.middle }

  /// The second clock's lead over the first one's; nil when packets were seen in one direction only.
  var track: ClockTrack? {
    let isShort = length <= PairClock.shortStretch
    return ClockTrack(segments.map { $0.point(isShort: isShort) }.sorted { $0.time < $1.time })
  }
}
