import IMSAccess
package import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSSecrets
import IMSWire

/// Makes a `Flow` of the messages of one registration, in the order in which an engineer would: places, transactions,
/// parties, what became of it, why. One makes flow after flow: its lists keep their room.
struct FlowBuilder: Sendable {
  private let hosts: Hosts
  private let customs: Customs
  private let keys: SubscriberKeys
  private var pairing = CxPairing()
  /// Of the rows of a pass.
  private var placed: [Int] = []
  private var observability = Observability()
  private var profileParts = ProfileParts()

  init(hosts: Hosts, customs: Customs, keys: SubscriberKeys) {
    self.hosts = hosts
    self.customs = customs
    self.keys = keys
  }

  /// - Parameter number: of the procedure.
  mutating func build(
    _ number: Int, of partition: Partition, _ ledger: Ledger, before: Binding?, unknown: ClosedRange<Timestamp>?
  ) -> Flow {
    var flow = Flow(empty: partition.procedures[number].start)
    fill(&flow, number, of: partition, ledger, before: before, unknown: unknown)
    return flow
  }

  // Not where it is made: what is returned would be copied once more.
  private mutating func fill(
    _ flow: inout Flow, _ number: Int, of partition: Partition, _ ledger: Ledger, before: Binding?,
    unknown: ClosedRange<Timestamp>?
  ) {
    let procedure = partition.procedures[number]
    let members = partition.messages(of: number)
    flow.recorders = ledger.recorders
    flow.unknown = unknown
    flow.closedAt = procedure.closesAt
    flow.before = before
    flow.customs = customs
    // And a question to DNS with its answer for each REGISTER that is sent on.
    flow.messages.reserveCapacity(members.count + 8)
    for index in members {
      let hop = FlowBuilder.hop(of: partition.facts[index], depth: partition.depths[index])
      flow.messages.append(
        FlowMessage(
          partition.messages[index], partition.facts[index], partition.authentication[index], partition.readings[index],
          on: hop))
    }
    flow.digests = partition.digests
    addDNS(to: &flow, ledger)
    addAccess(to: &flow, ledger)
    Transactions.fill(&flow, &pairing, ledger.clocks)
    Parties.fill(&flow, ledger: ledger, hosts: hosts)
    describe(&flow)
    var spans = HopCoverage.spans(of: flow)
    observability.fill(&flow, spans, ledger: ledger)
    var superseded = partition.superseded(number)
    if RecorderLoss.note(in: &flow, ledger, followedAt: superseded) { superseded = nil }
    flow.kind = KindReader.kind(of: flow, isNetworkInitiated: procedure.isNetworkInitiated)
    if flow.kind == .thirdParty {
      moveThirdParty(&flow)
      spans = HopCoverage.spans(of: flow)
    }
    flow.lastView = OutcomeReader.lastView(of: flow)
    OutcomeReader(isSuperseded: superseded != nil).read(into: &flow, ledger)
    if flow.finalStatus == nil { endWithLastSending(&flow) }
    if !ledger.events.isEmpty { flow.failure = TransportFailure(ledger: ledger, flow: flow).find() }
    // What the UE could not send is in no ESP.
    if flow.failure != nil, flow.outcome == .partial { (flow.hidesESP, flow.outcome) = (false, .abandoned) }
    flow.mechanism = Mechanism.of(flow)
    Matcher.match(&flow, &placed)
    flow.index = FlowIndex.of(flow, spans)
    flow.facts = FlowFacts.of(flow, keys, &profileParts)
    if !flow.outcome.isGood || flow.rounds.count > 2 || Self.isSentAgain(flow) {
      flow.trouble = FlowTrouble(flow, ledger)
    }
  }

  /// Whoever got no answer tried for so long.
  private func endWithLastSending(_ flow: inout Flow) {
    for index in flow.messages.indices where flow.messages[index].isRegister && flow.messages[index].isRequest {
      guard let last = flow.messages[index].message.transmissions.last else { continue }
      flow.end = max(flow.end, last.time)
    }
  }

