import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Flow {
  /// The first request of each REGISTER on the hop nearest to the UE that shows it: the hops behind pass on what it says.
  var outermostRequests: [Int] { rounds.indices.compactMap { outermostRequest(of: $0) } }

  func outermostRequest(of round: Int) -> Int? {
    var outermost: Int?
    for number in rounds[round].transactions {
      guard let request = transactions[number].requests.first else { continue }
      if outermost.map({ (messages[request].hop ?? .h2, request) < (messages[$0].hop ?? .h2, $0) }) ?? true {
        outermost = request
      }
    }
    return outermost
  }

  /// The challenge to a REGISTER on the hop farthest from the UE that shows one.
  func farthestChallenge(to round: Int) -> Int? {
    var farthest: Int?
    for number in rounds[round].transactions {
      for final in transactions[number].finals where messages[final].status == 401 {
        if farthest.map({ messages[final].hop ?? .h0 > messages[$0].hop ?? .h0 }) ?? true { farthest = final }
      }
    }
    return farthest
  }

  /// Of the messages of each REGISTER that pass, the request nearest to the UE and the response farthest from it: where what is
  /// wrong began.
  func origins(where isWrong: (SIPMessage) -> Bool) -> [Int] {
    var origins: [Int] = []
    for round in rounds.indices {
      var request: Int?
      var response: Int?
      for number in rounds[round].transactions {
        for index in transactions[number].requests {
          guard let sip = sip(index), isWrong(sip) else { continue }
          if request.map({ messages[index].hop ?? .h2 < messages[$0].hop ?? .h2 }) ?? true { request = index }
        }
        for index in transactions[number].responses {
          guard let sip = sip(index), isWrong(sip) else { continue }
          if response.map({ messages[index].hop ?? .h0 > messages[$0].hop ?? .h0 }) ?? true { response = index }
        }
      }
      if let request { origins.append(request) }
      if let response { origins.append(response) }
    }
    return origins
  }

  /// The copies of each request that a proxy sent on: with the Via of the received one below its own. A node that sends a
  /// request of its own instead shares only Call-ID and CSeq.
  func proxiedPairs(_ pair: Need.HopPair) -> [FlowIndex.Pair] {
    pairs(pair).filter { copies in
      guard let top = sip(copies.inner)?.via.first, let after = sip(copies.outer)?.via else { return false }
      return after.dropFirst().contains { $0.branch == top.branch }
    }
  }
}

extension SIPMessage {
  /// "REGISTER" or "401".
  var name: String { status.map { "\($0)" } ?? methodName }
}
