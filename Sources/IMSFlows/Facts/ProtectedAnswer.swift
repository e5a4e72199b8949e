import IMSBytes
package import IMSSIP

/// A REGISTER on Gm that answers a challenge with a security agreement.
package struct ProtectedAnswer: Sendable {
  /// The REGISTER and the 401, as indices into the flow's messages.
  package var request: Int
  package var challenge: Int
  package var round: Int

  /// Those on Gm, and whether some other was seen behind the P-CSCF only.
  static func all(of flow: Flow) -> (seen: [ProtectedAnswer], isUnseen: Bool) {
    var challenges = IndexList()
    for index in flow.index.registerMessages
    where flow.messages[index].status == 401 && flow.messages[index].hop == .h0 && flow.messages[index].offersIPsec {
      challenges.append(index)
    }
    if challenges.isEmpty { return ([], false) }
    var answers: [ProtectedAnswer] = []
    var isUnseen = false
    for round in flow.rounds.indices {
      let isOnGm = flow.isSeenOnGm(round)
      for number in flow.rounds[round].transactions where flow.transactions[number].hop == .h0 || !isOnGm {
        for request in flow.transactions[number].requests {
          guard let challenge = challenge(answeredBy: request, challenges, flow) else { continue }
          if isOnGm {
            answers.append(ProtectedAnswer(request: request, challenge: challenge, round: round))
          } else {
            isUnseen = true
          }
        }
      }
    }
    return (answers, isUnseen)
  }

  /// The latest of them.
  private static func challenge(answeredBy request: Int, _ challenges: IndexList, _ flow: Flow) -> Int? {
    if !flow.answersChallenge(request) || flow.messages[request].authentication.resynchronises { return nil }
    var place = challenges.count
    while place > 0 {
      place -= 1
      if flow.isAnswer(request, to: challenges[place]) { return challenges[place] }
    }
    return nil
  }
}

extension Flow {
  /// Does this REGISTER carry a response to a challenge?
  package func answersChallenge(_ request: Int) -> Bool { messages[request].authentication.responds }

  /// Are its credentials of the nonce of this challenge?
  fileprivate func isAnswer(_ request: Int, to challenge: Int) -> Bool {
    let (given, asked) = (messages[request].authentication, messages[challenge].authentication)
    if !given.isOdd, !asked.isOdd { return given.nonce != .empty && given.nonce == asked.nonce }
    guard let credentials = messages[request].sip, let message = messages[challenge].sip else { return false }
    return credentials.answers(message)
  }

  /// Of each 401 on Gm with Security-Server.
  package var securityOffers: [SecurityOffer] { facts.isChallengedWithIPsec ? SecurityOffer.all(of: self) : [] }
}

/// What UE and P-CSCF offered each other with one challenge on Gm, entries of the media plane left out.
package struct SecurityOffer: Sendable {
  /// The REGISTER and the 401, as indices into the flow's messages.
  package var request: Int
  package var challenge: Int
  package var client: [SecurityMechanism]
  package var server: [SecurityMechanism]

  /// What the UE goes on with: of the P-CSCF's list that which it prefers most and the UE offers too (RFC 3329 §2.3).
  package var chosen: SecurityMechanism? {
    let common = server.filter { entry in client.contains { $0.hasAlgorithms(of: entry) } }
    var best: (entry: SecurityMechanism, preference: Double)?
    for entry in common.isEmpty ? server : common {
      let preference = entry.q.flatMap { Double($0.string) } ?? 1
      if best.map({ preference > $0.preference }) ?? true { best = (entry, preference) }
    }
    return best?.entry
  }

  fileprivate static func all(of flow: Flow) -> [SecurityOffer] {
    flow.index.registerMessages.compactMap { index in
      guard flow.messages[index].hop == .h0, flow.messages[index].status == 401, let sip = flow.messages[index].sip
      else {
        return nil
      }
      let server = sip.securityServer.filter { $0.isIPsec && !$0.isOfMedia }
      guard !server.isEmpty, let request = flow.request(of: index), let register = flow.messages[request].sip else {
        return nil
      }
      let client = register.securityClient.filter { $0.isIPsec && !$0.isOfMedia }
      return SecurityOffer(request: request, challenge: index, client: client, server: server)
    }
  }
}

extension SecurityMechanism {
  /// No `ealg` is null encryption (RFC 3329 §2.2, TS 33.203 Annex H).
  fileprivate func hasAlgorithms(of other: SecurityMechanism) -> Bool {
    func isSame(_ one: Text?, _ other: Text?) -> Bool { (one ?? "null").equalsIgnoringCase(other ?? "null") }
    return isSame(alg, other.alg) && isSame(ealg, other.ealg)
  }
}
