package import IMSBytes
import IMSMessages
package import IMSWire

/// From when to when each capture point showed each hop, over all registrations: a small flat table of stamps.
package struct HopCoverage: Sendable {
  /// A hop at a capture point, by corrected time.
  package struct Span: Sendable, Equatable {
    package var hop: Hop
    package var point: CapturePoint
    package var first: Timestamp
    package var last: Timestamp
    /// Packets of registrations with a message of that hop, copies and repetitions included.
    package var packets: Int
  }

  private struct Cell: Sendable, BitwiseCopyable {
    var first = Timestamp.distantFuture
    var last = Timestamp.distantPast
    var packets = 0
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

  package mutating func note(_ flow: borrowing Flow) {
    for index in flow.messages.indices {
      guard let hop = flow.messages[index].hop else { continue }
      flow.messages[index].message.forEachSighting { note(hop, $0.point, $0.time) }
    }
  }

  private mutating func note(_ hop: Hop, _ point: CapturePoint, _ time: Timestamp) {
    guard let row = row(of: point) else {
      unlisted += 1
      return
    }
    let index = row * Hop.allCases.count + Int(hop.ordinal)
    cells[index].first = min(cells[index].first, time)
    cells[index].last = max(cells[index].last, time)
    cells[index].packets += 1
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
