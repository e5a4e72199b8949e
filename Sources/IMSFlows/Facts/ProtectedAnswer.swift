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
    let challenges = flow.index.registerMessages.reversed().filter { index in
      flow.messages[index].hop == .h0 && flow.messages[index].status == 401
        && flow.messages[index].sip?.securityServer.contains(where: \.isIPsec) ?? false
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

  /// - Parameter challenges: the latest first.
  private static func challenge(answeredBy request: Int, _ challenges: [Int], _ flow: Flow) -> Int? {
    guard flow.answersChallenge(request), let credentials = flow.messages[request].sip?.authorization,
      !credentials.contains(where: { $0.auts != nil })
    else { return nil }
    return challenges.first { index in
      flow.messages[index].sip?.wwwAuthenticate.contains { challenge in
        guard let nonce = challenge.nonce else { return false }
        return credentials.contains { $0.nonce == nonce }
      } ?? false
    }
  }
}

extension Flow {
  /// Does this REGISTER carry a response to a challenge?
  package func answersChallenge(_ request: Int) -> Bool {
    messages[request].sip?.authorization.contains { !($0.response?.isEmpty ?? true) && !($0.nonce?.isEmpty ?? true) }
      ?? false
  }
}

/// What UE and P-CSCF offered each other with one challenge on Gm, entries of the media plane left out.
package struct SecurityOffer: Sendable {
  /// The REGISTER and the 401, as indices into the flow's messages.
  package var request: Int
  package var challenge: Int
  package var client: [SecurityMechanism]
  package var server: [SecurityMechanism]

  static func all(of flow: Flow) -> [SecurityOffer] {
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
