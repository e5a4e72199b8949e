import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// What became of a registration, as far as the capture can tell: read from the hop nearest to the UE.
struct OutcomeReader {
  /// The UE began a new registration before this one was answered.
  let isSuperseded: Bool

  func read(into flow: inout Flow, _ ledger: Ledger) {
    if flow.rounds.isEmpty {
      let isNotified = flow.exchanges.isEmpty && flow.messages.contains { $0.message.keys?.method == .notify }
      return isNotified ? readNotification(into: &flow) : readCx(into: &flow, ledger)
    }
    if let final = flow.lastView.final, isCutOff(final, flow, ledger) { flow.lastView.lose(final) }
    let view = flow.lastView
    flow.hidesESP = hidesESP(view, flow, ledger)
    // That of a third party is on ISC, which is no place of the promised ones.
    flow.seenAt = flow.kind == .thirdParty ? nil : view.depth <= 0 ? .h0 : view.depth == 1 ? .h1 : .h2
    if let final = view.final, flow.messages[final].status > 0 {
      flow.finalStatus = flow.messages[final].status
      flow.outcome = outcome(of: flow.messages[final].status, final, view, flow, ledger)
    } else {
      flow.finalStatus = nil
      flow.outcome = unansweredOrPartial(view, flow, ledger)
    }
  }

  /// The view of the last REGISTER of the registration, from the hop nearest to the UE that showed it.
  static func lastView(of flow: Flow) -> RoundView {
    flow.lastRound.map { view(of: $0, in: flow) } ?? .unseen
  }

  static func view(of round: Int, in flow: Flow) -> RoundView {
    var depth = Int.max
    var requests = IndexList()
    var finals = IndexList()
    for number in flow.rounds[round].transactions {
      let here = flow.transactions[number].hop.depth ?? 0
      if here > depth { continue }
      if here < depth {
        depth = here
        (requests, finals) = (flow.transactions[number].requests, flow.transactions[number].finals)
      } else {
        requests += flow.transactions[number].requests
        finals += flow.transactions[number].finals
      }
    }
    requests.sort()
    finals.sort()
    let messages = flow.messages
    return RoundView.view(at: depth, requests: requests, finals: finals) { messages[$0].message }
  }

  private func outcome(
    of status: Int, _ final: Int, _ view: RoundView, _ flow: Flow, _ ledger: Ledger
  ) -> Flow.Outcome {
    switch status {
    case 200..<300:
      if flow.kind == .unknown, OutcomeReader.hidesGrant(flow.messages[final].message) { return .partial }
      return flow.kind == .deregistration ? .deregistered : .registered
    case 401, 407:
      if isSuperseded || flow.authenticationTimeout != nil { return .abandoned }
      if flow.hidesESP { return .partial }
      let aka = flow.messages[final].authentication.asksForAKA
      let wait = aka ? flow.customs.timers.awaitAuthentication : flow.customs.timers.awaitDigest
      return recorded(until: flow.messages[final].time + wait, view, flow, ledger) ? .abandoned : .partial
    default:
      return .rejected
    }
  }

  /// What follows a challenge with Security-Server travels in ESP: unless that was read, or the recorder shows that of others with
  /// this P-CSCF and none of this UE, its absence says nothing.
  private func hidesESP(_ view: RoundView, _ flow: Flow, _ ledger: Ledger) -> Bool {
    guard view.depth == 0, flow.challengedWithIPsec, !(flow.esp?.isRead ?? false) else { return false }
    guard !flow.hasClosedAnswer, let final = view.final, let point = view.point else { return true }
    let end = flow.messages[final].time + flow.customs.timers.awaitDigest
    return !ledger.showsESP(of: flow.messages[final].message.source.address, at: point, before: end)
  }

  /// A grant and a de-registration are told apart by what may stand behind the cut.
  static func hidesGrant(_ message: Message) -> Bool {
    message.isTruncated && message.sip.map { $0.contacts.isEmpty && $0.expires == nil } ?? false
  }

