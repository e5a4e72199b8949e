import IMSBytes
package import IMSDiameter
package import IMSFlows
import IMSMessages
package import IMSSIP

// How rules ask a flow. Everything is an index into `flow.messages`, so that a finding can point at its frames.

extension Flow {
  package func sip(_ index: Int) -> SIPMessage? { messages[index].sip }
  package func diameter(_ index: Int) -> DiameterMessage? { messages[index].diameter }

  /// Indices of the requests and responses of this registration's REGISTERs, in order of time.
  package var registerMessages: [Int] { index.registerMessages }

  /// The round of a message of SIP.
  func round(of message: Int) -> Int? { index.transaction(of: message).map { transactions[$0].round } }

  /// The first request of each transaction of a round on the given hops, in the order of the transactions.
  func requests(of round: Int, on hops: [Hop]) -> [Int] {
    var requests: [Int] = []
    for number in rounds[round].transactions where hops.contains(transactions[number].hop) {
      if let request = transactions[number].requests.first { requests.append(request) }
    }
    return requests
  }

  /// The first of those on a hop, or on either of two.
  func firstRequest(of round: Int, on hop: Hop, or other: Hop? = nil) -> Int? {
    for number in rounds[round].transactions where transactions[number].hop == hop || transactions[number].hop == other
    {
      if let request = transactions[number].requests.first { return request }
    }
    return nil
  }

  /// Final responses of a transaction, in order of time.
  package func finals(of transaction: Transaction) -> IndexList { transaction.finals }

  /// The final responses to one REGISTER of the UE on a hop, in order of time.
  func finals(of round: Int, on hop: Hop) -> IndexList { index.finals(of: round, on: hop) }

  /// 2xx responses to REGISTER on the given hops.
  package func grants() -> [Int] { facts.grants }
  package func grants(on hops: [Hop]) -> [Int] {
    return facts.grants.filter { messages[$0].hop.map { hops.contains($0) } ?? false }
  }

  /// Did this request of the UE come through a security association, as far as can be told: in ESP, behind an agreement, or
  /// since an earlier registration?
  func isProtected(_ request: Int) -> Bool {
    if before?.inIPsec ?? false { return true }
    if messages[request].message.sightings.contains(where: { $0.spi != 0 }) { return true }
    return facts.isChallengedWithIPsec && answersChallenge(request)
  }

  /// Are its credentials, or that there are none, not cut off by the capture?
  func showsCredentials(_ request: Int) -> Bool {
    !messages[request].message.isTruncated || sip(request)?.showsWhole(.authorization) ?? true
  }

  /// Of several messages that say the same, the one of the node farthest from the UE, where it began: the others pass it on.
  func farthest(of messages: [Int]) -> Int? {
    messages.max { (self.messages[$0].hop ?? .h0, $1) < (self.messages[$1].hop ?? .h0, $0) }
  }

  /// The HSS refused the User-Authorization of the last REGISTER, so that the documented sequence ends at the I-CSCF
  /// (TS 24.229 §5.3.1.2, variants V8 and V9).
  package var endsAtICSCF: Bool {
    guard outcome == .rejected, let number = exchanges.indices.last(where: { isExchange($0, of: .userAuthorization) }),
      let last = exchanges[number].answer
    else { return false }
    return !(diameter(last)?.isSuccess ?? true)
  }

  package func exchanges(of command: CommandCode) -> [Exchange] {
    var found: [Exchange] = []
    for number in exchanges.indices where isExchange(number, of: command) { found.append(exchanges[number]) }
    return found
  }

  /// Is its request or its answer one of that command?
  func isExchange(_ number: Int, of command: CommandCode) -> Bool {
    if let request = exchanges[number].request, messages[request].command == command { return true }
    guard let answer = exchanges[number].answer else { return false }
    return messages[answer].command == command
  }

  /// The copies of one request on two neighbouring hops: the outer one is the first that its receiver sent on afterwards.
  package func pairs(_ pair: Need.HopPair) -> [FlowIndex.Pair] { index.pairs(pair.inner, pair.outer) }
}

extension SIPMessage {
  /// The Via stack as evidence: "host:port;branch" entries, top first.
  package var viaStack: String { via.map(\.summary).joined(separator: " | ") }
}

extension Via {
  /// "10.0.0.1:5060;branch=z9hG4bK1".
  package var summary: String {
    let port = sentBy.port.map { ":\($0)" } ?? ""
    return "\(sentBy.host.string)\(port);branch=\(branch?.string ?? "–")"
  }
}
