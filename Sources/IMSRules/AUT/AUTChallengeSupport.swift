import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

/// A 401 of this registration and the next REGISTER of the UE that carries credentials for it.
struct AnsweredChallenge {
  /// The round that was challenged.
  var round: Int
  /// The 401, on the hop nearest to the UE that shows one.
  var challenge: Int
  var challenges: [Digest]
  /// The REGISTER of the next round, on the hop nearest to the UE that shows it; nil where none follows.
  var request: Int?
  /// Those with a response, else the first.
  var credentials: Digest?
}

extension Flow {
  /// Each challenged round with what the UE answered. A round that the network challenged several times (a transaction
  /// that died and came back) has an entry for each.
  var answeredChallenges: [AnsweredChallenge] {
    guard index.seen.contains(where: { $0.status == 401 }) else { return [] }
    var result: [AnsweredChallenge] = []
    for round in rounds.indices {
      guard
        let hop = Hop.sip.first(where: { hop in finals(of: round, on: hop).contains { messages[$0].status == 401 } })
      else { continue }
      let request = nextRequest(after: round)
      let credentials = request.flatMap { sip($0)?.authorization }
      for index in finals(of: round, on: hop) where messages[index].status == 401 {
        guard let challenges = sip(index)?.wwwAuthenticate else { continue }
        result.append(
          AnsweredChallenge(
            round: round, challenge: index, challenges: challenges, request: request,
            credentials: credentials?.first { !($0.response?.isEmpty ?? true) } ?? credentials?.first))
      }
    }
    return result
  }

  /// The REGISTER of the same Call-ID that follows a round, on the hop nearest to the UE.
  private func nextRequest(after round: Int) -> Int? {
    let next = rounds.indices.first { $0 > round && rounds[$0].callID == rounds[round].callID }
    guard let next else { return nil }
    for hop in Hop.sip {
      if let request = requests(of: next, on: [hop]).first { return request }
    }
    return nil
  }
}
