import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire

/// Challenges that the UE answered and no capture point shows: the recorder lost them.
enum UnseenChallenge {
  /// The rounds that were challenged all the same: nothing answered their REGISTER, and the next one of that Call-ID responds to
  /// a nonce that the UE did not have before.
  static func rounds(of flow: Flow) -> [Int] {
    flow.rounds.indices.dropLast().filter { isAnswered($0, by: $0 + 1, in: flow) }
  }

  private static func isAnswered(_ round: Int, by next: Int, in flow: Flow) -> Bool {
    guard flow.rounds[round].callID == flow.rounds[next].callID,
      flow.rounds[round].transactions.allSatisfy({ flow.transactions[$0].finals.isEmpty }),
      let asked = OutcomeReader.view(of: round, in: flow).request,
      let given = OutcomeReader.view(of: next, in: flow).request
    else { return false }
    let (before, answer) = (flow.messages[asked].authentication, flow.messages[given].authentication)
    return answer.responds && answer.nonce != before.nonce
      && !flow.messages.contains { $0.status > 0 && $0.authentication.nonce == answer.nonce }
  }

  /// What else is missing where the REGISTER was seen may have been lost with the challenge.
  static func noteLosses(in flow: inout Flow) {
    if flow.rounds.count < 2 { return }
    for round in rounds(of: flow) {
      for number in flow.rounds[round].transactions {
        guard let request = flow.transactions[number].requests.first,
          let view = flow.hops.firstIndex(where: { $0.hop == flow.transactions[number].hop })
        else { continue }
        let first = flow.messages[request].message.firstSighting
        flow.hops[view].losses.append(Loss(input: first.point.input, time: flow.messages[request].time, ends: nil))
      }
    }
  }
}
