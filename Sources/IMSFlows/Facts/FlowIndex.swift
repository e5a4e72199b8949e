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
    /// Of `compared` the headers that the node between left as they were.
    package var alike = HeaderSet()

    /// The headers that rules ask of.
    package static let compared = HeaderSet(
      .from, .to, .contact, .path, .supported, .authorization, .pChargingVector, .pVisitedNetworkID)
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
  /// Between H0 and H1, and between H1 and H2.
  private let pairs: (near: [Pair], far: [Pair])
  private let relayed: (near: [Relayed], far: [Relayed])
  /// By round and hop of SIP.
  private let finals: [IndexList]
  /// For each message the number of its transaction, -1 for none.
  private let transactions: [Int32]
  /// What the registration shows of the hops.
  package let spans: [HopCoverage.Span]

  /// Of a registration without messages.
  static let empty = FlowIndex()

  private init() {
    (registerMessages, seen, answeredHops, observableHops) = ([], [], HopSet([]), HopSet([]))
    (answeredCommands, hasVectors) = ([], false)
    (pairs, relayed, finals, transactions, spans) = (([], []), ([], []), [], [], [])
  }

  /// - Parameter spans: what the registration shows of the hops.
  static func of(_ flow: Flow, _ spans: [HopCoverage.Span]) -> FlowIndex { FlowIndex(flow, spans) }

  private init(_ flow: borrowing Flow, _ spans: [HopCoverage.Span]) {
    self.spans = spans
    var registerMessages: [Int] = []
    registerMessages.reserveCapacity(flow.messages.count)
    var hasVectors = false
    for index in flow.messages.indices {
      if flow.messages[index].isRegister { registerMessages.append(index) }
      if flow.messages[index].command == .multimediaAuth, !flow.messages[index].asks { hasVectors = true }
    }
    self.registerMessages = registerMessages
    self.hasVectors = hasVectors
    seen = Self.seen(flow)
    var observable = HopSet([])
    for index in flow.hops.indices where flow.hops[index].state == .seen || flow.hops[index].state == .visible {
      observable.insert(flow.hops[index].hop)
    }
    observableHops = observable
    answeredCommands = Self.answeredCommands(flow)
    // An array of one value again and again is made for elements of any type, which is slow.
    var transactions: [Int32] = []
    transactions.reserveCapacity(flow.messages.count)
    for _ in flow.messages.indices { transactions.append(-1) }
    var finals: [IndexList] = []
    finals.reserveCapacity(flow.rounds.count * Hop.sip.count)
    for _ in 0..<flow.rounds.count * Hop.sip.count { finals.append(IndexList()) }
    var answered = HopSet([])
    for number in flow.transactions.indices {
      for index in flow.transactions[number].requests { transactions[index] = Int32(number) }
      for index in flow.transactions[number].responses { transactions[index] = Int32(number) }
      let hop = flow.transactions[number].hop
      if flow.transactions[number].finals.isEmpty { continue }
      if !flow.transactions[number].requests.isEmpty { answered.insert(hop) }
      guard let place = Self.place(hop, flow.transactions[number].round) else { continue }
      // Nearly always there is one transaction.
      if finals[place].isEmpty {
        finals[place] = flow.transactions[number].finals
      } else {
        finals[place] += flow.transactions[number].finals
        finals[place].sort()
      }
    }
    self.transactions = transactions
    self.finals = finals
    answeredHops = answered
    pairs = (Self.pairs(.h0, .h1, flow), Self.pairs(.h1, .h2, flow))
    relayed = (Self.relayed(near: .h0, far: .h1, flow, finals), Self.relayed(near: .h1, far: .h2, flow, finals))
  }

  private static func seen(_ flow: Flow) -> [Seen] {
    var seen: [Seen] = []
    seen.reserveCapacity(12)
    for index in flow.messages.indices where flow.messages[index].isSIP {
      guard let hop = flow.messages[index].hop else { continue }
      let status = flow.messages[index].status
      if !seen.contains(where: { $0.status == status && $0.hop == hop }) { seen.append(Seen(hop: hop, status: status)) }
    }
    return seen
  }

  private static func answeredCommands(_ flow: Flow) -> [CommandCode] {
    var commands: [CommandCode] = []
    commands.reserveCapacity(flow.exchanges.count)
    for number in flow.exchanges.indices {
      guard let request = flow.exchanges[number].request, let answer = flow.exchanges[number].answer,
        let command = flow.messages[request].command ?? flow.messages[answer].command
      else { continue }
      commands.append(command)
    }
    return commands
  }

  // MARK: what is asked

  /// The copies of each request on two neighbouring hops: the outer one is the first that its receiver sent on afterwards.
  package func pairs(_ inner: Hop, _ outer: Hop) -> [Pair] {
    switch (inner, outer) {
    case (.h0, .h1): pairs.near
    case (.h1, .h2): pairs.far
    default: []
    }
  }

  /// Final responses with one status and To tag on two neighbouring hops of one REGISTER, paired in order of time.
  package func relayedFinals(near: Hop, far: Hop) -> [Relayed] {
    switch (near, far) {
    case (.h0, .h1): relayed.near
    case (.h1, .h2): relayed.far
    default: []
    }
  }

  /// The final responses to one REGISTER of the UE on a hop of SIP, in order of time.
  package func finals(of round: Int, on hop: Hop) -> IndexList {
    guard let place = Self.place(hop, round), finals.indices.contains(place) else { return [] }
    return finals[place]
  }

  /// The number of the transaction that a message belongs to.
  package func transaction(of message: Int) -> Int? {
    guard transactions.indices.contains(message), transactions[message] >= 0 else { return nil }
    return Int(transactions[message])
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
    near: Hop, far: Hop, _ flow: Flow, _ finals: [IndexList]
  ) -> [Relayed] {
    var pairs: [Relayed] = []
    pairs.reserveCapacity(flow.rounds.count)
    for round in flow.rounds.indices {
      guard let inner = place(near, round), let outer = place(far, round), !finals[outer].isEmpty else { continue }
      if finals[inner].count == 1, finals[outer].count == 1 {
        let (relayed, received) = (finals[inner][0], finals[outer][0])
        if isSame(relayed, received, flow) { pairs.append(Relayed(relayed: relayed, received: received)) }
        continue
      }
      var received = finals[outer]
      for relayed in finals[inner] {
        // A border element that was captured on both sides has it twice: as many Vias less is nearer.
        let same = received.indices.filter { isSame(relayed, received[$0], flow) }
        if let nearest = same.min(by: {
          flow.messages[received[$0]].facts.viaCount < flow.messages[received[$1]].facts.viaCount
        }) {
          pairs.append(Relayed(relayed: relayed, received: received.remove(at: nearest)))
        }
      }
    }
    return pairs
  }

  /// One response on two hops: by status and To tag.
  private static func isSame(_ relayed: Int, _ received: Int, _ flow: Flow) -> Bool {
    guard flow.messages[relayed].status == flow.messages[received].status, let sip = flow.messages[relayed].sip,
      let copy = flow.messages[received].sip
    else { return false }
    return sip.sharesToTag(with: copy)
  }

  /// The outer request is the first that its receiver sent on after the inner one.
  private static func pairs(_ inner: Hop, _ outer: Hop, _ flow: Flow) -> [Pair] {
    var pairs: [Pair] = []
    pairs.reserveCapacity(flow.rounds.count)
    for transaction in flow.transactions where transaction.hop == outer {
      guard let sent = transaction.requests.first, !isSentOn(within: outer, sent, transaction, flow) else { continue }
      if let received = received(by: sent, on: inner, round: transaction.round, flow) {
        var alike = HeaderSet()
        if let before = flow.messages[received].sip, let after = flow.messages[sent].sip {
          alike = before.alike(in: after, of: Pair.compared)
        }
        pairs.append(Pair(inner: received, outer: sent, alike: alike))
      }
    }
    return pairs
  }

  /// A border element sent it on, which had received it on the same hop.
  private static func isSentOn(within hop: Hop, _ sent: Int, _ transaction: Transaction, _ flow: Flow) -> Bool {
    // The hop before, and this one twice.
    if flow.rounds[transaction.round].transactions.count < 3 { return false }
    guard let forwarded = flow.messages[sent].sip else { return false }
    return flow.transactions.contains { other in
      other.hop == hop && other.round == transaction.round
        && other.requests.contains { received in
          received != sent && flow.messages[received].facts.viaCount < flow.messages[sent].facts.viaCount
            && flow.messages[received].sip.map(forwarded.forwards) ?? false
        }
    }
  }

  /// The request whose own top Via stands below the new one, with branch and transport; where none does, the latest that the
  /// forwarding node had received, unless its Via has neither of the two, or another one names it.
  private static func received(by sent: Int, on inner: Hop, round: Int, _ flow: Flow) -> Int? {
    let limit = flow.messages[sent].time + .milliseconds(1)
    guard let forwarded = flow.messages[sent].sip else { return nil }
    var latest: Int?
    var named: Int?
    for transaction in flow.transactions where transaction.hop == inner && transaction.round == round {
      for request in transaction.requests where flow.messages[request].time <= limit {
        guard let sip = flow.messages[request].sip else { continue }
        if forwarded.forwards(sip) {
          // Of several the one that has most Vias: it came last to the node that sent this one.
          if named.map({ flow.messages[$0].facts.viaCount <= flow.messages[request].facts.viaCount }) ?? true {
            named = request
          }
        } else if !forwarded.forwardsAnother(than: sip) {
          latest = request
        }
      }
    }
    if let named { return named }
    // What another one names was sent on as that.
    guard let latest, let sip = flow.messages[latest].sip else { return nil }
    let isNamed = flow.transactions.contains { other in
      other.hop == flow.messages[sent].hop && other.round == round
        && other.requests.contains { $0 != sent && flow.messages[$0].sip?.forwards(sip) ?? false }
    }
    return isNamed ? nil : latest
  }
}

extension Flow {
  /// The refusal of the node farthest from the UE, in a round.
  package func refusal(in round: Int) -> Int? {
    var farthest: Int?
    for number in rounds[round].transactions {
      for final in transactions[number].finals where messages[final].facts.isRefusal && messages[final].status != 407 {
        let isFarther = farthest.map { known in
          (messages[known].hop ?? .h0, final) < (messages[final].hop ?? .h0, known)
        }
        if isFarther ?? true { farthest = final }
      }
    }
    return farthest
  }

  /// The request that a response answers, on its own hop: the latest one before it. One with another branch and another From tag
  /// is none, nor is one with another branch that came later.
  package func request(of response: Int) -> Int? {
    guard let number = index.transaction(of: response) else { return nil }
    let requests = transactions[number].requests
    let answer = messages[response].facts
    guard let request = requests.last(where: { messages[$0].time <= messages[response].time }) else {
      return requests.first { messages[$0].facts.sharesBranch(with: answer) }
    }
    let asked = messages[request].facts
    return asked.sharesBranch(with: answer) || asked.keys?.fromTag == answer.keys?.fromTag ? request : nil
  }
}
