import IMSAccess
import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Holds a registration against the documented sequence, round by round: gives each message its step, and says which
/// steps are missing, extra or out of order, and where it stopped.
///
/// Only observable hops are required. A step counts as missing when a later one of the same round was seen; what lies
/// behind the last seen step was not reached.
enum Matcher {
  /// Capture points reorder packets within microseconds; less than this is no order.
  private static let tolerance = Interval.milliseconds(1)

  /// - Parameter room: for the messages of the rows of a pass.
  static func match(_ flow: inout Flow, _ room: inout [Int]) {
    flow.variants = VariantReader(flow: flow).variants()
    if flow.kind == .networkDeregistration {
      placeNotified(&flow, &room)
    } else {
      matchRounds(&flow, &room)
    }
    for index in flow.messages.indices where flow.messages[index].isAccess {
      guard let access = flow.messages[index].message.access else { continue }
      flow.messages[index].step = AccessSequence.step(of: access, on: flow.messages[index].hop)
    }
    if flow.rounds.isEmpty, flow.kind != .networkDeregistration { placeCx(&flow) }
    for number in flow.exchanges.indices where !flow.exchanges[number].legs.isEmpty { placeLegs(of: number, &flow) }
    if !flow.outcome.isGood, let row = StopReader(flow: flow).row() {
      flow.stoppedAt = row.text
      flow.deviations.append(row.deviation)
    }
    if flow.deviations.count > 1 { flow.deviations.sort { ($0.message ?? 0) < ($1.message ?? 0) } }
  }

  private static func placeLegs(of number: Int, _ flow: inout Flow) {
    let exchange = flow.exchanges[number]
    for leg in exchange.legs {
      if let index = leg.request { flow.messages[index].step = exchange.request.flatMap { flow.messages[$0].step } }
      if let index = leg.answer { flow.messages[index].step = exchange.answer.flatMap { flow.messages[$0].step } }
    }
  }

  private static func matchRounds(_ flow: inout Flow, _ placed: inout [Int]) {
    let peers = flow.rounds.isEmpty ? nil : WrongPeer(flow)
    for round in flow.rounds.indices {
      let steps = MainSequence.pass(of: round, in: flow)
      place(steps, round, &placed, &flow)
      findMissing(steps, placed, round, &flow)
      // What a second S-CSCF does over again is neither late nor too much.
      if !flow.variants.contains(.v10) || !flow.isReselected(in: round) {
        findDisorder(steps, placed, &flow)
        findExtra(round, steps, &flow)
      }
      if let peers, !peers.isBlind { findWrongPeers(peers, steps, round, &flow) }
    }
  }

  static func members(of round: Int, in flow: Flow) -> [Int] {
    flow.messages.indices.filter { flow.messages[$0].round == round }
  }

  // MARK: placing

  /// In `placed`, of a step that has no message.
  private static let none = -1

  /// For each step the first message that is it.
  private static func place(_ steps: [Step], _ round: Int, _ placed: inout [Int], _ flow: inout Flow) {
    let begin = flow.rounds[round].start
    let next = round + 1 < flow.rounds.count ? flow.rounds[round + 1].start : .distantFuture
    clear(&placed, steps.count)
    for index in flow.messages.indices {
      let isMember =
        flow.messages[index].round == round
        || flow.messages[index].isDNS && flow.messages[index].time >= begin && flow.messages[index].time < next
      if isMember { place(index, steps, &placed, &flow) }
    }
  }

  private static func clear(_ placed: inout [Int], _ count: Int) {
    placed.removeAll(keepingCapacity: true)
    placed.append(contentsOf: repeatElement(none, count: count))
  }

  /// Gives a message the row that it is: of equal ones, the first that has no message yet.
  private static func place(_ index: Int, _ steps: [Step], _ placed: inout [Int], _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    var found: Int?
    for step in steps.indices where steps[step].hop == hop && matches(steps[step].what, index, flow) {
      if placed[step] == none {
        placed[step] = index
        found = step
        break
      }
      found = found ?? step
    }
    if let found { flow.messages[index].stepName = steps[found].name }
  }

