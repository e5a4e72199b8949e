import IMSBytes
package import IMSDiameter
import IMSMessages
package import IMSSIP

/// Which messages of a registration belong together, as the rules ask again and again: found once, when everything about
/// the registration is known. A class, because a flow is passed on often.
package final class FlowIndex: Sendable {
  package struct Seen: Equatable, Sendable, BitwiseCopyable {
    package var hop: Hop
    /// 0 for a request.
    package var status: Int
  }

  /// The copies of one REGISTER on two neighbouring hops, as indices into `Flow.messages`.
  package struct Pair: Equatable, Sendable, BitwiseCopyable {
    package var inner: Int
    package var outer: Int
    /// The headers that the node between left as they were.
    package var alike = HeaderSet()
  }

  /// The same final response on two neighbouring hops: as the node between them received it, and as it sent it on.
  package struct Relayed: Equatable, Sendable, BitwiseCopyable {
    package var relayed: Int
    package var received: Int
  }

  /// Requests and responses of this registration's REGISTERs, in order of time.
  package let registerMessages: [Int]
  /// What SIP showed, each once.
  package let seen: [Seen]
  /// The hops with a request and its final response.
  package let answeredHops: HopSet
  /// The hops that were seen, or would have shown what was sent there.
  package let observableHops: HopSet
  /// Of the Cx requests that have their answer.
  package let answeredCommands: [CommandCode]
  /// The HSS answered a Multimedia-Auth-Request.
  package let hasVectors: Bool
  /// By `neighbours`.
  private let pairs: [[Pair]]
  private let relayed: [[Relayed]]
  /// By round and hop of SIP.
  private let finals: [[Int]]
  /// For each message the number of its transaction, -1 for none.
  private let transactions: [Int32]

  private static let neighbours: [(inner: Hop, outer: Hop)] = [(.h0, .h1), (.h1, .h2)]

  /// Of a registration without messages.
  static let empty = FlowIndex()

  private init() {
    (registerMessages, seen, answeredHops, observableHops) = ([], [], HopSet([]), HopSet([]))
    (answeredCommands, hasVectors) = ([], false)
    (pairs, relayed, finals, transactions) = ([], [], [], [])
  }

  init(_ flow: Flow) {
    registerMessages = flow.messages.indices.filter { flow.messages[$0].isRegister }
    hasVectors = flow.messages.contains { $0.command == .multimediaAuth && !$0.asks }
    seen = Self.seen(flow)
    observableHops = HopSet(flow.hops.filter { $0.state == .seen || $0.state == .visible }.map(\.hop))
    answeredCommands = flow.exchanges.indices.compactMap { number in
      guard let request = flow.exchanges[number].request, let answer = flow.exchanges[number].answer else { return nil }
      return flow.messages[request].command ?? flow.messages[answer].command
    }
    var transactions = [Int32](repeating: -1, count: flow.messages.count)
    var finals = [[Int]](repeating: [], count: flow.rounds.count * Hop.sip.count)
    var answered = HopSet([])
    for number in flow.transactions.indices {
      for index in flow.transactions[number].requests { transactions[index] = Int32(number) }
      for index in flow.transactions[number].responses { transactions[index] = Int32(number) }
      let hop = flow.transactions[number].hop
      if flow.transactions[number].finals.isEmpty { continue }
      if !flow.transactions[number].requests.isEmpty { answered.insert(hop) }
      if let place = Self.place(hop, flow.transactions[number].round) {
        finals[place] += flow.transactions[number].finals
      }
    }
    for place in finals.indices where finals[place].count > 1 { finals[place].sort() }
    self.transactions = transactions
    self.finals = finals
    answeredHops = answered
    pairs = Self.neighbours.map { Self.pairs($0.inner, $0.outer, flow) }
    relayed = Self.neighbours.map { Self.relayed(near: $0.inner, far: $0.outer, flow, finals) }
  }

  private static func seen(_ flow: Flow) -> [Seen] {
    var seen: [Seen] = []
    for index in flow.messages.indices where flow.messages[index].isSIP {
      guard let hop = flow.messages[index].hop else { continue }
      let entry = Seen(hop: hop, status: flow.messages[index].status)
      if !seen.contains(entry) { seen.append(entry) }
    }
    return seen
  }

  // MARK: what is asked

  /// The copies of each request on two neighbouring hops: the outer one is the first that its receiver sent on afterwards.
  package func pairs(_ inner: Hop, _ outer: Hop) -> [Pair] { Self.number(inner, outer).map { pairs[$0] } ?? [] }

  /// Final responses with one status and To tag on two neighbouring hops of one REGISTER, paired in order of time.
  package func relayedFinals(near: Hop, far: Hop) -> [Relayed] { Self.number(near, far).map { relayed[$0] } ?? [] }

  /// The final responses to one REGISTER of the UE on a hop of SIP, in order of time.
  package func finals(of round: Int, on hop: Hop) -> [Int] {
    Self.place(hop, round).flatMap { finals.indices.contains($0) ? finals[$0] : nil } ?? []
  }

  /// The number of the transaction that a message belongs to.
  package func transaction(of message: Int) -> Int? {
    guard transactions.indices.contains(message), transactions[message] >= 0 else { return nil }
    return Int(transactions[message])
  }

  private static func number(_ inner: Hop, _ outer: Hop) -> Int? {
    switch (inner, outer) {
    case (.h0, .h1): 0
    case (.h1, .h2): 1
    default: nil
    }
  }

  private static func place(_ hop: Hop, _ round: Int) -> Int? {
    switch hop {
    case .h0: round * 3
    case .h1: round * 3 + 1
    case .h2: round * 3 + 2
    default: nil
    }
  }

  // MARK: what is found

  private static func relayed(
    near: Hop, far: Hop, _ flow: Flow, _ finals: [[Int]]
  ) -> [Relayed] {
    var pairs: [Relayed] = []
    for round in flow.rounds.indices {
      guard let inner = place(near, round), let outer = place(far, round), !finals[outer].isEmpty else { continue }
      if finals[inner].count == 1, finals[outer].count == 1 {
        let pair = Relayed(relayed: finals[inner][0], received: finals[outer][0])
        if isSameFinal(pair.relayed, pair.received, flow) { pairs.append(pair) }
        continue
      }
      var received = finals[outer]
      for relayed in finals[inner] {
        let same = received.firstIndex { isSameFinal(relayed, $0, flow) }
        if let same { pairs.append(Relayed(relayed: relayed, received: received.remove(at: same))) }
      }
    }
    return pairs
  }

  private static func isSameFinal(_ first: Int, _ second: Int, _ flow: Flow) -> Bool {
    flow.messages[first].status == flow.messages[second].status
      && flow.messages[first].sip?.toTag == flow.messages[second].sip?.toTag
  }

  /// The outer request is the first that its receiver sent on after the inner one.
  private static func pairs(_ inner: Hop, _ outer: Hop, _ flow: Flow) -> [Pair] {
    var pairs: [Pair] = []
    for transaction in flow.transactions where transaction.hop == outer {
      guard let sent = transaction.requests.first else { continue }
      if let received = received(by: sent, on: inner, round: transaction.round, flow) {
        let alike = flow.messages[received].sip.flatMap { before in
          flow.messages[sent].sip.map { before.alike(in: $0) }
        }
        pairs.append(Pair(inner: received, outer: sent, alike: alike ?? HeaderSet()))
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
    if below.contains(where: { $0.isSamePlace(as: top) }) { return true }
    let branch = top.branch
    return below.contains { $0.branch == branch && $0.transport.equalsIgnoringCase(top.transport) }
  }
}

extension Flow {
  /// The refusal of the node farthest from the UE, in a round.
  package func refusal(in round: Int) -> Int? {
    var farthest: Int?
    for number in rounds[round].transactions {
      for final in transactions[number].finals where messages[final].isRefusal && messages[final].status != 407 {
        let isFarther = farthest.map { known in
          (messages[known].hop ?? .h0, final) < (messages[final].hop ?? .h0, known)
        }
        if isFarther ?? true { farthest = final }
      }
    }
    return farthest
  }

  /// The request that a response answers, on its own hop: the latest one before it.
  package func request(of response: Int) -> Int? {
    guard let number = index.transaction(of: response) else { return nil }
    let requests = transactions[number].requests
    return requests.last { messages[$0].time <= messages[response].time } ?? requests.first
  }
}
