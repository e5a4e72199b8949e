import IMSBytes
package import IMSDiameter
import IMSMessages
import IMSSIP

// Which exchanges of Cx tell how a REGISTER went on, and who may have made its answer.

extension DiameterMessage {
  /// An agent says that the request did not come to its destination, or which other way it is to take (RFC 6733 §7.1.3).
  package var isUndelivered: Bool { resultCode.map { [3002, 3003, 3005, 3006].contains($0) } ?? false }
}

extension Flow {
  /// Those of a REGISTER of the UE, and those of none; all where `round` is nil. Without the ones that their node made up for with another
  /// request of the kind: to another HSS when the first was silent or not reached (RFC 6733 §5.5.4), to the one that a redirect
  /// named (§6.1.7), or once more after a transient failure (§7.1.4).
  package func decidingExchanges(of round: Int?) -> [Exchange] {
    let members = exchanges.filter { $0.round == round || $0.round == nil || round == nil }
    return members.indices.filter { place in
      !members[(place + 1)...].contains { repeats($0, members[place]) }
    }.map { members[$0] }
  }

  /// Did the node that asked ask again?
  package func isMadeUpFor(_ exchange: Exchange) -> Bool {
    guard let place = exchanges.firstIndex(where: { $0.request == exchange.request && $0.answer == exchange.answer })
    else { return false }
    return exchanges[(place + 1)...].contains { repeats($0, exchange) }
  }

  private func repeats(_ later: Exchange, _ earlier: Exchange) -> Bool {
    guard later.hop == earlier.hop, later.round == earlier.round, command(of: later) == command(of: earlier) else {
      return false
    }
    // An assignment that takes back the one before is none for the same purpose (TS 29.229 §6.3.15).
    guard let type = assignmentType(of: later), let before = assignmentType(of: earlier) else { return true }
    return type == before
  }

  /// Did the S-CSCF give the user up of its own accord: administratively, or for too much data (TS 29.229 §6.3.15)?
  package func isTakenBack(_ exchange: Exchange) -> Bool {
    assignmentType(of: exchange).map { $0 == 8 || $0 == 11 } ?? false
  }

  /// The SAR by which the S-CSCF told the HSS that nobody answered its challenge in time (TS 29.229 §6.3.15).
  package var authenticationTimeout: Int? {
    exchanges.last { assignmentType(of: $0) == CxStep.authenticationTimeout }?.request
  }

  /// Server-Assignment-Type of its request.
  package func assignmentType(of exchange: Exchange) -> UInt32? {
    exchange.request.flatMap { messages[$0].diameter?.serverAssignmentType }
  }

  private func command(of exchange: Exchange) -> CommandCode? {
    (exchange.request ?? exchange.answer).flatMap { messages[$0].command }
  }

  /// Did the node that asked refuse before it had the answer? Then it went on as without one.
  package func isTooLate(_ exchange: Exchange) -> Bool {
    guard let answer = exchange.answer, let request = exchange.request, let round = exchange.round,
      let refusal = refusal(in: round)
    else { return false }
    return messages[refusal].from == exchange.hop.ends.client && messages[request].time < messages[refusal].time
      && messages[answer].time > messages[refusal].time
  }

  /// What the HSS said to an agent that stands between, where nothing shows that it came on to the node that asked.
  package func farAnswer(of exchange: Exchange) -> Int? {
    exchange.answer == nil ? exchange.legs.reversed().lazy.compactMap(\.answer).first : nil
  }

  /// Did the HSS answer an agent alone, as far as was seen?
  func isAnsweredToAgent(_ command: CommandCode, in round: Int?) -> Bool {
    exchanges.contains { $0.round == round && self.command(of: $0) == command && farAnswer(of: $0) != nil }
  }

  /// Nobody answered in time.
  package func isUnanswered(_ exchange: Exchange) -> Bool {
    exchange.request != nil && (exchange.answer == nil || isTooLate(exchange))
  }

  /// "the HSS", or who answers it; "an agent (dra1.example.net)" of what an agent alone says: that it could not deliver the request, or that it leads elsewhere
  /// (RFC 6733 §7.1.3).
  package func answerer(of answer: Int) -> String {
    guard let diameter = messages[answer].diameter, diameter.isUndelivered else {
      return switch messages[answer].command {
      case .registrationTermination, .pushProfile: "the \(Role.scscf.rawValue)"
      default: "the \(Role.hss.rawValue)"
      }
    }
    return diameter.originHost.map { "an agent (\($0))" } ?? "an agent"
  }

  /// Does Cx, or a hop farther in, show that the P-CSCF sent the REGISTER of this round on?
  package func wentOn(_ round: Int) -> Bool {
    exchanges.contains { $0.round == round && $0.request != nil }
      || rounds[round].transactions.contains { transactions[$0].hop > .h0 }
  }

  /// Did the UE send the REGISTER again when this answer to it had left, as it does where it has not got it (RFC 3261 §17.1.2.2)?
  /// The two may have crossed within the time of a round trip.
  package func isAskedAgain(behind final: Int) -> Bool {
    let transaction = transactions.first { $0.hop == .h0 && $0.finals.contains(final) }
    guard let transaction else { return false }
    let last = messages[final].message.transmissions.last?.time ?? messages[final].time
    return transaction.requests.contains { messages[$0].message.isSent(after: last + .seconds(1)) }
  }

  /// Does this REGISTER respond to a challenge from before this registration, which no message of it shows?
  package func answersChallengeOfBefore(_ request: Int) -> Bool {
    let given = messages[request].authentication
    guard before != nil, given.responds else { return false }
    return !messages.contains { $0.status == 401 && $0.authentication.nonce == given.nonce }
  }

  /// May its sender have received it from a node behind it, where nothing was captured?
  package func mayHavePassedOn(_ response: Int) -> Bool {
    switch messages[response].from {
    case .pcscf: view(of: .h1).state == .blind
    case .icscf: view(of: .h2).state == .blind
    default: false
    }
  }
}
