import IMSBytes

/// How far one clock is ahead of another, over time: a line through a few moments.
struct ClockTrack: Sendable, Equatable {
  struct Knot: Sendable, Equatable {
    var time: Timestamp
    /// Nanoseconds.
    var offset: Int64
  }

  /// At least one, in order of time.
  var knots: [Knot]
  /// Parts per 10⁹; it goes on before the first knot and behind the last.
  var drift: Int64
  /// Nanoseconds to either side.
  var uncertainty: Int64

  /// A day, in nanoseconds: clocks further apart are not compared, and sums of a few stay in 64 bits.
  static let farthest: Int64 = 86_400_000_000_000

  static let none = ClockTrack(knots: [Knot(time: Timestamp(nanoseconds: 0), offset: 0)], drift: 0, uncertainty: 0)

  /// Nanoseconds at that moment.
  func offset(at time: Timestamp) -> Int64 {
    let next = knots.firstIndex { $0.time >= time } ?? knots.endIndex
    if next == 0 { return knots[0].offset + ClockTrack.gain(time - knots[0].time, drift) }
    let before = knots[next - 1]
    if next == knots.endIndex { return before.offset + ClockTrack.gain(time - before.time, drift) }
    let after = knots[next]
    let span = Int128((after.time - before.time).nanoseconds)
    let part = Int128((time - before.time).nanoseconds)
    return before.offset + Int64(Int128(after.offset - before.offset) * part / span)
  }

  private static func gain(_ span: Interval, _ drift: Int64) -> Int64 {
    if drift == 0 { return 0 }
    let gain = Int64(clamping: Int128(span.nanoseconds) * Int128(drift) / 1_000_000_000)
    return max(-farthest, min(farthest, gain))
  }

  /// The largest offset anywhere on it, without sign.
  var magnitude: Int64 { knots.map { abs($0.offset) }.max() ?? 0 }

  var reversed: ClockTrack {
    ClockTrack(
      knots: knots.map { Knot(time: $0.time, offset: -$0.offset) }, drift: -drift, uncertainty: uncertainty)
  }

  /// The clock that is `right` ahead of one that is `left` ahead of a third.
  static func + (left: ClockTrack, right: ClockTrack) -> ClockTrack {
    if left == .none { return right }
    let times = (left.knots + right.knots).map(\.time).sorted()
    var knots: [Knot] = []
    for time in times where knots.last?.time != time {
      knots.append(Knot(time: time, offset: left.offset(at: time) + right.offset(at: time)))
    }
    return ClockTrack(
      knots: knots, drift: left.drift + right.drift, uncertainty: left.uncertainty + right.uncertainty)
  }
}

extension ClockTrack {
  /// Offset and its uncertainty around one moment.
  struct Point {
    var time: Timestamp
    var offset: Int64
    var uncertainty: Int64
  }

  /// A line by least squares where the points lie on one within their uncertainty, else from point to point. A drift
  /// counts when it is three times its own standard error.
  ///
  /// - Parameter points: in order of time; nil for none.
  init?(_ points: [Point]) {
    guard let first = points.first, let last = points.last else { return nil }
    let constant = Int64.median(points.map(\.offset))
    func straight(_ line: (Point) -> Int64, _ drift: Int64) -> ClockTrack? {
      let misses = points.map { abs($0.offset - line($0)) }
      guard zip(misses, points).allSatisfy({ $0 <= max($1.uncertainty, ClockTrack.straightness) }) else { return nil }
      let uncertainty = Int64.median(zip(misses, points).map { $0 + $1.uncertainty })
      let ends = drift == 0 ? [first] : [first, last]
      return ClockTrack(
        knots: ends.map { Knot(time: $0.time, offset: line($0)) }, drift: drift, uncertainty: uncertainty)
    }
    let slope = ClockTrack.slope(points)
    if let slope,
      let line = straight({ slope.offset + ClockTrack.gain($0.time - slope.time, slope.drift) }, slope.drift)
    {
      self = line
    } else if let line = straight({ _ in constant }, 0) {
      self = line
    } else {
      self.init(
        knots: points.map { Knot(time: $0.time, offset: $0.offset) }, drift: 0,
        uncertainty: Int64.median(points.map(\.uncertainty)))
    }
  }

  /// Less is no bend: what stamps of microseconds and one packet more or less can do.
  private static let straightness: Int64 = 500_000
  /// Fewer stretches of time say nothing of a drift.
  private static let fewestPoints = 6
  /// Parts per 10⁹: more is no crystal.
  private static let maximalDrift: Int128 = 1_000_000

  /// The least-squares line through several points; nil where it does not rise or fall for sure.
  private static func slope(_ points: [Point]) -> (time: Timestamp, offset: Int64, drift: Int64)? {
    guard points.count >= fewestPoints else { return nil }
    let count = Int128(points.count)
    let origin = points[0].time
    // Microseconds and nanoseconds: the sums of a year stay in 128 bits.
    let x = points.map { Int128(($0.time - origin).nanoseconds / 1000) }
    let y = points.map { Int128($0.offset) }
    let meanX = x.reduce(0, +) / count
    let meanY = y.reduce(0, +) / count
    let squares = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    guard squares > 0 else { return nil }
    let products = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let drift = products * 1_000_000 / squares
    guard abs(drift) <= maximalDrift else { return nil }
    let misses = zip(x, y).map { $1 - meanY - ($0 - meanX) * drift / 1_000_000 }
    let error = misses.reduce(0) { $0 + $1 * $1 }
    // slope² · Σx² against 9 · Σmiss² / (n − 2), both in nanoseconds².
    guard drift * drift / 1_000_000 * squares / 1_000_000 * (count - 2) > 9 * error else { return nil }
    return (origin + Interval(nanoseconds: Int64(meanX) * 1000), Int64(meanY), Int64(drift))
  }
}

extension Int64 {
  /// The lower middle one; 0 of nothing.
  static func median(_ values: [Int64]) -> Int64 {
    values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
  }
}
