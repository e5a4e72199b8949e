package import IMSBytes
package import IMSWire

/// Learns how far the clocks of the capture points are apart from the packets that several of them saw. Bounded: so many
/// pairs of points, and of each so many intervals.
package struct ClockEstimator: Sendable {
  static var maximalPairs: Int { Bounds.clockPairs }

  private(set) var pairs: [PairClock] = []
  private var indices = FingerprintTable<Int>()
  /// Packets of pairs for which there was no room.
  package private(set) var unused = 0

  package init() {}

  /// One packet of `source` for `destination`, as two points saw it.
  package mutating func add(
    _ point: CapturePoint, _ time: Timestamp, _ other: CapturePoint, _ otherTime: Timestamp, from source: Endpoint,
    to destination: Endpoint
  ) {
    // The kernel interfaces of one cooked capture share its clock.
    let (point, other) = (point.clock, other.clock)
    if point == other { return }
    if other < point { return add(other, otherTime, point, time, from: source, to: destination) }
    guard let index = index(of: point, other) else {
      unused += 1
      return
    }
    let isThere = source < destination
    pairs[index].add(
      time, otherTime, conversation: isThere ? Self.key(source, destination) : Self.key(destination, source),
      isThere: isThere)
  }

  /// By how much `other` is ahead of `point`, as the newest packets have it; nil when nothing is known.
  package func lead(of other: CapturePoint, over point: CapturePoint) -> Interval? {
    let (point, other) = (point.clock, other.clock)
    if point == other { return .zero }
    if other < point { return lead(of: point, over: other).map { Interval(nanoseconds: -$0.nanoseconds) } }
    guard let index = indices[Self.key(point, other)], let latest = pairs[index].latest else { return nil }
    return Interval(nanoseconds: latest)
  }

  private mutating func index(of first: CapturePoint, _ second: CapturePoint) -> Int? {
    let key = Self.key(first, second)
    if let slot = indices.slot(of: key) { return indices[slot: slot] }
    guard pairs.count < ClockEstimator.maximalPairs else { return nil }
    indices.insert(key, pairs.count)
    pairs.append(PairClock(first, second))
    return pairs.count - 1
  }

  private static func key(_ first: CapturePoint, _ second: CapturePoint) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(UInt64(first.input) << 48 | UInt64(first.interface) << 32 | UInt64(first.channel))
    key.combine(UInt64(second.input) << 48 | UInt64(second.interface) << 32 | UInt64(second.channel))
    return key
  }

  /// Ports count only between two nodes of one address: a node answers from the one it likes.
  private static func key(_ low: Endpoint, _ high: Endpoint) -> UInt64 {
    var key = Fingerprint.empty
    key.combine(low.address.high ^ low.address.low)
    key.combine(high.address.high ^ high.address.low)
    if low.address == high.address { key.combine(UInt64(low.port) << 16 | UInt64(high.port)) }
    return key.high | 1
  }

  /// What is known now.
  package var clocks: Clocks { Clocks(pairs) }
}
