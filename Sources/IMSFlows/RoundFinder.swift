import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Finds the REGISTER because of which a node asks the HSS.
///
/// Points whose clocks cannot be compared say nothing of what came first: what the point of the question can be compared with
/// counts alone.
struct RoundFinder {
  /// Of two capture points, clocks are known to within a millisecond each.
  static let tolerance = Interval.milliseconds(2)

  private let clocks: Clocks
  /// The question, or its answer.
  private let index: Int
  /// Where the question was seen.
  private let point: CapturePoint
  private let time: Timestamp
  /// That point can be compared with those that saw the REGISTERs first: with all others, as a rule.
  private let isWhole: Bool

  /// - Parameters:
  ///   - index: of the question, or of its answer.
  ///   - common: what `commonPoint` says of the flow.
  init(_ index: Int, _ flow: borrowing Flow, _ clocks: Clocks, common: CapturePoint?) {
    self.clocks = clocks
    self.index = index
    point = flow.messages[index].message.firstPoint
    time = flow.messages[index].time
    if let common { isWhole = clocks.compares(point, common) } else { isWhole = flow.rounds.isEmpty }
  }

  /// A point that all can be compared with that saw a REGISTER or a response to one first; nil where there is none, for what shows a
  /// round first may be all that a question can be compared with.
  static func commonPoint(of flow: borrowing Flow, _ clocks: Clocks) -> CapturePoint? {
    var common: CapturePoint?
    for index in flow.messages.indices where flow.messages[index].isRegister {
      let point = flow.messages[index].message.firstPoint
      if let common, !clocks.compares(common, point) { return nil }
      common = common ?? point
    }
    return common
  }

  /// The round that was under way: the last that had begun when the question was asked. The next one, where that was answered
  /// before, or sent on, and of the next no REGISTER was seen before the node that asks; none, where no other is there.
  func round(of exchange: Exchange, _ flow: Flow) -> Int? {
    let asking: Hop = exchange.hop == .c1 ? .h1 : .h2
    guard let round = flow.rounds.indices.last(where: { hasBegun($0, flow) }) else {
      if flow.rounds.isEmpty { return nil }
      return !flow.isAskedForRegister(exchange) || mayHaveCaused(0, asking, flow) ? 0 : nil
    }
    guard flow.isAskedForRegister(exchange) else { return round }
    // Where no clock tells which REGISTER it was, what the question says may.
    if start(of: round, flow) == nil, flow.takesAway(exchange), !flow.takesAway(round) { return nil }
    let hasNext = round + 1 < flow.rounds.count && hidesRegister(round + 1, upTo: asking, flow)
    guard let end = end(of: round, on: asking, flow) else {
      guard hasNext, exchange.hop == .c1 else { return round }
      // Where the next alone is shown, it is that one's.
      let isOver = start(of: round, flow).map { _ in isForwarded(round, flow) }
      return isOver ?? (start(of: round + 1, flow) != nil) ? round + 1 : round
    }
    if hasNext { return round + 1 }
    // Of a de-registration the question itself tells; what else comes so soon may be late.
    return flow.takesAway(exchange) || time - end >= Timers.clockSlack ? nil : round
  }

  /// Where stamps are coarse, one point tells in which order it saw what has the same one.
  private func hasBegun(_ round: Int, _ flow: Flow) -> Bool {
    let start = start(of: round, flow) ?? flow.rounds[round].start
    guard start == time, let first = flow.firstRegister(of: round), first > index else { return start <= time }
    return flow.messages[first].message.firstPoint != point
  }

  /// Can the question be asked because of the first REGISTER, of which nothing was seen before it? What comes to a node comes before
  /// the node asks.
  private func mayHaveCaused(_ round: Int, _ asking: Hop, _ flow: Flow) -> Bool {
    guard let start = start(of: round, flow), !hidesRegister(round, upTo: asking, flow) else { return true }
    return start - time <= RoundFinder.tolerance
  }

  // MARK: what can be compared

  private func shows(_ index: Int, _ flow: Flow) -> Bool {
    if isWhole { return true }
    var isShown = false
    flow.messages[index].message.forEachAppearance { if clocks.compares(point, $0.point) { isShown = true } }
    return isShown
  }

  /// Nil where nothing is shown of it.
  private func start(of round: Int, _ flow: Flow) -> Timestamp? {
    if isWhole { return flow.rounds[round].start }
    return flow.firstRegister(of: round) { shows($0, flow) }.map { flow.messages[$0].time }
  }

  private func requests(of round: Int, _ flow: Flow, _ isMeant: (Hop) -> Bool, _ holds: (Message) -> Bool) -> Bool {
    flow.rounds[round].transactions.contains { number in
      isMeant(flow.transactions[number].hop)
        && flow.transactions[number].requests.contains { shows($0, flow) && holds(flow.messages[$0].message) }
    }
  }

  /// When the node that asks had answered all REGISTERs of this round that it had got by then; nil where it had not. Where its hop
  /// shows nothing, what came nearer to the UE had passed it, unless a proxy may have made it by itself.
  private func end(of round: Int, on hop: Hop, _ flow: Flow) -> Timestamp? {
    let isShown = flow.rounds[round].transactions.contains { flow.transactions[$0].hop == hop }
    func tells(_ other: Hop) -> Bool { isShown ? other == hop : other < hop }
    var end: Timestamp?
    for number in flow.rounds[round].transactions where tells(flow.transactions[number].hop) {
      for index in flow.transactions[number].finals
      where flow.messages[index].time < time - RoundFinder.tolerance && shows(index, flow) {
        if !isShown, RecorderLoss.isOwn(flow.messages[index].status) { continue }
        end = max(end ?? .distantPast, flow.messages[index].time)
      }
    }
    guard let end else { return nil }
    let isAskedAgain = requests(of: round, flow, tells) { request in
      request.transmissions.contains { $0.time > end && $0.time < time + RoundFinder.tolerance }
    }
    return isAskedAgain ? nil : end
  }

  /// Did the I-CSCF send the REGISTER of this round on, and not again later? What was answered was sent.
  private func isForwarded(_ round: Int, _ flow: Flow) -> Bool {
    let limit = time - RoundFinder.tolerance
    if requests(of: round, flow, { $0 == .h2 }, { $0.time > limit }) { return false }
    return requests(of: round, flow, { $0 == .h2 }, { $0.time <= limit }) || end(of: round, on: .h2, flow) != nil
  }

  /// Was no REGISTER of this round seen on its way to the node that asks, on that hop or before it?
  private func hidesRegister(_ round: Int, upTo hop: Hop, _ flow: Flow) -> Bool {
    !requests(of: round, flow, { $0 <= hop }) { _ in true }
  }
}

extension Flow {
  /// The first message of a REGISTER, or of its responses, that belongs to this round.
  fileprivate func firstRegister(of round: Int, where holds: (Int) -> Bool = { _ in true }) -> Int? {
    for index in messages.indices
    where Int(messages[index].round) == round && messages[index].isRegister && holds(index) {
      return index
    }
    return nil
  }

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

  /// Does the REGISTER of this round?
  fileprivate func takesAway(_ round: Int) -> Bool {
    firstRequestSeen(of: round).flatMap { messages[$0].sip }?.takesAway ?? false
  }

  /// On whichever hop.
  func firstRequestSeen(of round: Int) -> Int? {
    for number in rounds[round].transactions {
      if let request = transactions[number].requests.first { return request }
    }
    return nil
  }
}
