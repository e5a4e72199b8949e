package import IMSBytes
import IMSMessages
package import IMSWire

/// From when to when each capture point showed each hop, over all registrations: a small flat table of stamps.
package struct HopCoverage: Sendable {
  /// A hop at a capture point, by corrected time.
  package struct Span: Sendable, Equatable, BitwiseCopyable {
    package var hop: Hop
    package var point: CapturePoint
    package var first: Timestamp
    package var last: Timestamp
    /// Packets of registrations with a message of that hop, copies and repetitions included.
    package var packets: Int

    fileprivate mutating func widen(_ time: Timestamp) {
      first = min(first, time)
      last = max(last, time)
      packets += 1
    }
  }

  private struct Cell: Sendable, BitwiseCopyable {
    var first = Timestamp.distantFuture
    var last = Timestamp.distantPast
    var packets = 0

    mutating func widen(_ span: Span) {
      first = min(first, span.first)
      last = max(last, span.last)
      packets += span.packets
    }
  }

  /// Cooked captures name a point for each interface of the kernel: any number of them.
  static let maximalPoints = Bounds.hopPoints

  private var points: [CapturePoint] = []
  /// A row of all hops for each of `points`.
  private var cells: [Cell] = []
  /// Packets of points for which there was no room.
  package private(set) var unlisted = 0

  package init() {}

  /// By hop, then point.
  package var spans: [Span] {
    var spans: [Span] = []
    let order = points.indices.sorted { points[$0] < points[$1] }
    for hop in Hop.allCases {
      for row in order {
        let cell = cells[row * Hop.allCases.count + Int(hop.ordinal)]
        guard cell.packets > 0 else { continue }
        spans.append(
          Span(hop: hop, point: points[row], first: cell.first, last: cell.last, packets: cell.packets))
      }
    }
    return spans
  }

  /// What one registration shows, in the order in which a point first shows a hop.
  package static func spans(of flow: borrowing Flow) -> [Span] {
    var spans: [Span] = []
    // Every hop at two points, as a rule.
    spans.reserveCapacity(12)
    // Of each hop the place of the first of its spans: those of its other points lie behind it.
    var begins = SIMD16<Int8>(repeating: -1)
    for index in flow.messages.indices {
      guard let hop = flow.messages[index].hop else { continue }
      let lane = Int(hop.ordinal)
      let begin = max(0, Int(begins[lane]))
      flow.messages[index].message.forEachAppearance { seen in
        let (point, time) = (seen.point, seen.time)
        var place = begin
        while place < spans.count, spans[place].point != point || spans[place].hop != hop { place += 1 }
        if place < spans.count { return spans[place].widen(time) }
        if begins[lane] < 0, let short = Int8(exactly: place) { begins[lane] = short }
        spans.append(Span(hop: hop, point: point, first: time, last: time, packets: 1))
      }
    }
    return spans
  }

  /// Adds what one registration shows.
  package mutating func note(_ spans: [Span]) {
    for span in spans {
      guard let row = row(of: span.point) else {
        unlisted += span.packets
        continue
      }
      cells[row * Hop.allCases.count + Int(span.hop.ordinal)].widen(span)
    }
  }

  /// Of many files one follows the other, so the newest are looked at first.
  private mutating func row(of point: CapturePoint) -> Int? {
    if let known = points.lastIndex(of: point) { return known }
    guard points.count < HopCoverage.maximalPoints else { return nil }
    points.append(point)
    cells += repeatElement(Cell(), count: Hop.allCases.count)
    return points.count - 1
  }
}
