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
      guard let keys = flow.messages[index].message.keys else { continue }
      let round = round(of: keys, in: flow) ?? flow.rounds.count
      if round == flow.rounds.count {
        flow.rounds.append(
          Round(callID: keys.callID, cseq: keys.cseq, start: flow.messages[index].time, transactions: [], exchanges: [])
        )
      }
      if flow.messages[index].isRequest { transactions.addRequest(index, keys, round, &flow) }
    }
    for index in flow.messages.indices where flow.messages[index].isRegister && !flow.messages[index].isRequest {
      guard let keys = flow.messages[index].message.keys, let round = round(of: keys, in: flow) else { continue }
      transactions.addResponse(index, keys, round, &flow)
    }
    flow.transactions = transactions.drafts.map { draft in
      Transaction(
        hop: draft.hop, round: draft.round, requests: draft.requests, responses: draft.responses,
        finals: draft.responses.filter { flow.messages[$0].status >= 200 })
    }
    pairCx(&flow)
  }

  /// A registration has a few rounds: the latest is looked at first.
  private static func round(of keys: SIPKeys, in flow: Flow) -> Int? {
    flow.rounds.indices.last { flow.rounds[$0].cseq == keys.cseq && flow.rounds[$0].callID == keys.callID }
  }

  private mutating func addRequest(_ index: Int, _ keys: SIPKeys, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    let same = flow.rounds[round].transactions.first { number in
      guard drafts[number].hop == hop, let first = drafts[number].requests.first else { return false }
      let other = flow.messages[first].message.keys
      return other?.topBranch == keys.topBranch && other?.topSentBy == keys.topSentBy
    }
    if let same {
      drafts[same].requests.append(index)
    } else {
      flow.rounds[round].transactions.append(drafts.count)
      drafts.append(Draft(hop: hop, round: round, requests: [index]))
    }
  }

  private mutating func addResponse(_ index: Int, _ keys: SIPKeys, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    let here = flow.rounds[round].transactions.filter { drafts[$0].hop == hop }
    let exact = here.last { number in
      drafts[number].requests.contains { request in
        let other = flow.messages[request].message.keys
        return other?.topBranch == keys.topBranch && other?.topSentBy == keys.topSentBy
      }
    }
    let time = flow.messages[index].time
    let begun = here.last { number in drafts[number].requests.contains { flow.messages[$0].time <= time } }
    if let number = exact ?? begun ?? here.first {
      drafts[number].responses.append(index)
    } else {
      flow.rounds[round].transactions.append(drafts.count)
      drafts.append(Draft(hop: hop, round: round, responses: [index]))
    }
  }

  private static func pairCx(_ flow: inout Flow) {
    var pairing = CxPairing()
    for index in flow.messages.indices where flow.messages[index].command != nil {
      guard let diameter = flow.messages[index].message.diameter, let hop = flow.messages[index].hop else { continue }
      let isRequest = diameter.isRequest
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
    let round = flow.rounds.lastIndex { $0.start <= time } ?? (flow.rounds.isEmpty ? nil : 0)
    exchange.round = round
    if let round { flow.rounds[round].exchanges.append(flow.exchanges.count) }
    flow.exchanges.append(exchange)
  }
}
