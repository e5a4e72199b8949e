import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// Joins requests to responses (RFC 3261 §17.1.3), Cx requests to answers, and both to the REGISTER of the UE that caused
/// them.
struct Transactions {
  /// A transaction of which more may come.
  private struct Draft {
    var hop: Hop
    var round: Int
    var requests: [Int] = []
    var responses: [Int] = []
  }

  private var drafts: [Draft] = []

  static func fill(_ flow: inout Flow) {
    var transactions = Transactions()
    for index in flow.messages.indices where flow.messages[index].isRegister {
      guard let keys = flow.messages[index].facts.keys else { continue }
      let round = round(of: keys, in: flow) ?? flow.rounds.count
      if round == flow.rounds.count {
        flow.rounds.append(
          Round(callID: keys.callID, cseq: keys.cseq, start: flow.messages[index].time, transactions: [], exchanges: [])
        )
      }
      if flow.messages[index].isRequest { transactions.addRequest(index, round, &flow) }
    }
    for index in flow.messages.indices where flow.messages[index].isRegister && !flow.messages[index].isRequest {
      guard let keys = flow.messages[index].facts.keys, let round = round(of: keys, in: flow) else { continue }
      transactions.addResponse(index, round, &flow)
    }
    flow.transactions.reserveCapacity(transactions.drafts.count)
    for number in transactions.drafts.indices { flow.transactions.append(transactions.transaction(number, flow)) }
    pairCx(&flow)
  }

  /// A registration has a few rounds: the latest is looked at first.
  private static func round(of keys: SIPKeys, in flow: Flow) -> Int? {
    flow.rounds.indices.last { flow.rounds[$0].cseq == keys.cseq && flow.rounds[$0].callID == keys.callID }
  }

  private func transaction(_ number: Int, _ flow: Flow) -> Transaction {
    let responses = drafts[number].responses
    let hasProvisional = responses.contains { flow.messages[$0].status < 200 }
    return Transaction(
      hop: drafts[number].hop, round: drafts[number].round, requests: drafts[number].requests, responses: responses,
      finals: hasProvisional ? responses.filter { flow.messages[$0].status >= 200 } : responses)
  }

  private mutating func addRequest(_ index: Int, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    let facts = flow.messages[index].facts
    let same = flow.rounds[round].transactions.first { number in
      guard drafts[number].hop == hop, let first = drafts[number].requests.first else { return false }
      return flow.messages[first].facts.sharesBranch(with: facts)
    }
    if let same {
      drafts[same].requests.append(index)
    } else {
      flow.rounds[round].transactions.append(drafts.count)
      drafts.append(Draft(hop: hop, round: round, requests: [index]))
    }
  }

  private mutating func addResponse(_ index: Int, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    let facts = flow.messages[index].facts
    // The last that matches, else the last that had begun, else the first.
    var (exact, begun, first): (Int?, Int?, Int?)
    for number in flow.rounds[round].transactions where drafts[number].hop == hop {
      first = first ?? number
      for request in drafts[number].requests {
        if flow.messages[request].time <= facts.time { begun = number }
        if flow.messages[request].facts.sharesBranch(with: facts) { exact = number }
      }
    }
    if let number = exact ?? begun ?? first {
      drafts[number].responses.append(index)
    } else {
      flow.rounds[round].transactions.append(drafts.count)
      drafts.append(Draft(hop: hop, round: round, responses: [index]))
    }
  }

  private static func pairCx(_ flow: inout Flow) {
    var pairing = CxPairing()
    for index in flow.messages.indices where flow.messages[index].command != nil {
      guard let diameter = flow.messages[index].diameter, let hop = flow.messages[index].hop else { continue }
      let isRequest = flow.messages[index].asks
      switch pairing.place(diameter, flow.messages[index].message, next: flow.exchanges.count) {
      case .completes(let number):
        if isRequest { flow.exchanges[number].request = index } else { flow.exchanges[number].answer = index }
      case .relays(let number): Agents.addLeg(index, isRequest: isRequest, to: number, &flow)
      case .opens:
        let exchange = Exchange(
          hop: hop, request: isRequest ? index : nil, answer: isRequest ? nil : index, round: nil)
        append(exchange, at: flow.messages[index].time, &flow)
      }
    }
    for number in flow.exchanges.indices where !flow.exchanges[number].legs.isEmpty { Agents.sort(number, &flow) }
  }

  /// The round that was under way: the last one that had begun when the request was sent.
  private static func append(_ exchange: Exchange, at time: Timestamp, _ flow: inout Flow) {
    var exchange = exchange
    let round = flow.rounds.indices.last { flow.rounds[$0].start <= time } ?? (flow.rounds.isEmpty ? nil : 0)
    exchange.round = round
    if let round { flow.rounds[round].exchanges.append(flow.exchanges.count) }
    flow.exchanges.append(exchange)
  }
}
