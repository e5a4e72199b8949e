import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// What the recorder lost, as the messages that it has prove (docs/decisions/0025): that such a message is absent breaks no
/// rule.
enum RecorderLoss {
  /// What else is missing on a hop may have been lost with what is known to be. True when the answer to the last REGISTER of the
  /// UE is among it.
  ///
  /// - Parameter following: when the UE began a new registration of the same Call-ID before this one was over.
  static func note(in flow: inout Flow, _ ledger: Ledger, followedAt following: Timestamp?) -> Bool {
    for round in flow.rounds.indices where lacksAnswer(round, flow) {
      let isChallenged = isChallengedUnseen(round, in: flow) || isChallengeAnswered(round, in: flow)
      for number in flow.rounds[round].transactions {
        let hop = flow.transactions[number].hop
        if isChallenged || isAnsweredNearer(than: hop, round, flow), !isAnswered(round, on: hop, flow) {
          note(flow.transactions[number].requests.first, on: hop, &flow)
        }
      }
    }
    for round in flow.rounds.indices {
      for hop in Hop.sip where passedUnseen(round, on: hop, flow) {
        note(flow.firstRequestSeen(of: round), on: hop, &flow)
      }
    }
    for number in flow.exchanges.indices where flow.exchanges[number].answer == nil {
      let (request, hop) = (flow.exchanges[number].request, flow.exchanges[number].hop)
      // Who asks again had no answer.
      if let request, !flow.isMadeUpFor(flow.exchanges[number]), goesOn(behind: request, flow.exchanges[number], flow) {
        note(request, on: hop, &flow)
      }
    }
    // What a node asks because of a REGISTER that no hop shows.
    if !flow.rounds.isEmpty {
      for number in flow.exchanges.indices where flow.exchanges[number].round == nil {
        let exchange = flow.exchanges[number]
        note(exchange.request ?? exchange.answer, on: exchange.hop == .c1 ? .h1 : .h2, &flow)
      }
    }
    guard let request = requestAnsweredUnseen(in: flow, ledger, following) else { return false }
    note(request, on: .h0, &flow)
    return true
  }

  /// The last REGISTER of a UE that must have got the answer that the next hop shows: it did not send it again when Timer E
  /// fired, or began anew before it can have given up waiting (RFC 3261 §10.2, §17.1.2.2).
  private static func requestAnsweredUnseen(in flow: Flow, _ ledger: Ledger, _ following: Timestamp?) -> Int? {
    guard let round = flow.lastRound else { return nil }
    let view = OutcomeReader.view(of: round, in: flow)
    guard view.depth == 0, view.final == nil, view.lost == nil, let request = view.request,
      isAnsweredBehindTheProxy(round, flow), !flow.isSentAgain(round, on: .h0)
    else { return nil }
    let (message, time) = (flow.messages[request].message, flow.messages[request].time)
    if let following, following - time < flow.customs.timers.finalResponse { return request }
    let isSilent = ledger.recordedUntil(message.firstPoint) >= time + UETimer.firstRetransmission
    return message.transport == .udp && isSilent ? request : nil
  }

  /// Is the next hop that was seen behind that of the UE answered?
  private static func isAnsweredBehindTheProxy(_ round: Int, _ flow: Flow) -> Bool {
    let next = flow.rounds[round].transactions.map { flow.transactions[$0].hop }.filter { $0 != .h0 }.min()
    return next.map { isAnswered(round, on: $0, flow) } ?? false
  }

  private static func note(_ request: Int?, on hop: Hop, _ flow: inout Flow) {
    guard let request, let view = flow.hops.firstIndex(where: { $0.hop == hop }) else { return }
    let input = flow.messages[request].message.firstSighting.point.input
    flow.hops[view].losses.append(Loss(input: input, time: flow.messages[request].time, ends: nil))
  }

  /// An S-CSCF that grants for want of an answer has waited for it: no timer of Cx runs for less than this. Whoever does not wait
  /// at all (SEQ008) is told by the answer that comes later.
  private static let patience = Interval.seconds(1)

