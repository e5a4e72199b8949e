import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages

// What came when: final responses on their way to the UE, and beside what the HSS answers.

extension Glance {
  mutating func lookAtOrder(of flow: Flow) {
    note(.openTransaction, if: !flow.lost.isEmpty)
    for round in flow.rounds.indices { lookAtStatuses(of: round, flow) }
    var (vector, assigned): (Timestamp?, Timestamp?)
    for number in flow.exchanges.indices {
      guard let answer = flow.exchanges[number].answer else { continue }
      let command = flow.messages[answer].command
      if vector == nil, command == .multimediaAuth { vector = flow.messages[answer].time }
      if assigned == nil, command == .serverAssignment { assigned = flow.messages[answer].time }
    }
    for index in flow.index.registerMessages where flow.messages[index].hop == .h2 {
      let status = flow.messages[index].status
      guard let due = status == 401 ? vector : (200..<300).contains(status) ? assigned : nil else { continue }
      note(.earlyFinal, if: flow.messages[index].time < due + .milliseconds(1))
    }
    for copies in flow.index.pairs(.h1, .h2) { note(.unaskedRequest, if: !isAsked(copies.outer, flow)) }
  }

  /// Do the final responses to a REGISTER on all hops say the same?
  private mutating func lookAtStatuses(of round: Int, _ flow: Flow) {
    var known = 0
    for number in flow.rounds[round].transactions {
      for final in flow.transactions[number].finals {
        let status = flow.messages[final].status
        note(.changedFinal, if: known != 0 && known != status)
        note(.lateFinal, if: status == 408 || status == 480 || status == 504)
        known = status
      }
    }
  }

  /// Had the HSS answered a UAR for it before it was sent?
  private func isAsked(_ request: Int, _ flow: Flow) -> Bool {
    guard let transaction = flow.index.transaction(of: request) else { return false }
    let round = flow.transactions[transaction].round
    for number in flow.exchanges.indices where flow.exchanges[number].round == round {
      guard let answer = flow.exchanges[number].answer, flow.messages[answer].command == .userAuthorization else {
        continue
      }
      if flow.messages[answer].time <= flow.messages[request].time + .milliseconds(1) { return true }
    }
    return false
  }
}
