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

  static func match(_ flow: inout Flow) {
    guard flow.kind != .thirdParty, flow.kind != .networkDeregistration else { return }
    for round in flow.rounds.indices {
      let steps = MainSequence.pass(of: round, in: flow)
      let placed = place(steps, round, &flow)
      findMissing(steps, placed, round, &flow)
      findDisorder(steps, placed, &flow)
      findExtra(round, &flow)
    }
    for index in flow.messages.indices where flow.messages[index].isAccess {
      guard let access = flow.messages[index].message.access else { continue }
      flow.messages[index].step = AccessSequence.step(of: access, on: flow.messages[index].hop)
    }
    if flow.rounds.isEmpty { placeCx(&flow) }
    for exchange in flow.exchanges {
      for leg in exchange.legs {
        if let index = leg.request { flow.messages[index].step = exchange.request.flatMap { flow.messages[$0].step } }
        if let index = leg.answer { flow.messages[index].step = exchange.answer.flatMap { flow.messages[$0].step } }
      }
    }
    flow.deviations.sort { ($0.message ?? 0) < ($1.message ?? 0) }
    flow.stoppedAt = stop(flow)
  }

  static func members(of round: Int, in flow: Flow) -> [Int] {
    var members: [Int] = []
    for number in flow.rounds[round].transactions {
      members += flow.transactions[number].requests
      members += flow.transactions[number].responses
    }
    for number in flow.rounds[round].exchanges {
      if let request = flow.exchanges[number].request { members.append(request) }
      if let answer = flow.exchanges[number].answer { members.append(answer) }
    }
    members.sort()
    return members
  }

  // MARK: placing

  /// For each step the first message that is it.
  private static func place(_ steps: [Step], _ round: Int, _ flow: inout Flow) -> [Int?] {
    let begin = flow.rounds[round].start
    let next = round + 1 < flow.rounds.count ? flow.rounds[round + 1].start : .distantFuture
    let dns = flow.messages.indices.filter {
      flow.messages[$0].isDNS && flow.messages[$0].time >= begin && flow.messages[$0].time < next
    }
    var first = [Int?](repeating: nil, count: steps.count)
    for index in members(of: round, in: flow) + dns {
      let step = steps.indices.first {
        steps[$0].hop == flow.messages[index].hop && matches(steps[$0].what, flow.messages[index])
      }
      guard let step else { continue }
      flow.messages[index].step = steps[step].id
      if first[step] == nil { first[step] = index }
    }
    return first
  }

  static func matches(_ what: Step.What, _ placed: FlowMessage) -> Bool {
    switch what {
    case .register: placed.isRegister && placed.isRequest
    case .challenge: placed.status == 401
    case .granted: (200..<300).contains(placed.status)
    case .request(let command): placed.asks && placed.command == command
    case .answer(let command): !placed.asks && placed.command == command
    case .query: placed.isDNS && placed.asks
    case .resolution: placed.isDNS && !placed.asks
    }
  }

  /// Without SIP the exchanges alone tell the steps.
  private static func placeCx(_ flow: inout Flow) {
    var answered = false
    for exchange in flow.exchanges {
      for index in [exchange.request, exchange.answer].compactMap(\.self) {
        switch flow.messages[index].message.diameter?.command {
        case .userAuthorization: flow.messages[index].step = answered ? "E3" : "B4"
        case .multimediaAuth: flow.messages[index].step = "B7"
        case .serverAssignment: flow.messages[index].step = "E5"
        default: break
        }
      }
      if let answer = exchange.answer, flow.messages[answer].message.diameter?.command == .multimediaAuth {
        answered = true
      }
    }
  }

  // MARK: deviations

  private static func findMissing(_ steps: [Step], _ placed: [Int?], _ round: Int, _ flow: inout Flow) {
    guard let last = placed.lastIndex(where: { $0 != nil }) else { return }
    // What lies before the capture's beginning is not missed.
    let first = round == 0 && !flow.startSeen ? placed.firstIndex { $0 != nil } ?? 0 : 0
    for index in first..<last where placed[index] == nil && isDue(steps[index], placed, steps) {
      let step = steps[index]
      guard isVisible(step.hop, in: round, of: flow), !isExcused(step, placed, steps, flow) else { continue }
      let before = placed[..<index].last { $0 != nil } ?? nil
      let missing = deviation(.missing, step, message: before)
      if lacksPackets(step.hop, in: round, of: flow) {
        flow.unseen.append(missing)
      } else {
        flow.deviations.append(missing)
      }
    }
  }

  /// What may be left out is due all the same when its counterpart was seen: a MAA has a MAR, and a MAR a MAA.
  private static func isDue(_ step: Step, _ placed: [Int?], _ steps: [Step]) -> Bool {
    if step.presence == .mandatory { return true }
    switch step.what {
    case .request(let command): return zip(steps, placed).contains { $0.0.what == .answer(command) && $0.1 != nil }
    case .answer(let command): return zip(steps, placed).contains { $0.0.what == .request(command) && $0.1 != nil }
    default: return false
    }
  }

  private static func isObservable(_ hop: Hop, in round: Int, of flow: Flow) -> Bool {
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
  private static func isExcused(_ step: Step, _ placed: [Int?], _ steps: [Step], _ flow: Flow) -> Bool {
    guard case .answer(let command) = step.what else { return false }
    return !zip(steps, placed).contains { $0.0.what == .request(command) && $0.1 != nil }
  }

  /// Two steps in a row that one capture point saw in the wrong order.
  private static func findDisorder(_ steps: [Step], _ placed: [Int?], _ flow: inout Flow) {
    var previous: Int?
    for (step, index) in zip(steps, placed) {
      // A cache answers the next query while the last answer is still on its way to another process: DNS has no order.
      guard let index, step.hop != .d1, step.hop != .d2 else { continue }
      defer { previous = index }
      guard let before = previous,
        let lead = lead(of: flow.messages[index].message, before: flow.messages[before].message),
        lead > tolerance
      else { continue }
      flow.deviations.append(deviation(.outOfOrder, step, message: index))
    }
  }

  /// By how much the later step was seen before the earlier one, at a point that saw both.
  private static func lead(of late: Message, before early: Message) -> Interval? {
    for seen in late.transmissions[0].sightings.indices {
      let time = late.transmissions[0].sightings[seen].time
      if let other = early.transmissions[0].time(at: late.transmissions[0].sightings[seen].point) {
        return other - time
      }
    }
    return nil
  }

  /// A second exchange of one command, or a second final response of another kind, in one round.
  private static func findExtra(_ round: Int, _ flow: inout Flow) {
    var seen: [CommandCode] = []
    for number in flow.rounds[round].exchanges {
      guard let request = flow.exchanges[number].request, let command = flow.messages[request].command else { continue }
      if seen.contains(command) {
        let name = flow.messages[request].message.diameter?.name ?? ""
        extra(request, name, flow.exchanges[number].hop, &flow)
      }
      seen.append(command)
    }
    for number in flow.rounds[round].transactions {
      for index in flow.transactions[number].finals.dropFirst() {
        extra(index, "\(flow.messages[index].status)", flow.transactions[number].hop, &flow)
      }
    }
  }

  private static func extra(_ index: Int, _ label: String, _ hop: Hop, _ flow: inout Flow) {
    flow.deviations.append(
      Deviation(
        kind: .extra, step: flow.messages[index].step ?? "", hop: hop,
        from: flow.messages[index].from ?? hop.ends.client,
        to: flow.messages[index].to ?? hop.ends.server, label: label, message: index))
  }

  private static func deviation(_ kind: Deviation.Kind, _ step: Step, message: Int?) -> Deviation {
    Deviation(
      kind: kind, step: step.id, hop: step.hop, from: step.from, to: step.to, label: step.label, message: message)
  }

  // MARK: where it stopped

  private static func stop(_ flow: Flow) -> String? {
    guard [.rejected, .unanswered, .abandoned].contains(flow.outcome), flow.startSeen,
      let round = flow.rounds.indices.last
    else { return nil }
    if flow.outcome == .rejected, let refused = refusal(in: round, of: flow) { return refused }
    let steps = MainSequence.pass(of: round, in: flow)
    let members = members(of: round, in: flow)
    let present = steps.indices.filter { number in
      members.contains {
        flow.messages[$0].hop == steps[number].hop && matches(steps[number].what, flow.messages[$0])
      }
    }
    let reached = present.last ?? -1
    if flow.outcome == .rejected, reached == steps.count - 1 { return nil }
    if flow.outcome == .abandoned || reached == steps.count - 1, steps.last?.what == .challenge {
      return "E1: REGISTER (UE → P-CSCF) never came"
    }
    let due = steps[(reached + 1)...].first { isObservable($0.hop, in: round, of: flow) && $0.presence == .mandatory }
    return due.map { "\($0.id): \($0.label) (\($0.from.rawValue) → \($0.to.rawValue)) never came" }
  }

  /// The step that was refused: a negative Cx answer, else the REGISTER of the hop farthest in that was answered with a
  /// refusal, unless that refusal itself only reports that something behind it stayed silent.
  private static func refusal(in round: Int, of flow: Flow) -> String? {
    let exchanges = flow.rounds[round].exchanges.map { flow.exchanges[$0] }
    if exchanges.contains(where: { $0.request != nil && $0.answer == nil }) { return nil }
    for answer in exchanges.compactMap(\.answer) {
      guard let diameter = flow.messages[answer].message.diameter, !diameter.isSuccess else { continue }
      let step = flow.messages[answer].step.map { "\($0): " } ?? ""
      return "\(step)\(diameter.name) (HSS → \(flow.messages[answer].to?.rawValue ?? "CSCF")) refused"
    }
    let refused = flow.rounds[round].transactions.map { flow.transactions[$0] }.filter { transaction in
      transaction.responses.contains { index in
        let status = flow.messages[index].sip?.status ?? 0
        return status >= 300 && status != 401 && status != 407
      }
    }
    guard let deepest = refused.max(by: { $0.hop < $1.hop }), let request = deepest.requests.first else { return nil }
    let deeper = flow.rounds[round].transactions.contains { flow.transactions[$0].hop > deepest.hop }
    if deeper { return nil }
    let step = flow.messages[request].step.map { "\($0): " } ?? ""
    return "\(step)REGISTER (\(deepest.hop.ends.client.rawValue) → \(deepest.hop.ends.server.rawValue)) refused"
  }
}