  /// Is the message of this index what a row asks for, but for the hop?
  static func matches(_ what: Step.What, _ index: Int, _ flow: Flow) -> Bool {
    let (status, asks) = (flow.messages[index].status, flow.messages[index].asks)
    return switch what {
    case .register: flow.messages[index].isRegister && flow.messages[index].isRequest
    case .challenge: status == 401
    case .granted: flow.messages[index].isRegister && (200..<300).contains(status)
    case .refusal: flow.messages[index].facts.isRefusal
    case .request(let command): asks && flow.messages[index].command == command
    case .answer(let command): !asks && flow.messages[index].command == command
    case .query: flow.messages[index].isDNS && asks
    case .resolution: flow.messages[index].isDNS && !asks
    case .message(let method): flow.messages[index].isRequest && flow.messages[index].facts.keys?.method == method
    case .accepted(let method): (200..<300).contains(status) && flow.messages[index].facts.keys?.method == method
    case .access(let isRequest): flow.messages[index].isAccess && asks == isRequest
    }
  }

  /// What the network does of itself has no REGISTER, and no end that could be missed.
  private static func placeNotified(_ flow: inout Flow, _ placed: inout [Int]) {
    guard let id = flow.variants.first else { return }
    let steps = Variant.of(id).passes.filter { $0.end == .other }.flatMap(\.steps)
    clear(&placed, steps.count)
    for index in flow.messages.indices { place(index, steps, &placed, &flow) }
  }

  /// Without SIP the exchanges alone tell the steps.
  private static func placeCx(_ flow: inout Flow) {
    var answered = false
    for exchange in flow.exchanges {
      for index in [exchange.request, exchange.answer].compactMap(\.self) {
        switch flow.messages[index].command {
        case .userAuthorization: flow.messages[index].step = answered ? "E3" : "B4"
        case .multimediaAuth: flow.messages[index].step = "B7"
        case .serverAssignment: flow.messages[index].step = "E5"
        default: break
        }
      }
      if let answer = exchange.answer, flow.messages[answer].command == .multimediaAuth {
        answered = true
      }
    }
  }

  // MARK: deviations

  private static func findMissing(_ steps: [Step], _ placed: [Int], _ round: Int, _ flow: inout Flow) {
    guard let last = placed.lastIndex(where: { $0 != none }) else { return }
    // What lies before the capture's beginning is not missed.
    let first = round == 0 && !flow.startSeen ? placed.firstIndex { $0 != none } ?? 0 : 0
    let isRefusedAtOnce = isRefusedByProxy(round, flow)
    for index in first..<last where placed[index] == none && isDue(index, placed, steps) {
      let step = steps[index]
      if isRefusedAtOnce, step.hop != .h0 { continue }
      guard isVisible(step.hop, in: round, of: flow), !isExcused(step, placed, steps, flow) else { continue }
      let before = placed[..<index].last { $0 != none }
      let missing = Deviation(.missing, step, message: before)
      if lacksPackets(step.hop, in: round, of: flow) || isAnswered(step, placed, steps, round, flow) {
        flow.unseen.append(missing)
      } else {
        flow.deviations.append(missing)
      }
    }
  }

  /// The P-CSCF refused by itself, as far as was seen: nothing behind it was due.
  private static func isRefusedByProxy(_ round: Int, _ flow: Flow) -> Bool {
    if flow.wentOn(round) { return false }
    return flow.rounds[round].transactions.contains { number in
      flow.transactions[number].finals.contains {
        flow.messages[$0].status >= 400 && ![401, 407].contains(flow.messages[$0].status)
      }
    }
  }

  /// What may be left out is due all the same when its counterpart was seen: a MAA has a MAR, and a MAR a MAA.
  private static func isDue(_ row: Int, _ placed: [Int], _ steps: [Step]) -> Bool {
    if steps[row].presence == .mandatory { return true }
    return switch steps[row].what {
    case .request(let command): isPlaced(.answer(command), placed, steps)
    case .answer(let command): isPlaced(.request(command), placed, steps)
    default: false
    }
  }

