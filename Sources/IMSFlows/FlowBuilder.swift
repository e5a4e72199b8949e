import IMSAccess
package import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSSecrets
import IMSWire

/// Makes a `Flow` of the messages of one registration, in the order in which an engineer would: places, transactions,
/// parties, what became of it, why.
struct FlowBuilder {
  let ledger: Ledger
  let hosts: Hosts
  let customs: Customs
  let keys: SubscriberKeys

  func build(
    _ procedure: Procedure, of partition: Partition, before: Binding?, superseded: Bool,
    unknown: ClosedRange<Timestamp>?
  ) -> Flow {
    var flow = Flow(empty: procedure.start)
    flow.unknown = unknown
    flow.closedAt = procedure.closesAt
    flow.before = before
    flow.customs = customs
    flow.messages = procedure.messages.map { index in
      var placed = FlowMessage(partition.messages[index])
      placed.hop = FlowBuilder.hop(of: partition.messages[index], depth: partition.depths[index])
      return placed
    }
    addDNS(to: &flow)
    addAccess(to: &flow)
    Transactions.fill(&flow)
    Parties.fill(&flow, ledger: ledger, hosts: hosts)
    describe(&flow)
    Observability.fill(&flow, ledger: ledger)
    flow.kind = KindReader.kind(of: flow, isNetworkInitiated: procedure.isNetworkInitiated)
    moveThirdParty(&flow)
    OutcomeReader(ledger: ledger, superseded: superseded).read(into: &flow)
    if !ledger.events.isEmpty { flow.failure = TransportFailure(ledger: ledger, flow: flow).find() }
    flow.mechanism = Mechanism.of(flow)
    Matcher.match(&flow)
    flow.index = FlowIndex(flow)
    flow.facts = FlowFacts(flow, keys)
    if !flow.outcome.isGood || flow.rounds.count > 2 { flow.trouble = FlowTrouble(flow) }
    flow.cause = CauseWriter(flow: flow).sentence()
    return flow
  }

  private static func hop(of message: Message, depth: Int) -> Hop? {
    if let keys = message.keys {
      if keys.method == .register { return depth < 0 ? nil : Hop.sip[min(depth, 2)] }
      return keys.viaCount <= 1 ? .h1 : .h0
    }
    return message.diameter.flatMap { Ledger.hop(of: $0.command) }
  }

  /// A third-party REGISTER travels from the S-CSCF to an application server, not on Gm.
  private func moveThirdParty(_ flow: inout Flow) {
    guard flow.kind == .thirdParty else { return }
    for index in flow.messages.indices where flow.messages[index].sip != nil {
      flow.messages[index].hop = .a1
      let forward = flow.messages[index].sip?.isRequest ?? true
      flow.messages[index].from = forward ? .scscf : .applicationServer
      flow.messages[index].to = forward ? .applicationServer : .scscf
    }
    flow.transactions = flow.transactions.map {
      Transaction(hop: .a1, round: $0.round, requests: $0.requests, responses: $0.responses, finals: $0.finals)
    }
    flow.parties = []
  }

  // MARK: access and DNS

  private func addAccess(to flow: inout Flow) {
    if ledger.access.isEmpty { return }
    flow.startSeen = startSeen(flow)
    let found = AccessReader(ledger: ledger).messages(for: flow)
    for message in found { insert(message, into: &flow) }
  }

  /// DNS exchanges of the P-CSCF between the REGISTER it received and the one it sent, and of the I-CSCF likewise.
  private func addDNS(to flow: inout Flow) {
    var found: [FlowMessage] = []
    for (inner, outer, hop) in [(Hop.h0, Hop.h1, Hop.d1), (.h1, .h2, .d2)] {
      for index in flow.messages.indices where flow.messages[index].hop == inner && flow.messages[index].isRequest {
        guard flow.messages[index].isRegister else { continue }
        addExchanges(after: index, outer: outer, hop: hop, in: flow, to: &found)
      }
    }
    for message in found where !flow.messages.contains(where: { $0.message.id == message.message.id }) {
      insert(message, into: &flow)
    }
  }

  /// Into its place: most belong near the end.
  private func insert(_ message: FlowMessage, into flow: inout Flow) {
    let place = message.message.place
    let behind = flow.messages.indices.last { flow.messages[$0].message.place < place }
    flow.messages.insert(message, at: behind.map { $0 + 1 } ?? 0)
  }

