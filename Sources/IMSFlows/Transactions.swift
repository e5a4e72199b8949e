import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// Joins requests to responses (RFC 3261 §17.1.3), Cx requests to answers, and both to the REGISTER of the UE that caused
/// them.
enum Transactions {
  private struct RoundKey: Hashable {
    var callID: Fingerprint
    var cseq: UInt32
  }

  static func fill(_ flow: inout Flow) {
    var rounds: [RoundKey: Int] = [:]
    for index in flow.messages.indices {
      guard let keys = flow.messages[index].message.keys, keys.method == .register else { continue }
      let key = RoundKey(callID: keys.callID, cseq: keys.cseq)
      let round = rounds[key] ?? flow.rounds.count
      if rounds.updateValue(round, forKey: key) == nil {
        flow.rounds.append(
          Round(callID: keys.callID, cseq: keys.cseq, start: flow.messages[index].time, transactions: [], exchanges: [])
        )
      }
      if flow.messages[index].isRequest { addRequest(index, round, &flow) }
    }
    for index in flow.messages.indices {
      guard let keys = flow.messages[index].message.keys, keys.method == .register,
        flow.messages[index].sip?.isRequest == false,
        let round = rounds[RoundKey(callID: keys.callID, cseq: keys.cseq)]
      else { continue }
      addResponse(index, keys, round, &flow)
    }
    pairCx(&flow)
  }

  private static func addRequest(_ index: Int, _ round: Int, _ flow: inout Flow) {
    let message = flow.messages[index]
    guard let hop = message.hop, let keys = message.message.keys else { return }
    let same = flow.rounds[round].transactions.first { number in
      guard flow.transactions[number].hop == hop, let first = flow.transactions[number].requests.first else {
        return false
      }
      let other = flow.messages[first].message.keys
      return other?.topBranch == keys.topBranch && other?.topSentBy == keys.topSentBy
    }
    if let same {
      flow.transactions[same].requests.append(index)
    } else {
      flow.rounds[round].transactions.append(flow.transactions.count)
      flow.transactions.append(Transaction(hop: hop, round: round, requests: [index], responses: []))
    }
  }

  private static func addResponse(_ index: Int, _ keys: SIPKeys, _ round: Int, _ flow: inout Flow) {
    guard let hop = flow.messages[index].hop else { return }
    let here = flow.rounds[round].transactions.filter { flow.transactions[$0].hop == hop }
    let exact = here.last { number in
      flow.transactions[number].requests.contains { request in
        let other = flow.messages[request].message.keys
        return other?.topBranch == keys.topBranch && other?.topSentBy == keys.topSentBy
      }
    }
    let time = flow.messages[index].time
    let begun = here.last { number in flow.transactions[number].requests.contains { flow.messages[$0].time <= time } }
    if let number = exact ?? begun ?? here.first {
      flow.transactions[number].responses.append(index)
    } else {
      flow.rounds[round].transactions.append(flow.transactions.count)
      flow.transactions.append(Transaction(hop: hop, round: round, requests: [], responses: [index]))
    }
  }

  private static func pairCx(_ flow: inout Flow) {
    var pending: [Fingerprint: Int] = [:]
    // A stamp may put an answer a little before its request.
    var early: [Fingerprint: Int] = [:]
    for index in flow.messages.indices {
      let message = flow.messages[index].message
      guard let diameter = message.diameter, let hop = flow.messages[index].hop else { continue }
      let key = Router.exchangeKey(diameter, message)
      if diameter.isRequest, let number = early.removeValue(forKey: key),
        let answer = flow.exchanges[number].answer, message.time - flow.messages[answer].time < Timers.clockSlack
      {
        flow.exchanges[number].request = index
      } else if diameter.isRequest {
        pending[key] = flow.exchanges.count
        append(Exchange(hop: hop, request: index, answer: nil, round: nil), at: message.time, &flow)
      } else if let number = pending.removeValue(forKey: key) {
        flow.exchanges[number].answer = index
      } else {
        early[key] = flow.exchanges.count
        append(Exchange(hop: hop, request: nil, answer: index, round: nil), at: message.time, &flow)
      }
    }
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