  /// What was answered was sent: the recorder lost it. What a node asks the HSS behind a REGISTER that was lost may stand before
  /// what was seen first of this round.
  private static func isAnswered(_ step: Step, _ placed: [Int], _ steps: [Step], _ round: Int, _ flow: Flow) -> Bool {
    switch step.what {
    case .register: isAnswered(on: step.hop, round, flow)
    case .request(let command): isPlaced(.answer(command), placed, steps) || isAskedUnseen(step.hop, round, flow)
    case .answer(let command):
      isAskedUnseen(step.hop, round, flow) || flow.isAnsweredToAgent(command, in: round)
    default: false
    }
  }

  private static func isAnswered(on hop: Hop, _ round: Int, _ flow: Flow) -> Bool {
    flow.rounds[round].transactions.contains {
      flow.transactions[$0].hop == hop && !flow.transactions[$0].responses.isEmpty
    }
  }

  /// The REGISTER behind which a node asks on this hop was lost, though not what answered it.
  private static func isAskedUnseen(_ hop: Hop, _ round: Int, _ flow: Flow) -> Bool {
    let asking: Hop = hop == .c1 ? .h1 : .h2
    return isAnswered(on: asking, round, flow)
      && !flow.rounds[round].transactions.contains {
        flow.transactions[$0].hop == asking && !flow.transactions[$0].requests.isEmpty
      }
  }

  private static func isPlaced(_ what: Step.What, _ placed: [Int], _ steps: [Step]) -> Bool {
    steps.indices.contains { placed[$0] != none && steps[$0].what == what }
  }

  static func isObservable(_ hop: Hop, in round: Int, of flow: Flow) -> Bool {
    isVisible(hop, in: round, of: flow) && !lacksPackets(hop, in: round, of: flow)
  }

  private static func lacksPackets(_ hop: Hop, in round: Int, of flow: Flow) -> Bool {
    let end = round + 1 < flow.rounds.count ? flow.rounds[round + 1].start : flow.end
    return flow.view(of: hop).loss(from: flow.rounds[round].start, to: end) != nil
  }

  private static func isVisible(_ hop: Hop, in round: Int, of flow: Flow) -> Bool {
    let state = flow.view(of: hop).state
    if hop == .h0, state == .opaque { return flow.isSeenOnGm(round) }
    return state == .seen || state == .visible
  }

  /// The answer of a request that is itself missing is not missed a second time.
  private static func isExcused(_ step: Step, _ placed: [Int], _ steps: [Step], _ flow: Flow) -> Bool {
    guard case .answer(let command) = step.what else { return false }
    return !isPlaced(.request(command), placed, steps)
  }

  /// Two steps in a row that one capture point saw in the wrong order.
  private static func findDisorder(_ steps: [Step], _ placed: [Int], _ flow: inout Flow) {
    var previous: Int?
    for row in steps.indices {
      // A cache answers the next query while the last answer is still on its way to another process: DNS has no order. Nor
      // have refusals: a proxy that waits no longer refuses by itself.
      let index = placed[row]
      guard index != none, steps[row].hop != .d1, steps[row].hop != .d2, steps[row].what != .refusal else {
        continue
      }
      defer { previous = index }
      // In the ordinary case the earlier one was seen everywhere before the later one was seen anywhere.
      guard let before = previous, flow.messages[before].facts.latest - flow.messages[index].time > tolerance,
        let lead = flow.messages[index].message.lead(over: flow.messages[before].message), lead > tolerance
      else { continue }
      flow.deviations.append(Deviation(.outOfOrder, steps[row], message: index))
    }
  }

  /// A second exchange of one command, or a second final response, in one round: unless the first came to nothing, or was
  /// asked for again.
  private static func findExtra(_ round: Int, _ steps: [Step], _ flow: inout Flow) {
    for number in flow.rounds[round].exchanges {
      guard let request = flow.exchanges[number].request, isDone(before: number, round, flow),
        isOnceOnly(request, steps, flow)
      else { continue }
      extra(request, flow.messages[request].message.diameter?.name ?? "", flow.exchanges[number].hop, &flow)
    }
    for number in flow.rounds[round].transactions {
      guard flow.transactions[number].finals.count > 1, let first = flow.transactions[number].finals.first else {
        continue
      }
      let isAskedAgain =
        flow.transactions[number].requests.count > 1
        || flow.transactions[number].requests.contains { flow.messages[$0].message.sendings > 1 }
      for index in flow.transactions[number].finals.dropFirst() {
        if isAskedAgain, flow.messages[index].status == flow.messages[first].status { continue }
        extra(index, "\(flow.messages[index].status)", flow.transactions[number].hop, &flow)
      }
    }
  }

