import IMSAccess
import IMSBytes
import IMSDiameter
package import IMSFlows
import IMSMessages

/// Where the time of a registration went: node by node, from each REGISTER to its final answer.
package struct Waterfall: Sendable {
  package enum Node: String, Sendable, CaseIterable {
    case ue = "UE"
    case pcscf = "P-CSCF"
    case icscf = "I-CSCF"
    case uar = "HSS (UAR)"
    case scscf = "S-CSCF"
    case mar = "HSS (MAR)"
    case sar = "HSS (SAR)"
  }

  package struct Row: Sendable, Hashable {
    package var node: Node
    /// Index of the round.
    package var round: Int
    /// Since the start of the registration, in nanoseconds.
    package var whole: Range<Int64>
    /// When others worked for it: in order, without overlap.
    package var waits: [Range<Int64>]
    /// What lies behind the node was not captured, and its time is in here.
    package var holdsOthers: Bool

    /// Nanoseconds of its own.
    package var own: Int64 { whole.span - waits.reduce(0) { $0 + $1.span } }
  }

  package private(set) var rows: [Row] = []
  /// Nanoseconds from the first REGISTER to the last answer.
  package private(set) var span: Int64 = 0

  package init(_ flow: Flow) {
    var challenged: Int64?
    for round in flow.rounds.indices {
      let times = RoundTimes(flow, round)
      if let back = challenged, let sent = times[.h0]?.lowerBound, back <= sent {
        rows.append(Row(node: .ue, round: round, whole: back..<sent, waits: [], holdsOthers: false))
      }
      challenged = times[.h0]?.upperBound
      add(.pcscf, round, times[.h0], waits: [times[.h1]] + times.dns(.d1), isSplit: times[.h1] != nil)
      add(.icscf, round, times[.h1], waits: [times[.h2], times[.uar]] + times.dns(.d2), isSplit: times[.h2] != nil)
      add(.uar, round, times[.uar], waits: [], isSplit: true)
      add(
        .scscf, round, times[.h2], waits: [times[.mar], times[.sar]],
        isSplit: times[.mar] != nil || times[.sar] != nil
          || flow.hops.contains { $0.hop == .c2 && $0.state == .visible })
      add(.mar, round, times[.mar], waits: [], isSplit: true)
      add(.sar, round, times[.sar], waits: [], isSplit: true)
    }
    span = rows.map(\.whole.upperBound).max() ?? 0
  }

  private mutating func add(
    _ node: Node, _ round: Int, _ whole: Range<Int64>?, waits: [Range<Int64>?], isSplit: Bool
  ) {
    guard let whole else { return }
    var merged: [Range<Int64>] = []
    let inside = waits.compactMap { $0?.clamped(to: whole) }.filter { !$0.isEmpty }
    for wait in inside.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, wait.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, wait.upperBound)
      } else {
        merged.append(wait)
      }
    }
    rows.append(Row(node: node, round: round, whole: whole, waits: merged, holdsOthers: !isSplit))
  }
}

extension Range where Bound == Int64 {
  /// Nanoseconds.
  var span: Int64 {
    let (span, isOver) = upperBound.subtractingReportingOverflow(lowerBound)
    return isOver ? .max : span
  }
}

/// From when to when each hop and each exchange of a round was busy, since the start of the registration.
private struct RoundTimes {
  enum Leg: Hashable { case h0, h1, h2, uar, mar, sar }

  private var ranges: [Leg: Range<Int64>] = [:]
  private var queries: [(hop: Hop, range: Range<Int64>)] = []

  init(_ flow: Flow, _ round: Int) {
    func range(_ first: Int?, _ last: Int?) -> Range<Int64>? {
      guard let first, let last else { return nil }
      let (start, end) = (flow.messages[first].time - flow.start, flow.messages[last].time - flow.start)
      return start >= .zero && start <= end ? start.nanoseconds..<end.nanoseconds : nil
    }
    // The first that was answered: a transaction that was run twice is no further leg.
    for transaction in flow.rounds[round].transactions.map({ flow.transactions[$0] }) {
      let leg: Leg? = transaction.hop == .h0 ? .h0 : transaction.hop == .h1 ? .h1 : transaction.hop == .h2 ? .h2 : nil
      guard let leg, ranges[leg] == nil else { continue }
      ranges[leg] = range(transaction.requests.first, transaction.finals.first)
    }
    for exchange in flow.rounds[round].exchanges.map({ flow.exchanges[$0] }) {
      guard let leg = exchange.request.flatMap({ RoundTimes.leg(flow.messages[$0].command) }) else { continue }
      ranges[leg] = ranges[leg] ?? range(exchange.request, exchange.answer)
    }
    for (hop, outer) in [(Hop.d1, Leg.h0), (.d2, .h1)] {
      guard let outer = ranges[outer] else { continue }
      for index in flow.messages.indices where flow.messages[index].hop == hop && flow.messages[index].asks {
        let id = flow.messages[index].message.dns?.id
        let answer = flow.messages.indices.first { other in
          other > index && flow.messages[other].hop == hop && !flow.messages[other].asks
            && flow.messages[other].message.dns?.id == id
        }
        if let range = range(index, answer), outer.contains(range.lowerBound) { queries.append((hop, range)) }
      }
    }
  }

  private static func leg(_ command: CommandCode?) -> Leg? {
    switch command {
    case .userAuthorization: .uar
    case .multimediaAuth: .mar
    case .serverAssignment: .sar
    default: nil
    }
  }

  subscript(leg: Leg) -> Range<Int64>? { ranges[leg] }

  func dns(_ hop: Hop) -> [Range<Int64>?] { queries.filter { $0.hop == hop }.map(\.range) }
}
