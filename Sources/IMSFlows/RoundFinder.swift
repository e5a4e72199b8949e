import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Finds the REGISTER because of which a node asks the HSS.
struct RoundFinder {
  /// Of two capture points, clocks are known to within a millisecond each.
  private static let tolerance = Interval.milliseconds(2)

  private let clocks: Clocks
  /// The clocks of all points that show this registration can be compared.
  private let isOneClock: Bool

  init(_ flow: Flow, _ clocks: Clocks) {
    self.clocks = clocks
    let first = flow.messages.first?.message.firstPoint
    isOneClock = flow.messages.indices.allSatisfy { index in
      first.map { clocks.compares($0, flow.messages[index].message.firstPoint) } ?? true
    }
  }

  /// The round that was under way: the last that had begun when the message of this index was sent. The next one, where that was
  /// answered before, or sent on, and of the next no REGISTER was seen before the node that asks; none, where no other is there.
  ///
  /// Points whose clocks cannot be compared say nothing of what came first: each counts for its own.
  func round(of exchange: Exchange, at index: Int, _ flow: Flow) -> Int? {
    let time = flow.messages[index].time
    let view = View(flow: flow, clocks: clocks, index: index, isWhole: isOneClock)
    guard let round = flow.rounds.indices.last(where: { view.start(of: $0) ?? flow.rounds[$0].start <= time }) else {
      return flow.rounds.isEmpty ? nil : 0
    }
    guard flow.isAskedForRegister(exchange) else { return round }
    let asking: Hop = exchange.hop == .c1 ? .h1 : .h2
    let hasNext = round + 1 < flow.rounds.count && view.hidesRegister(round + 1, upTo: asking)
    guard let end = view.end(of: round, on: asking, before: time) else {
      guard hasNext, exchange.hop == .c1 else { return round }
      // Where the next alone is shown, it is that one's.
      let isOver = view.start(of: round).map { _ in view.isForwarded(round, before: time) }
      return isOver ?? (view.start(of: round + 1) != nil) ? round + 1 : round
    }
    if hasNext { return round + 1 }
    // Of a de-registration the question itself tells; what else comes so soon may be late.
    return flow.takesAway(exchange) || time - end >= Timers.clockSlack ? nil : round
  }

  /// The messages of a registration that one of them can be compared with.
  private struct View {
    let flow: Flow
    let clocks: Clocks
    let index: Int
    let isWhole: Bool

    private func shows(_ other: Int) -> Bool {
      if isWhole { return true }
      var isShown = false
      let point = flow.messages[index].message.firstPoint
      flow.messages[other].message.forEachAppearance { if clocks.compares(point, $0.point) { isShown = true } }
      return isShown
    }

    /// Nil where nothing is shown of it.
    func start(of round: Int) -> Timestamp? {
      if isWhole { return flow.rounds[round].start }
      let first = flow.messages.indices.first { index in
        flow.messages[index].isRegister && Int(flow.messages[index].round) == round && shows(index)
      }
      return first.map { flow.messages[$0].time }
    }

    private func requests(of round: Int, _ isMeant: (Hop) -> Bool, _ holds: (Message) -> Bool) -> Bool {
      flow.rounds[round].transactions.contains { number in
        isMeant(flow.transactions[number].hop)
          && flow.transactions[number].requests.contains { shows($0) && holds(flow.messages[$0].message) }
      }
    }

    /// When the node that asks had answered all REGISTERs of this round that it had got by then; nil where it had not.
    func end(of round: Int, on hop: Hop, before time: Timestamp) -> Timestamp? {
      var end: Timestamp?
      for number in flow.rounds[round].transactions where flow.transactions[number].hop == hop {
        for index in flow.transactions[number].finals
        where flow.messages[index].time < time - RoundFinder.tolerance && shows(index) {
          end = max(end ?? .distantPast, flow.messages[index].time)
        }
      }
      guard let end else { return nil }
      let isAskedAgain = requests(of: round, { $0 == hop }) { request in
        request.transmissions.contains { $0.time > end && $0.time < time + RoundFinder.tolerance }
      }
      return isAskedAgain ? nil : end
    }

    /// Did the I-CSCF send the REGISTER of this round on, and not again later? What was answered was sent.
    func isForwarded(_ round: Int, before time: Timestamp) -> Bool {
      let limit = time - RoundFinder.tolerance
      if requests(of: round, { $0 == .h2 }, { $0.time > limit }) { return false }
      return requests(of: round, { $0 == .h2 }, { $0.time <= limit }) || end(of: round, on: .h2, before: time) != nil
    }

    /// Was no REGISTER of this round seen on its way to the node that asks, on that hop or before it?
    func hidesRegister(_ round: Int, upTo hop: Hop) -> Bool { !requests(of: round, { $0 <= hop }) { _ in true } }
  }
}

extension Flow {
  /// Does a node ask the HSS this because of a REGISTER, and before it answers that?
  fileprivate func isAskedForRegister(_ exchange: Exchange) -> Bool {
    guard let index = exchange.request ?? exchange.answer, let command = messages[index].command else { return false }
    guard command == .serverAssignment else { return CxStep.isOfUE(command) }
    // Registration, re-registration and de-registration by the user (TS 29.229 §6.3.15).
    let type = exchange.request.flatMap { messages[$0].diameter?.serverAssignmentType }
    return type.map { [1, 2, 5, 7].contains($0) } ?? false
  }

  /// Does it speak of a de-registration by the user (TS 29.229 §6.3.15, §6.3.24)?
  fileprivate func takesAway(_ exchange: Exchange) -> Bool {
    guard let request = exchange.request.flatMap({ messages[$0].diameter }) else { return false }
    return request.userAuthorizationType == 1 || [5, 7].contains(request.serverAssignmentType ?? 0)
  }
}
