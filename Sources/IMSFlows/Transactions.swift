import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// Joins requests to responses (RFC 3261 §17.1.3), Cx requests to answers, and both to the REGISTER of the UE that caused
/// them.
enum Transactions {
  /// Of two capture points, clocks are known to within a millisecond each.
  fileprivate static let tolerance = Interval.milliseconds(2)

  static func fill(_ flow: inout Flow, _ pairing: inout CxPairing) {
    flow.rounds.reserveCapacity(4)
    flow.transactions.reserveCapacity(8)
    for index in flow.messages.indices where flow.messages[index].isRegister {
      guard let round = round(of: index, in: &flow) else { continue }
      flow.messages[index].round = Int32(round)
      if flow.messages[index].isRequest { addRequest(index, round, &flow) }
    }
    for index in flow.messages.indices where flow.messages[index].isRegister && !flow.messages[index].isRequest {
      if flow.messages[index].round >= 0 { addResponse(index, Int(flow.messages[index].round), &flow) }
    }
    for number in flow.transactions.indices { findFinals(&flow.transactions[number], flow.messages) }
    // Where no hop is known, no step is.
    for index in flow.messages.indices where flow.messages[index].hop == nil { flow.messages[index].round = -1 }
    pairCx(&flow, &pairing)
  }

  /// A registration has a few rounds: the latest is looked at first. The first message of one begins it.
  private static func round(of index: Int, in flow: inout Flow) -> Int? {
    guard let keys = flow.messages[index].facts.keys else { return nil }
    for round in flow.rounds.indices.reversed()
    where flow.rounds[round].cseq == keys.cseq && flow.rounds[round].callID == keys.callID {
      return round
    }
    flow.rounds.append(
      Round(callID: keys.callID, cseq: keys.cseq, start: flow.messages[index].time, transactions: [], exchanges: []))
    return flow.rounds.count - 1
  }

  private static func findFinals(_ transaction: inout Transaction, _ messages: [FlowMessage]) {
    for index in transaction.responses where messages[index].status >= 200 { transaction.finals.append(index) }
  }

  private static func addRequest(_ index: Int, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    for number in flow.rounds[round].transactions where flow.transactions[number].hop == hop {
      guard let first = flow.transactions[number].requests.first,
        flow.messages[first].facts.sharesBranch(with: flow.messages[index].facts)
      else { continue }
      flow.transactions[number].requests.append(index)
      return
    }
    flow.rounds[round].transactions.append(flow.transactions.count)
    flow.transactions.append(Transaction(hop: hop, round: round, requests: [index]))
  }

  private static func addResponse(_ index: Int, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    let time = flow.messages[index].time
    // The last that matches, else the last that had begun, else the first.
    var (exact, begun, first): (Int?, Int?, Int?)
    for number in flow.rounds[round].transactions where flow.transactions[number].hop == hop {
      first = first ?? number
      for request in flow.transactions[number].requests {
        if flow.messages[request].time <= time { begun = number }
        if flow.messages[request].facts.sharesBranch(with: flow.messages[index].facts) { exact = number }
      }
    }
    if let number = exact ?? begun ?? first {
      flow.transactions[number].responses.append(index)
    } else {
      flow.rounds[round].transactions.append(flow.transactions.count)
      flow.transactions.append(Transaction(hop: hop, round: round, responses: [index]))
    }
  }

  private static func pairCx(_ flow: inout Flow, _ pairing: inout CxPairing) {
    pairing.clear()
    for index in flow.messages.indices where flow.messages[index].command != nil {
      guard let hop = flow.messages[index].hop else { continue }
      let isRequest = flow.messages[index].asks
      let place = pairing.place(flow.messages[index].facts, index, next: flow.exchanges.count) {
        flow.messages[$0].diameter?.sessionID
      }
      switch place {
      case .completes(let number):
        if isRequest { flow.exchanges[number].request = index } else { flow.exchanges[number].answer = index }
      case .relays(let number): Agents.addLeg(index, isRequest: isRequest, to: number, &flow)
      case .opens:
        let exchange = Exchange(
          hop: hop, request: isRequest ? index : nil, answer: isRequest ? nil : index, round: nil)
        append(exchange, at: flow.messages[index].time, &flow)
      }
    }
    for number in flow.exchanges.indices {
      if !flow.exchanges[number].legs.isEmpty { Agents.sort(number, &flow) }
      guard let round = flow.exchanges[number].round else { continue }
      if let index = flow.exchanges[number].request { flow.messages[index].round = Int32(round) }
      if let index = flow.exchanges[number].answer { flow.messages[index].round = Int32(round) }
    }
  }

  private static func append(_ exchange: Exchange, at time: Timestamp, _ flow: inout Flow) {
    if flow.exchanges.isEmpty { flow.exchanges.reserveCapacity(4) }
    var exchange = exchange
    exchange.round = round(of: exchange, at: time, flow)
    if let round = exchange.round { flow.rounds[round].exchanges.append(flow.exchanges.count) }
    flow.exchanges.append(exchange)
  }

  /// The one that was under way: the last that had begun when the request was sent. The next one, where that was answered before, or
  /// sent on, and of the next no REGISTER was seen before the node that asks; none, where no other is there.
  private static func round(of exchange: Exchange, at time: Timestamp, _ flow: Flow) -> Int? {
    guard let round = flow.rounds.indices.last(where: { flow.rounds[$0].start <= time }) else {
      return flow.rounds.isEmpty ? nil : 0
    }
    guard flow.isAskedForRegister(exchange) else { return round }
    let asking: Hop = exchange.hop == .c1 ? .h1 : .h2
    let hasNext = round + 1 < flow.rounds.count && flow.hidesRegister(round + 1, upTo: asking)
    guard let end = flow.end(of: round, on: asking, before: time) else {
      return hasNext && exchange.hop == .c1 && flow.isForwarded(round, before: time) ? round + 1 : round
    }
    if hasNext { return round + 1 }
    // Of a de-registration the question itself tells; what else comes so soon may be late.
    return flow.takesAway(exchange) || time - end >= Timers.clockSlack ? nil : round
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

  /// When the node that asks had answered all REGISTERs of this round that it had got by then; nil where it had not.
  fileprivate func end(of round: Int, on hop: Hop, before time: Timestamp) -> Timestamp? {
    var end: Timestamp?
    for number in rounds[round].transactions where transactions[number].hop == hop {
      for index in transactions[number].finals where messages[index].time < time - Transactions.tolerance {
        end = max(end ?? .distantPast, messages[index].time)
      }
    }
    guard let end else { return nil }
    let isAskedAgain = rounds[round].transactions.contains { number in
      transactions[number].hop == hop
        && transactions[number].requests.contains { request in
          messages[request].message.transmissions.contains {
            $0.time > end && $0.time < time + Transactions.tolerance
          }
        }
    }
    return isAskedAgain ? nil : end
  }

  /// Did the I-CSCF send the REGISTER of this round on, and not again later?
  fileprivate func isForwarded(_ round: Int, before time: Timestamp) -> Bool {
    var isForwarded = false
    for number in rounds[round].transactions where transactions[number].hop == .h2 {
      for request in transactions[number].requests {
        if messages[request].time > time - Transactions.tolerance { return false }
        isForwarded = true
      }
    }
    return isForwarded
  }

  /// Was no REGISTER of this round seen on its way to the node that asks, on that hop or before it?
  fileprivate func hidesRegister(_ round: Int, upTo hop: Hop) -> Bool {
    !rounds[round].transactions.contains { transactions[$0].hop <= hop && !transactions[$0].requests.isEmpty }
  }
}
