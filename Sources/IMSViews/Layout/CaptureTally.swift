package import IMSBytes
package import IMSFlows
package import IMSRules

/// What the pictures of a whole capture show, counted as its registrations come: as large for a million as for one.
package struct CaptureTally: Sendable {
  package private(set) var times = TimeLine()
  package private(set) var nodes: [Waterfall.Node: Distribution] = [:]

  package init() {}

  package mutating func count(_ report: FlowReport) {
    times.count(report.flow.outcome, at: report.flow.start)
    for row in Waterfall(report.flow).rows where !row.holdsOthers {
      nodes[row.node, default: Distribution()].count(row.own)
    }
  }
}

/// Registrations by outcome and time: at most `limit` columns, which grow wider with the capture.
package struct TimeLine: Sendable {
  package static let limit = 60

  /// By outcome and number of the column.
  private var counts: [Flow.Outcome: [Int64: Int]] = [:]
  private var range: ClosedRange<Int64>?
  /// Nanoseconds of a column: a millisecond, then ever twice as much.
  package private(set) var width: Int64 = 1_000_000

  mutating func count(_ outcome: Flow.Outcome, at time: Timestamp) {
    counts[outcome, default: [:]][column(time.nanoseconds), default: 0] += 1
    widen(to: column(time.nanoseconds))
    while let range, range.upperBound - range.lowerBound >= Int64(Self.limit) { merge() }
  }

  private func column(_ time: Int64) -> Int64 {
    let quotient = time / width
    return time < 0 && quotient * width != time ? quotient - 1 : quotient
  }

  /// Stamps of a damaged capture may lie at the end of time.
  private func edge(_ column: Int64) -> Timestamp {
    let (time, isOver) = column.multipliedReportingOverflow(by: width)
    return isOver ? (column < 0 ? .distantPast : .distantFuture) : Timestamp(nanoseconds: time)
  }

  private mutating func widen(to column: Int64) {
    range = range.map { min($0.lowerBound, column)...max($0.upperBound, column) } ?? column...column
  }

  private mutating func merge() {
    width *= 2
    counts = counts.mapValues { columns in
      var merged: [Int64: Int] = [:]
      for (column, count) in columns { merged[column >> 1, default: 0] += count }
      return merged
    }
    range = range.map { ($0.lowerBound >> 1)...($0.upperBound >> 1) }
  }

  package var start: Timestamp { edge(range?.lowerBound ?? 0) }
  package var end: Timestamp { edge((range?.upperBound ?? 0) + 1) }
  package var columns: Int { range.map { Int($0.upperBound - $0.lowerBound) + 1 } ?? 0 }
  package var outcomes: [Flow.Outcome] { Flow.Outcome.allCases.filter { counts[$0] != nil } }

  /// How many ended so, by column.
  package func counts(of outcome: Flow.Outcome) -> [Int] {
    guard let range else { return [] }
    return range.map { counts[outcome]?[$0] ?? 0 }
  }
}

/// How long a node took, as counts of durations up to 10 µs, 20 µs, 50 µs, … 100 s, and longer.
package struct Distribution: Sendable {
  /// Nanoseconds.
  package static let bounds: [Int64] = (0..<22).map { step in
    [10_000, 20_000, 50_000][step % 3] * (0..<step / 3).reduce(1) { power, _ in power * 10 }
  }

  package private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  package private(set) var count = 0
  package private(set) var least: Int64 = 0
  package private(set) var most: Int64 = 0
  private var sum: Double = 0

  mutating func count(_ nanoseconds: Int64) {
    counts[Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count] += 1
    least = count == 0 ? nanoseconds : min(least, nanoseconds)
    most = max(most, nanoseconds)
    sum += Double(nanoseconds)
    count += 1
  }

  /// Nanoseconds.
  package var mean: Int64 { count == 0 ? 0 : Int64((sum / Double(count)).rounded()) }

  /// The bound that so many percent of them do not exceed (nearest rank); nil for "longer than every bound" and for none.
  package func bound(percent: Int) -> Int64? {
    var rest = (count * percent + 99) / 100
    guard rest > 0 else { return nil }
    for (index, bound) in Self.bounds.enumerated() {
      rest -= counts[index]
      if rest <= 0 { return bound }
    }
    return nil
  }
}
