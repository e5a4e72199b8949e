import IMSBytes
package import IMSSIP

/// A 401 of this registration and the next REGISTER of the UE that carries credentials for it.
package struct AnsweredChallenge: Sendable, BitwiseCopyable {
  /// The round that was challenged.
  package var round: Int
  /// The 401, on the hop nearest to the UE that shows one.
  package var challenge: Int
  /// The REGISTER of the next round, on the hop nearest to the UE that shows it; nil where none follows.
  package var request: Int?

  static func all(of flow: Flow) -> [AnsweredChallenge] {
    guard flow.index.seen.contains(where: { $0.status == 401 }) else { return [] }
    var result: [AnsweredChallenge] = []
    for round in flow.rounds.indices {
      let hop = Hop.sip.first { hop in
        flow.index.finals(of: round, on: hop).contains { flow.messages[$0].status == 401 }
      }
      guard let hop else { continue }
      let request = nextRequest(after: round, flow)
      for index in flow.index.finals(of: round, on: hop) where flow.messages[index].status == 401 {
        result.append(AnsweredChallenge(round: round, challenge: index, request: request))
      }
    }
    return result
  }

  /// The REGISTER of the same Call-ID that follows a round, on the hop nearest to the UE.
  private static func nextRequest(after round: Int, _ flow: Flow) -> Int? {
    let next = flow.rounds.indices.first { $0 > round && flow.rounds[$0].callID == flow.rounds[round].callID }
    guard let next else { return nil }
    for hop in Hop.sip {
      for number in flow.rounds[next].transactions where flow.transactions[number].hop == hop {
        if let request = flow.transactions[number].requests.first { return request }
      }
    }
    return nil
  }
}

extension Flow {
  package func challenges(of answered: AnsweredChallenge) -> [Digest] {
    messages[answered.challenge].sip?.wwwAuthenticate ?? []
  }

  /// Those with a response, else the first.
  package func credentials(of answered: AnsweredChallenge) -> Digest? {
    let credentials = answered.request.flatMap { messages[$0].sip?.authorization }
    return credentials?.first { !($0.response?.isEmpty ?? true) } ?? credentials?.first
  }
}