  private func addExchanges(
    after received: Int, outer: Hop, hop: Hop, in flow: Flow, to found: inout [FlowMessage]
  ) {
    let message = flow.messages[received].message
    let node = message.destination.address
    let cseq = message.keys?.cseq
    // What the node sent next: the REGISTER on the outer hop, or else its own final answer.
    func firstSent(_ isIt: (FlowMessage) -> Bool) -> Int? {
      flow.messages.indices.first { index in
        isIt(flow.messages[index]) && flow.messages[index].time >= message.time
          && flow.messages[index].message.source.address == node && flow.messages[index].message.keys?.cseq == cseq
      }
    }
    let sent = firstSent { $0.isRequest && $0.hop == outer }
    guard let end = sent ?? firstSent({ $0.status >= 200 }) else { return }
    let exchanges = ledger.exchanges(of: node, from: message.time, to: flow.messages[end].time)
    if exchanges.isEmpty { return }
    let domain = message.sip?.requestURI.flatMap { SIPURI($0)?.host } ?? ""
    let target = sent.flatMap { flow.messages[$0].sip?.requestURI }.flatMap { SIPURI($0)?.host } ?? domain
    // An alias, a service or a rewriting rule may lead into another domain.
    var targets: [Text] = []
    for exchange in exchanges {
      let name = (exchange.query ?? exchange.answer)?.dns?.question?.name ?? ""
      guard name.isWithin(domain) || name.isWithin(target) || targets.contains(where: { $0.equalsIgnoringCase(name) })
      else { continue }
      targets += exchange.answer?.dns?.targets ?? []
      for message in [exchange.query, exchange.answer].compactMap(\.self) {
        var placed = FlowMessage(message)
        placed.hop = hop
        found.append(placed)
      }
    }
  }

  // MARK: identities

  private func describe(_ flow: inout Flow) {
    // From the first REGISTER on: the UE may have been attached for hours.
    flow.start = flow.messages.firstIndex { !$0.isAccess }.map { flow.messages[$0].time } ?? flow.start
    flow.end = flow.messages.lastIndex { !$0.isAccess }.map { flow.messages[$0].time } ?? flow.start
    for index in flow.messages.indices {
      if let sip = flow.messages[index].sip {
        if flow.impu == nil { flow.impu = sip.to?.uriText }
        if flow.impi == nil { flow.impi = sip.authorization.lazy.compactMap(\.username).first { !$0.isEmpty } }
        if let callID = flow.messages[index].message.callID, !flow.callIDs.contains(callID) {
          flow.callIDs.append(callID)
        }
      } else if let diameter = flow.messages[index].message.diameter, let session = diameter.sessionID {
        if !flow.sessionIDs.contains(session) { flow.sessionIDs.append(session) }
      }
    }
    if flow.impu == nil { flow.impu = registrant(flow) }
    if flow.impu == nil || flow.impi == nil {
      let diameter = flow.messages.compactMap(\.message.diameter)
      flow.impu = flow.impu ?? diameter.lazy.compactMap(\.publicIdentity).first
      flow.impi = flow.impi ?? diameter.lazy.compactMap(\.userName).first
    }
    flow.startSeen = startSeen(flow)
  }

  /// From of a REGISTER whose To stands behind the cut of the capture: the same, but in a third-party registration.
  private func registrant(_ flow: Flow) -> Text? {
    flow.messages.lazy.filter { $0.message.isTruncated && $0.isRegister && $0.isRequest && $0.hop == .h0 }
      .compactMap { $0.sip?.from?.uriText }.first
  }

  /// False when the first message answers something that was not captured.
  private func startSeen(_ flow: Flow) -> Bool {
    let register = flow.messages.firstIndex { $0.isRegister }
    guard let index = register ?? flow.messages.firstIndex(where: { $0.message.isOfRegistration }) else { return false }
    let first = flow.messages[index].message
    if let diameter = first.diameter { return diameter.isRequest }
    guard let sip = first.sip, sip.isRequest else { return false }
    if let before = flow.before, before.callID == first.keys?.callID { return !before.wasGivenUp }
    return !sip.authorization.contains { !($0.nonce?.isEmpty ?? true) }
  }
}

extension Text {
  /// Is this domain name equal to `domain` or below it, in letters of either case?
  func isWithin(_ domain: Text) -> Bool {
    guard !domain.isEmpty, bytes.count >= domain.bytes.count,
      Text(bytes.suffix(domain.bytes.count)).equalsIgnoringCase(domain)
    else { return false }
    return bytes.count == domain.bytes.count || bytes[bytes.endIndex - domain.bytes.count - 1] == UInt8(ascii: ".")
  }
}

extension Flow {
  package init(empty start: Timestamp) {
    self.init(
      kind: .unknown, mechanism: .unknown, outcome: .partial, seenAt: nil, finalStatus: nil, cause: "", stoppedAt: nil,
      failure: nil,
      impi: nil, impu: nil, callIDs: [], sessionIDs: [], messages: [], rounds: [], transactions: [], exchanges: [],
      parties: [], hops: [], deviations: [], start: start, end: start, closedAt: start, startSeen: true, before: nil)
  }
}