  private func unansweredOrPartial(_ view: RoundView, _ flow: Flow, _ ledger: Ledger) -> Flow.Outcome {
    guard let request = view.request else { return .partial }
    let message = flow.messages[request].message
    let wait =
      view.depth == 0 && flow.kind != .thirdParty
      ? UETimer.finalResponse(of: message, at: view, flow.customs.timers) : flow.customs.timers.finalResponse
    if !isSuperseded, flow.loss(on: Hop.sip[min(view.depth, 2)], from: message.time, to: message.time + wait) != nil {
      return .partial
    }
    return isSuperseded || recorded(until: message.time + wait, view, flow, ledger) ? .unanswered : .partial
  }

  /// Did the capture end before the point nearest to the UE could show what left toward it?
  private func isCutOff(_ final: Int, _ flow: Flow, _ ledger: Ledger) -> Bool {
    guard let point = flow.lastView.point, !flow.messages[final].message.isSeen(at: point) else { return false }
    return !recorded(until: flow.messages[final].time + Correlator.slack, flow.lastView, flow, ledger)
  }

  /// Was the input that showed this view still recording at that time?
  private func recorded(until time: Timestamp, _ view: RoundView, _ flow: Flow, _ ledger: Ledger) -> Bool {
    let point =
      view.point ?? view.request.map { flow.messages[$0].message.firstSighting.point }
      ?? view.finals.first.map { flow.messages[$0].message.firstSighting.point }
    guard let point else { return false }
    return !(flow.unknown?.contains(time) ?? false) && ledger.recordedUntil(point) >= time
  }

  // MARK: Cx alone

  /// A de-registration by the network of which the NOTIFY alone was captured.
  private func readNotification(into flow: inout Flow) {
    let answered = flow.messages.first { ($0.sip?.status ?? 0) / 100 == 2 }
    let onGm = flow.messages.contains { $0.hop == .h0 }
    flow.seenAt = onGm ? .h0 : .h1
    flow.finalStatus = answered?.message.sip?.status
    flow.outcome = answered == nil ? .partial : .deregistered
  }

  private func readCx(into flow: inout Flow, _ ledger: Ledger) {
    flow.seenAt = .cx
    flow.finalStatus = nil
    flow.outcome = cxOutcome(flow, ledger)
  }

  private func cxOutcome(_ flow: Flow, _ ledger: Ledger) -> Flow.Outcome {
    guard let last = flow.exchanges.last else { return .partial }
    guard let answer = last.answer.flatMap({ flow.messages[$0].message.diameter }) else {
      guard let request = last.request.map({ flow.messages[$0].message }) else { return .partial }
      let end = request.time + flow.customs.timers.finalResponse
      if flow.loss(on: last.hop, from: request.time, to: end) != nil { return .partial }
      return recordedCx(until: end, request, flow, ledger) ? .unanswered : .partial
    }
    guard answer.isSuccess else { return .rejected }
    switch answer.command {
    case .serverAssignment: return assigned(last, flow)
    case .registrationTermination: return .deregistered
    case .multimediaAuth:
      guard let message = last.answer.map({ flow.messages[$0].message }) else { return .partial }
      let end = message.time + flow.customs.timers.awaitAuthentication
      return recordedCx(until: end, message, flow, ledger) ? .abandoned : .partial
    default: return .partial
    }
  }

  private func assigned(_ exchange: Exchange, _ flow: Flow) -> Flow.Outcome {
    switch flow.assignmentType(of: exchange) ?? 1 {
    case 4...8, 11: return .deregistered
    case 9: return .rejected
    case CxStep.authenticationTimeout: return .abandoned
    default: return .registered
    }
  }

  private func recordedCx(until time: Timestamp, _ message: Message, _ flow: Flow, _ ledger: Ledger) -> Bool {
    !(flow.unknown?.contains(time) ?? false)
      && ledger.recordedUntil(message.firstPoint) >= time
  }
}

extension Flow {
  /// Where the outcome was read: "H0"; "A1" of a third party.
  package var place: String? { kind == .thirdParty ? Hop.a1.rawValue : seenAt?.rawValue }

  /// What the last final response grants to the contact of its request, in seconds.
  var grantedExpiry: UInt64? {
    let request = lastView.request.flatMap { messages[$0].sip }
    return lastView.final.flatMap { messages[$0].sip?.grantedExpiry(to: request) }
  }

  /// The round of the last REGISTER: the first with the highest CSeq.
  var lastRound: Int? {
    guard var last = rounds.indices.first else { return nil }
    for round in rounds.indices where rounds[round].cseq > rounds[last].cseq { last = round }
    return last
  }
}