  /// Did an earlier exchange of this command come to something in this round?
  private static func isDone(before number: Int, _ round: Int, _ flow: Flow) -> Bool {
    guard let request = flow.exchanges[number].request, let command = flow.messages[request].command else {
      return false
    }
    for earlier in flow.rounds[round].exchanges {
      if earlier == number { return false }
      guard let other = flow.exchanges[earlier].request, flow.messages[other].command == command,
        let answer = flow.exchanges[earlier].answer, flow.messages[answer].diameter?.isSuccess ?? false
      else { continue }
      return true
    }
    return false
  }

  /// No row of its own in this pass, and no question for capabilities (TS 29.228 §6.1.1).
  private static func isOnceOnly(_ request: Int, _ steps: [Step], _ flow: Flow) -> Bool {
    guard let command = flow.messages[request].command else { return true }
    if steps.count(where: { $0.what == .request(command) }) > 1 { return false }
    return command != .userAuthorization || flow.messages[request].message.diameter?.userAuthorizationType != 2
  }

  private static func extra(_ index: Int, _ label: String, _ hop: Hop, _ flow: inout Flow) {
    let step = flow.messages[index].step
    flow.deviations.append(
      Deviation(
        kind: .extra, step: step ?? "", clause: Variant.clause(of: step, on: hop), hop: hop,
        from: flow.messages[index].from ?? hop.ends.client,
        to: flow.messages[index].to ?? hop.ends.server, label: label, message: index))
  }

  /// Of requests, and of answers to those that went where they should: what answers a stray is no second one.
  private static func findWrongPeers(_ peers: WrongPeer, _ steps: [Step], _ round: Int, _ flow: inout Flow) {
    for number in flow.rounds[round].transactions {
      var isStray = false
      for index in flow.transactions[number].requests {
        isStray = addStray(index, isTold: true, peers, steps, &flow) || isStray
      }
      for index in flow.transactions[number].responses { _ = addStray(index, isTold: !isStray, peers, steps, &flow) }
    }
    // An I-CSCF that kept the REGISTER may be the S-CSCF of this round.
    guard flow.rounds[round].transactions.contains(where: { flow.transactions[$0].hop == .h2 }) else { return }
    for number in flow.rounds[round].exchanges {
      let (request, answer) = (flow.exchanges[number].request, flow.exchanges[number].answer)
      let isStray = request.map { addStray($0, isTold: true, peers, steps, &flow) } ?? false
      if let answer { _ = addStray(answer, isTold: !isStray, peers, steps, &flow) }
    }
  }

  /// Whether it is one. Who it was stands at the message too.
  private static func addStray(
    _ index: Int, isTold: Bool, _ peers: WrongPeer, _ steps: [Step], _ flow: inout Flow
  ) -> Bool {
    guard let hop = flow.messages[index].hop, let ends = peers.strays(index, on: hop, in: flow) else {
      return false
    }
    let name = flow.messages[index].stepName
    guard let step = steps.first(where: { $0.name == name && matches($0.what, index, flow) }) else { return false }
    flow.messages[index].from = ends.from ?? flow.messages[index].from
    flow.messages[index].to = ends.to ?? flow.messages[index].to
    if isTold {
      var deviation = Deviation(.wrongPeer, step, message: index)
      deviation.from = ends.from ?? step.from
      deviation.to = ends.to ?? step.to
      flow.deviations.append(deviation)
    }
    return true
  }
}

extension MessageFacts {
  /// A final response to REGISTER that neither grants nor challenges.
  var isRefusal: Bool { isRegister && status >= 300 && status != 401 }
}

extension Deviation {
  init(_ kind: Kind, _ step: Step, message: Int?) {
    self.init(
      kind: kind, step: step.id, clause: step.clause, hop: step.hop, from: step.from, to: step.to, label: step.label,
      message: message)
  }
}