  /// Some REGISTER, on whichever hop: what it asked for may have been lost.
  private static func isSentAgain(_ flow: borrowing Flow) -> Bool {
    for index in flow.messages.indices where flow.messages[index].isRegister && flow.messages[index].isRequest {
      if flow.messages[index].message.sendings > 1 { return true }
    }
    return false
  }

  private static func hop(of facts: MessageFacts, depth: Int) -> Hop? {
    if facts.isRegister { return depth < 0 ? nil : Hop.sip(at: depth) }
    if facts.isSIP { return facts.viaCount <= 1 ? .h1 : .h0 }
    return facts.command.flatMap { Ledger.hop(of: $0) }
  }

  /// A third-party REGISTER travels from the S-CSCF to an application server, not on Gm.
  private func moveThirdParty(_ flow: inout Flow) {
    for index in flow.messages.indices where flow.messages[index].sip != nil {
      flow.messages[index].hop = .a1
      let forward = flow.messages[index].sip?.isRequest ?? true
      flow.messages[index].from = forward ? .scscf : .applicationServer
      flow.messages[index].to = forward ? .applicationServer : .scscf
    }
    for number in flow.transactions.indices { flow.transactions[number].hop = .a1 }
    flow.parties = []
  }

  // MARK: access and DNS

  private func addAccess(to flow: inout Flow, _ ledger: Ledger) {
    if ledger.access.isEmpty { return }
    flow.startSeen = startSeen(flow)
    let found = AccessReader(ledger: ledger).messages(for: flow)
    for message in found { insert(message, into: &flow) }
  }

  /// DNS exchanges of the P-CSCF between the REGISTER it received and the one it sent, and of the I-CSCF likewise.
  private func addDNS(to flow: inout Flow, _ ledger: Ledger) {
    if ledger.dns.isEmpty { return }
    var found: [FlowMessage] = []
    addExchanges(from: .h0, to: .h1, hop: .d1, in: flow, ledger, &found)
    addExchanges(from: .h1, to: .h2, hop: .d2, in: flow, ledger, &found)
    for index in found.indices {
      let id = found[index].message.id.value
      if !flow.messages.indices.contains(where: { flow.messages[$0].message.id.value == id }) {
        insert(found[index], into: &flow)
      }
    }
  }

  private func addExchanges(
    from inner: Hop, to outer: Hop, hop: Hop, in flow: Flow, _ ledger: Ledger, _ found: inout [FlowMessage]
  ) {
    for index in flow.messages.indices
    where flow.messages[index].hop == inner && flow.messages[index].isRequest && flow.messages[index].isRegister {
      addExchanges(after: index, outer: outer, hop: hop, in: flow, ledger, &found)
    }
  }

  /// Into its place: most belong near the end.
  private func insert(_ message: FlowMessage, into flow: inout Flow) {
    var place = flow.messages.count
    func isBefore(_ index: Int) -> Bool {
      let time = flow.messages[index].time
      return time != message.time ? time < message.time : flow.messages[index].message.place < message.message.place
    }
    while place > 0, !isBefore(place - 1) { place -= 1 }
    flow.messages.insert(message, at: place)
  }

