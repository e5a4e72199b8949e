import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Joins requests to responses (RFC 3261 §17.1.3), Cx requests to answers, and both to the REGISTER of the UE that caused
/// them.
enum Transactions {
  static func fill(_ flow: inout Flow, _ pairing: inout CxPairing, _ clocks: Clocks) {
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
    pairCx(&flow, &pairing, clocks)
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

  private static func pairCx(_ flow: inout Flow, _ pairing: inout CxPairing, _ clocks: Clocks) {
    pairing.clear()
    let common = RoundFinder.commonPoint(of: flow, clocks)
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
        append(exchange, at: index, &flow, clocks, common: common)
      }
    }
    for number in flow.exchanges.indices {
      if !flow.exchanges[number].legs.isEmpty { Agents.sort(number, &flow) }
      guard let round = flow.exchanges[number].round else { continue }
      if let index = flow.exchanges[number].request { flow.messages[index].round = Int32(round) }
      if let index = flow.exchanges[number].answer { flow.messages[index].round = Int32(round) }
    }
  }

  private static func append(
    _ exchange: Exchange, at index: Int, _ flow: inout Flow, _ clocks: Clocks, common: CapturePoint?
  ) {
    if flow.exchanges.isEmpty { flow.exchanges.reserveCapacity(4) }
    var exchange = exchange
    exchange.round = RoundFinder(index, flow, clocks, common: common).round(of: exchange, flow)
    if let round = exchange.round { flow.rounds[round].exchanges.append(flow.exchanges.count) }
    flow.exchanges.append(exchange)
  }
}
