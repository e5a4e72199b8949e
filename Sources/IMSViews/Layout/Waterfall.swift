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
      if let back = challenged, let sent = times.waited[.h0]?.lowerBound, back <= sent {
        rows.append(Row(node: .ue, round: round, whole: back..<sent, waits: [], holdsOthers: false))
      }
      challenged = times.waited[.h0]?.upperBound
      let (behindProxy, behindICSCF) = (times.waited[.h1], times.waited[.h2])
      add(
        .pcscf, round, times.served[.h0], waits: [behindProxy] + times.again(.h1) + times.dns(.d1),
        isSplit: behindProxy != nil)
      add(
        .icscf, round, times.served[.h1],
        waits: [behindICSCF, times.waited[.uar]] + times.again(.h2) + times.again(.uar) + times.dns(.d2),
        isSplit: behindICSCF != nil)
      add(.uar, round, times.served[.uar], waits: [], isSplit: true)
      let (mar, sar) = (times.waited[.mar], times.waited[.sar])
      add(
        .scscf, round, times.served[.h2], waits: [mar, sar] + times.again(.mar) + times.again(.sar),
        isSplit: mar != nil || sar != nil || flow.hops.contains { $0.hop == .c2 && $0.state == .visible })
      add(.mar, round, times.served[.mar], waits: [], isSplit: true)
      add(.sar, round, times.served[.sar], waits: [], isSplit: true)
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

/// From when to when each hop and each exchange of a round was busy, since the start of the registration. What is lost on its way and
/// sent again costs the time of neither end.
private struct RoundTimes {
  enum Leg: Hashable { case h0, h1, h2, uar, mar, sar }

  /// Of who answers: until it sent its answer, whether that arrived or not.
  private(set) var served: [Leg: Range<Int64>] = [:]
  /// Of who asks: from when it asked first until an answer arrived.
  private(set) var waited: [Leg: Range<Int64>] = [:]
  /// When it asked more than once, or another node: each time.
  private var further: [Leg: [Range<Int64>]] = [:]
  private var queries: [(hop: Hop, range: Range<Int64>)] = []
  private let start: Timestamp

  init(_ flow: Flow, _ round: Int) {
    start = flow.start
    readExchanges(of: flow, round)
    readHops(of: flow, round)
    readQueries(of: flow)
  }

  private mutating func readExchanges(of flow: Flow, _ round: Int) {
    let exchanges = flow.rounds[round].exchanges.map { flow.exchanges[$0] }
    for (place, exchange) in exchanges.enumerated() {
      guard let request = exchange.request, let leg = RoundTimes.leg(flow.messages[request].command) else { continue }
      let answered = range(flow.messages[request].time, exchange.answer.map { flow.messages[$0].time })
      if served[leg] == nil, let answered {
        (served[leg], waited[leg]) = (answered, answered)
        continue
      }
      // Of a silent one until the next was asked, or until whoever asked gave up.
      let next = exchanges[(place + 1)...].lazy.compactMap(\.request)
        .first { RoundTimes.leg(flow.messages[$0].command) == leg }
      let silent = range(flow.messages[request].time, next.map { flow.messages[$0].time } ?? .distantFuture)
      further[leg, default: []].append(contentsOf: [answered ?? silent].compactMap(\.self))
    }
  }

  func again(_ leg: Leg) -> [Range<Int64>?] { further[leg] ?? [] }

  private func range(_ first: Timestamp?, _ last: Timestamp?) -> Range<Int64>? {
    guard let first, let last else { return nil }
    let (begin, end) = (first - start, last - start)
    return begin >= .zero && begin <= end ? begin.nanoseconds..<end.nanoseconds : nil
  }

  private mutating func readHops(of flow: Flow, _ round: Int) {
    // By when what a node passed on, or answered, had come to it, from the UE inward.
    var limit = round + 1 < flow.rounds.count ? flow.rounds[round + 1].start : .distantFuture
    for (leg, hop) in [(Leg.h0, Hop.h0), (.h1, .h1), (.h2, .h2)] {
      let members = flow.rounds[round].transactions.map { flow.transactions[$0] }.filter { $0.hop == hop }
      let asked = members.flatMap(\.requests).flatMap { flow.messages[$0].message.transmissions }.map(\.time)
      guard let first = asked.min() else { continue }
      // The last of several S-CSCFs is the one that serves.
      let serving = leg == .h2 ? members.last { !$0.finals.isEmpty }.map { [$0] } ?? members : members
      let finals = members.flatMap(\.finals)
      if members.count > 1 {
        further[leg] = members.compactMap { member in
          range(
            member.requests.first.map { flow.messages[$0].time }, member.finals.last.map { flow.messages[$0].time })
        }
      }
      if let arrived = finals.first(where: { !flow.isLost($0) }) {
        let sendings = flow.messages[arrived].message.transmissions.map(\.time)
        waited[leg] = range(first, sendings.last { $0 <= limit } ?? flow.messages[arrived].time)
      } else if leg != .h0, limit < .distantFuture {
        // Nothing came: until the node that asked gave up.
        waited[leg] = range(first, limit)
      }
      guard let sent = serving.flatMap(\.finals).first.map({ flow.messages[$0].time }) else { continue }
      let reaction = RoundTimes.reaction(to: leg, serving, round, flow)
      let came = serving.flatMap(\.requests).flatMap { flow.messages[$0].message.transmissions }.map(\.time)
      served[leg] = range(came.filter { $0 <= reaction }.max() ?? came.min() ?? first, sent)
      limit = sent
    }
  }

  /// When a node first showed that it had the request: it answered, sent it on, or asked the HSS.
  private static func reaction(to leg: Leg, _ members: [Transaction], _ round: Int, _ flow: Flow) -> Timestamp {
    let next: Hop? = leg == .h0 ? .h1 : leg == .h1 ? .h2 : nil
    let asked: Hop? = leg == .h1 ? .c1 : leg == .h2 ? .c2 : nil
    var signs = members.flatMap(\.responses)
    for transaction in flow.rounds[round].transactions.map({ flow.transactions[$0] }) where transaction.hop == next {
      signs += transaction.requests
    }
    for exchange in flow.rounds[round].exchanges.map({ flow.exchanges[$0] }) where exchange.hop == asked {
      signs += [exchange.request].compactMap(\.self)
    }
    return signs.map { flow.messages[$0].time }.min() ?? .distantFuture
  }

  private mutating func readQueries(of flow: Flow) {
    for (hop, outer) in [(Hop.d1, Leg.h0), (.d2, .h1)] {
      guard let outer = served[outer] else { continue }
      for index in flow.messages.indices where flow.messages[index].hop == hop && flow.messages[index].asks {
        let id = flow.messages[index].message.dns?.id
        let answer = flow.messages.indices.first { other in
          other > index && flow.messages[other].hop == hop && !flow.messages[other].asks
            && flow.messages[other].message.dns?.id == id
        }
        let times = range(flow.messages[index].time, answer.map { flow.messages[$0].time })
        if let range = times, outer.contains(range.lowerBound) { queries.append((hop, range)) }
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

  func dns(_ hop: Hop) -> [Range<Int64>?] { queries.filter { $0.hop == hop }.map(\.range) }
}
