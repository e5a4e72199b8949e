import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// What the rules ask a registration for again and again, found once.
package struct FlowIndex: Sendable {
  package struct Seen: Equatable, Sendable, BitwiseCopyable {
    package var hop: Hop
    /// 0 for a request.
    package var status: Int
  }

  /// The copies of one REGISTER on two neighbouring hops, as indices into `Flow.messages`.
  package struct Pair: Equatable, Sendable, BitwiseCopyable {
    package var inner: Int
    package var outer: Int
  }

  /// Requests and responses of this registration's REGISTERs, in order of time.
  package private(set) var registerMessages: [Int] = []
  /// What SIP showed, each once.
  package private(set) var seen: [Seen] = []
  /// The HSS answered a Multimedia-Auth-Request.
  package private(set) var hasVectors = false
  private var pairs: [(hops: (Hop, Hop), pairs: [Pair])] = []
  /// For each message the number of its transaction, -1 for none.
  private var transactions: [Int32] = []

  init() {}

  init(_ flow: Flow) {
    for index in flow.messages.indices {
      if flow.messages[index].isRegister { registerMessages.append(index) }
      if flow.messages[index].command == .multimediaAuth, !flow.messages[index].asks { hasVectors = true }
      guard let hop = flow.messages[index].hop, flow.messages[index].isSIP else { continue }
      let entry = Seen(hop: hop, status: flow.messages[index].status)
      if !seen.contains(entry) { seen.append(entry) }
    }
    transactions = Array(repeating: -1, count: flow.messages.count)
    for number in flow.transactions.indices {
      for index in flow.transactions[number].requests { transactions[index] = Int32(number) }
      for index in flow.transactions[number].responses { transactions[index] = Int32(number) }
    }
    pairs = [(.h0, .h1), (.h1, .h2)].map { ($0, FlowIndex.pairs($0.0, $0.1, flow)) }
  }

  package func pairs(_ inner: Hop, _ outer: Hop) -> [Pair] {
    for entry in pairs where entry.hops.0 == inner && entry.hops.1 == outer { return entry.pairs }
    return []
  }

  /// The number of the transaction that a message belongs to.
  package func transaction(of message: Int) -> Int? {
    guard transactions.indices.contains(message), transactions[message] >= 0 else { return nil }
    return Int(transactions[message])
  }

  /// The outer request is the first that its receiver sent on after the inner one.
  private static func pairs(_ inner: Hop, _ outer: Hop, _ flow: Flow) -> [Pair] {
    var pairs: [Pair] = []
    for transaction in flow.transactions where transaction.hop == outer {
      guard let sent = transaction.requests.first else { continue }
      if let received = received(by: sent, on: inner, round: transaction.round, flow) {
        pairs.append(Pair(inner: received, outer: sent))
      }
    }
    return pairs
  }

  /// The request whose own top Via stands below the new one, with branch and transport; where none does, the latest that the
  /// forwarding node had received.
  private static func received(by sent: Int, on inner: Hop, round: Int, _ flow: Flow) -> Int? {
    let limit = flow.messages[sent].time + .milliseconds(1)
    let below = flow.messages[sent].sip?.via.dropFirst() ?? []
    var latest: Int?
    var named: Int?
    for transaction in flow.transactions where transaction.hop == inner && transaction.round == round {
      for request in transaction.requests where flow.messages[request].time <= limit {
        latest = request
        if isTopVia(of: flow.messages[request].sip, in: below) { named = request }
      }
    }
    return named ?? latest
  }

  private static func isTopVia(of inner: SIPMessage?, in below: ArraySlice<Via>) -> Bool {
    guard let top = inner?.via.first else { return false }
    let branch = top.branch
    return below.contains { $0.branch == branch && $0.transport.equalsIgnoringCase(top.transport) }
  }
}

extension FlowMessage {
  /// Of SIP, whatever the method.
  package var isSIP: Bool { isRequest || status > 0 }
}
