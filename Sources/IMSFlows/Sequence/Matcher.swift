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
      let steps = pass(of: round, in: flow)
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
    flow.deviations.sort { ($0.message ?? 0) < ($1.message ?? 0) }
    flow.stoppedAt = stop(flow)
  }

  /// A round is a granted pass when its credentials answer something and it was not simply challenged again.
  static func pass(of round: Int, in flow: Flow) -> [Step] {
    let messages = members(of: round, in: flow).map { flow.messages[$0].message }
    let statuses = messages.compactMap(\.sip?.status)
    if statuses.contains(where: { (200..<300).contains($0) }) { return MainSequence.grantedPass }
    let credentials = messages.compactMap(\.sip).filter(\.isRequest).flatMap(\.authorization)
    let answers = credentials.contains { !($0.response?.isEmpty ?? true) && $0.auts == nil }
    return answers && !statuses.contains(401) ? MainSequence.grantedPass : MainSequence.challengedPass
  }

  private static func members(of round: Int, in flow: Flow) -> [Int] {
    let sip = flow.rounds[round].transactions.flatMap {
      flow.transactions[$0].requests + flow.transactions[$0].responses
    }
    let cx = flow.rounds[round].exchanges.flatMap { [flow.exchanges[$0].request, flow.exchanges[$0].answer] }
      .compactMap(\.self)
    return (sip + cx).sorted()
  }

  // MARK: placing

  /// For each step the first message that is it.
  private static func place(_ steps: [Step], _ round: Int, _ flow: inout Flow) -> [Int?] {
    let begin = flow.rounds[round].start
    let next = round + 1 < flow.rounds.count ? flow.rounds[round + 1].start : .distantFuture
    let dns = flow.messages.indices.filter {
      flow.messages[$0].message.dns != nil && flow.messages[$0].time >= begin && flow.messages[$0].time < next
    }
    var first = [Int?](repeating: nil, count: steps.count)
    for index in members(of: round, in: flow) + dns {
      guard
        let step = steps.firstIndex(where: {
          $0.hop == flow.messages[index].hop && matches($0.what, flow.messages[index].message)
        })
      else { continue }
      flow.messages[index].step = steps[step].id
      if first[step] == nil { first[step] = index }
    }
    return first
  }

  private static func matches(_ what: Step.What, _ message: Message) -> Bool {
    switch what {
    case .register: message.sip.map { $0.isRequest && $0.method == .register } ?? false
    case .challenge: message.sip?.status == 401
    case .granted: message.sip?.status.map { (200..<300).contains($0) } ?? false
    case .request(let command): message.diameter.map { $0.isRequest && $0.command == command } ?? false
    case .answer(let command): message.diameter.map { !$0.isRequest && $0.command == command } ?? false
    case .query: message.dns.map { !$0.isResponse } ?? false
    case .resolution: message.dns?.isResponse ?? false
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
    for index in first..<last where placed[index] == nil && steps[index].presence == .mandatory {
      let step = steps[index]
      guard isObservable(step.hop, in: round, of: flow), !isExcused(step, placed, steps, flow) else { continue }
      let before = placed[..<index].last { $0 != nil } ?? nil
      flow.deviations.append(deviation(.missing, step, message: before))
    }
  }

  private static func isObservable(_ hop: Hop, in round: Int, of flow: Flow) -> Bool {
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
    for sighting in late.sightings {
      if let other = early.transmissions[0].seen(at: sighting.point) { return other.time - sighting.time }
    }
    return nil
  }

  /// A second exchange of one command, or a second final response of another kind, in one round.
  private static func findExtra(_ round: Int, _ flow: inout Flow) {
    var seen = Set<CommandCode>()
    for number in flow.rounds[round].exchanges {
      let exchange = flow.exchanges[number]
      guard let request = exchange.request, let diameter = flow.messages[request].message.diameter else { continue }
      if !seen.insert(diameter.command).inserted { extra(request, diameter.name, exchange.hop, &flow) }
    }
    for number in flow.rounds[round].transactions {
      let finals = flow.transactions[number].responses.filter { (flow.messages[$0].sip?.status ?? 0) >= 200 }
      for index in finals.dropFirst() {
        extra(index, "\(flow.messages[index].sip?.status ?? 0)", flow.transactions[number].hop, &flow)
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
    let steps = pass(of: round, in: flow)
    let members = members(of: round, in: flow)
    let present = steps.indices.filter { number in
      members.contains {
        flow.messages[$0].hop == steps[number].hop && matches(steps[number].what, flow.messages[$0].message)
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