  /// Did the node that asked the HSS go on as it does with an answer? Without one an I-CSCF has no S-CSCF to send to, and an S-CSCF
  /// no vector.
  private static func goesOn(behind request: Int, _ exchange: Exchange, _ flow: Flow) -> Bool {
    let asked = flow.messages[request].time
    func isNext(_ index: Int) -> Bool {
      let status = flow.messages[index].status
      let isOfStep =
        switch flow.messages[request].command {
        case .userAuthorization: status == 0
        case .multimediaAuth: status == 401
        case .serverAssignment: status / 100 == 2
        default: false
        }
      let wait = flow.messages[index].time - asked
      return isOfStep && wait > .zero && (wait < patience || flow.messages[request].command != .serverAssignment)
    }
    return flow.transactions.contains { transaction in
      transaction.hop == .h2 && transaction.round == exchange.round
        && (transaction.requests.contains(where: isNext) || transaction.finals.contains(where: isNext))
    }
  }

  private static func lacksAnswer(_ round: Int, _ flow: Flow) -> Bool {
    flow.rounds[round].transactions.contains {
      flow.transactions[$0].finals.isEmpty && !flow.transactions[$0].requests.isEmpty
    }
  }

  /// Did the REGISTER come to a hop farther in, with the Vias of those who sent it on, of which this hop shows nothing?
  private static func passedUnseen(_ round: Int, on hop: Hop, _ flow: Flow) -> Bool {
    let state = flow.view(of: hop).state
    guard state == .seen || state == .visible, hop != .h0 || !flow.usesIPsec else { return false }
    var isFartherIn = false
    for number in flow.rounds[round].transactions {
      if flow.transactions[number].hop == hop { return false }
      if flow.transactions[number].hop > hop, !flow.transactions[number].requests.isEmpty { isFartherIn = true }
    }
    return isFartherIn
  }

  private static func isAnswered(_ round: Int, on hop: Hop, _ flow: Flow) -> Bool {
    flow.rounds[round].transactions.contains {
      flow.transactions[$0].hop == hop && !flow.transactions[$0].finals.isEmpty
    }
  }

  /// Did a hop nearer to the UE show a final response that its node can but have passed on (RFC 3261, 16.7)? For want of an
  /// answer it makes its own.
  private static func isAnsweredNearer(than hop: Hop, _ round: Int, _ flow: Flow) -> Bool {
    guard Hop.sip.contains(hop) else { return false }
    return flow.rounds[round].transactions.contains { number in
      flow.transactions[number].hop < hop
        && flow.transactions[number].finals.contains { !isOwn(flow.messages[$0].status) }
    }
  }

  /// A status that a proxy may make by itself for want of an answer.
  static func isOwn(_ status: Int) -> Bool { status == 408 || status == 480 || status / 100 == 5 }

  /// Some hop showed its challenge, and the next REGISTER answers that: it went all the way to the UE.
  private static func isChallengeAnswered(_ round: Int, in flow: Flow) -> Bool {
    guard let answer = answer(to: round, in: flow), answer.responds else { return false }
    return flow.rounds[round].transactions.contains { number in
      flow.transactions[number].finals.contains { flow.messages[$0].authentication.nonce == answer.nonce }
    }
  }

  /// The credentials of the next REGISTER of that Call-ID.
  private static func answer(to round: Int, in flow: Flow) -> AuthenticationFacts? {
    let next = round + 1
    guard next < flow.rounds.count, flow.rounds[round].callID == flow.rounds[next].callID else { return nil }
    return OutcomeReader.view(of: next, in: flow).request.map { flow.messages[$0].authentication }
  }

  // MARK: a challenge that nobody saw

  /// The rounds that were challenged though no capture point shows it.
  static func unseenChallenges(of flow: Flow) -> [Int] {
    flow.rounds.indices.filter { isChallengedUnseen($0, in: flow) }
  }

  /// Nothing answered its REGISTER, and the next one of that Call-ID responds to a nonce that the UE did not have before.
  private static func isChallengedUnseen(_ round: Int, in flow: Flow) -> Bool {
    guard let answer = answer(to: round, in: flow),
      let asked = OutcomeReader.view(of: round, in: flow).request,
      answer.respondsAnew(since: flow.messages[asked].authentication),
      flow.rounds[round].transactions.allSatisfy({ flow.transactions[$0].finals.isEmpty })
    else { return false }
    return !flow.messages.contains { $0.status > 0 && $0.authentication.nonce == answer.nonce }
  }
}

extension Flow {
  /// Was the REGISTER of a round sent more than once on a hop, as a retransmission or in a further transaction?
  package func isSentAgain(_ round: Int, on hop: Hop) -> Bool {
    var sendings = 0
    for number in rounds[round].transactions where transactions[number].hop == hop {
      for request in transactions[number].requests { sendings += messages[request].message.sendings }
    }
    return sendings > 1
  }
}