  private func addExchanges(
    after received: Int, outer: Hop, hop: Hop, in flow: Flow, _ ledger: Ledger, _ found: inout [FlowMessage]
  ) {
    let begin = flow.messages[received].time
    let node = flow.messages[received].facts.destination.address
    let cseq = flow.messages[received].facts.keys?.cseq
    // What the node sent next: the REGISTER on the outer hop, or else its own final answer.
    var (sent, answered): (Int?, Int?)
    var first = received
    while first > 0, flow.messages[first - 1].time >= begin { first -= 1 }
    for index in first..<flow.messages.count
    where flow.messages[index].facts.source.address == node && flow.messages[index].facts.keys?.cseq == cseq {
      if flow.messages[index].isRequest, flow.messages[index].hop == outer {
        sent = index
        break
      }
      if flow.messages[index].status >= 200 { answered = answered ?? index }
    }
    guard let end = sent ?? answered else { return }
    let exchanges = ledger.exchanges(of: node, from: begin, to: flow.messages[end].time)
    if exchanges.isEmpty { return }
    // A question and its answer for each of two nodes.
    if found.isEmpty { found.reserveCapacity(4) }
    let domain = flow.messages[received].sip?.requestURI.flatMap { SIPURI($0)?.host } ?? ""
    let target = sent.flatMap { flow.messages[$0].sip?.requestURI }.flatMap { SIPURI($0)?.host } ?? domain
    // An alias, a service or a rewriting rule may lead into another domain.
    var targets: [Text] = []
    for exchange in exchanges {
      let name = (exchange.query ?? exchange.answer)?.dns?.question?.name ?? ""
      guard name.isWithin(domain) || name.isWithin(target) || targets.contains(where: { $0.equalsIgnoringCase(name) })
      else { continue }
      targets += exchange.answer?.dns?.targets ?? []
      if let query = exchange.query { add(query, on: hop, to: &found) }
      if let answer = exchange.answer { add(answer, on: hop, to: &found) }
    }
  }

  private func add(_ message: Message, on hop: Hop, to found: inout [FlowMessage]) {
    found.append(FlowMessage(message, on: hop))
  }

  // MARK: identities

  private func describe(_ flow: inout Flow) {
    // From the first REGISTER on: the UE may have been attached for hours.
    flow.start =
      flow.messages.indices.first { !flow.messages[$0].isAccess }.map { flow.messages[$0].time } ?? flow.start
    flow.end = flow.messages.indices.last { !flow.messages[$0].isAccess }.map { flow.messages[$0].time } ?? flow.start
    var known: Fingerprint?
    var (publicIdentity, privateIdentity): (Text?, Text?)
    var (hasPublic, hasPrivate) = (false, false)
    for index in flow.messages.indices {
      if flow.messages[index].isSIP {
        if !hasPublic || !hasPrivate, let sip = flow.messages[index].sip {
          if !hasPublic, let to = sip.to?.uriText { (publicIdentity, hasPublic) = (to, true) }
          if !hasPrivate, let user = sip.authorizedName { (privateIdentity, hasPrivate) = (user, true) }
        }
        // Of a message that was cut the key may be another's.
        let key = flow.messages[index].facts.isTruncated ? nil : flow.messages[index].facts.keys?.callID
        if let key, key == known { continue }
        known = key
        if let callID = flow.messages[index].message.callID, !flow.callIDs.contains(callID) {
          flow.callIDs.append(callID)
        }
      } else if let session = flow.messages[index].diameter?.sessionID, !flow.sessionIDs.contains(session) {
        if flow.sessionIDs.isEmpty { flow.sessionIDs.reserveCapacity(4) }
        flow.sessionIDs.append(session)
      }
    }
    flow.impi = privateIdentity
    flow.impu = publicIdentity ?? registrant(flow)
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
    let register = flow.messages.indices.first { flow.messages[$0].isRegister }
    let first = register ?? flow.messages.indices.first { flow.messages[$0].isSIP || flow.messages[$0].command != nil }
    guard let first else { return false }
    if !flow.messages[first].isSIP { return flow.messages[first].asks }
    if !flow.messages[first].isRequest { return false }
    if let before = flow.before, before.callID == flow.messages[first].facts.keys?.callID {
      return !before.wasGivenUp
    }
    return !flow.messages[first].authentication.hasNonce
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
      kind: .unknown, mechanism: .unknown, outcome: .partial, seenAt: nil, finalStatus: nil, stoppedAt: nil,
      failure: nil,
      impi: nil, impu: nil, callIDs: [], sessionIDs: [], messages: [], rounds: [], transactions: [], exchanges: [],
      parties: [], hops: [], deviations: [], start: start, end: start, closedAt: start, startSeen: true, before: nil)
  }
}
