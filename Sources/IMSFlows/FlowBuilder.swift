import IMSAccess
import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Makes a `Flow` of the messages of one registration, in the order in which an engineer would: places, transactions,
/// parties, what became of it, why.
struct FlowBuilder {
  let ledger: Ledger
  let hosts: Hosts

  func build(_ procedure: Procedure, of partition: Partition, before: Binding?, superseded: Bool) -> Flow {
    var flow = Flow(empty: procedure.start)
    flow.closedAt = procedure.closesAt
    flow.before = before
    flow.messages = procedure.messages.map { index in
      var placed = FlowMessage(partition.messages[index])
      placed.hop = FlowBuilder.hop(of: placed.message, depth: partition.depths[index])
      return placed
    }
    addDNS(to: &flow)
    Transactions.fill(&flow)
    Parties.fill(&flow, ledger: ledger, hosts: hosts)
    describe(&flow)
    Observability.fill(&flow, ledger: ledger)
    flow.kind = KindReader.kind(of: flow, isNetworkInitiated: procedure.isNetworkInitiated)
    moveThirdParty(&flow)
    OutcomeReader(ledger: ledger, superseded: superseded).read(into: &flow)
    flow.mechanism = Mechanism.of(flow)
    Matcher.match(&flow)
    flow.cause = CauseWriter(flow: flow).sentence()
    return flow
  }

  private static func hop(of message: Message, depth: Int?) -> Hop? {
    switch message.body {
    case .sip(_, let keys):
      if keys.method == .register { return depth.map { Hop.sip[min($0, 2)] } }
      return keys.viaCount <= 1 ? .h1 : .h0
    case .diameter(let diameter): return Ledger.hop(of: diameter.command)
    case .dns: return nil
    }
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
    for index in flow.transactions.indices { flow.transactions[index].hop = .a1 }
    flow.parties = []
  }

  // MARK: DNS

  /// DNS exchanges of the P-CSCF between the REGISTER it received and the one it sent, and of the I-CSCF likewise.
  private func addDNS(to flow: inout Flow) {
    var found: [FlowMessage] = []
    for (inner, outer, hop) in [(Hop.h0, Hop.h1, Hop.d1), (.h1, .h2, .d2)] {
      for received in flow.messages where received.hop == inner && received.isRequest {
        guard received.message.keys?.method == .register else { continue }
        found += exchanges(after: received.message, outer: outer, hop: hop, in: flow)
      }
    }
    var known = Set<MessageID>()
    flow.messages += found.filter { known.insert($0.message.id).inserted }
    flow.messages.sort { FlowBuilder.precedes($0.message, $1.message) }
  }

  private func exchanges(after received: Message, outer: Hop, hop: Hop, in flow: Flow) -> [FlowMessage] {
    let node = received.destination.address
    let sent = flow.messages.first {
      $0.hop == outer && $0.message.source.address == node && $0.message.keys?.cseq == received.keys?.cseq
        && $0.isRequest && $0.time >= received.time
    }
    let answered = flow.messages.first {
      $0.message.source.address == node && $0.message.keys?.cseq == received.keys?.cseq
        && ($0.sip?.status ?? 0) >= 200 && $0.time >= received.time
    }
    guard let end = sent?.time ?? answered?.time else { return [] }
    let domain = received.sip?.requestURI.flatMap { SIPURI($0)?.host.lowercased } ?? ""
    let target = sent?.message.sip?.requestURI.flatMap { SIPURI($0)?.host.lowercased } ?? domain
    return ledger.exchanges(of: node, from: received.time, to: end).flatMap { exchange in
      let name = (exchange.query ?? exchange.answer)?.dns?.question?.name.lowercased ?? ""
      guard name.isWithin(domain) || name.isWithin(target) else { return [FlowMessage]() }
      return [exchange.query, exchange.answer].compactMap(\.self).map { message in
        var placed = FlowMessage(message)
        placed.hop = hop
        return placed
      }
    }
  }

  /// The order of a flow: time, then input, then frame.
  static func precedes(_ left: Message, _ right: Message) -> Bool {
    let (a, b) = (left.firstSighting, right.firstSighting)
    return (a.time, a.point.input, a.frames.first, left.id) < (b.time, b.point.input, b.frames.first, right.id)
  }

  // MARK: identities

  private func describe(_ flow: inout Flow) {
    flow.start = flow.messages.first?.time ?? flow.start
    flow.end = flow.messages.last?.time ?? flow.start
    let sip = flow.messages.compactMap(\.sip)
    let diameter = flow.messages.compactMap(\.message.diameter)
    flow.impu =
      sip.lazy.compactMap { $0.to?.uriText }.first ?? registrant(flow)
      ?? diameter.lazy.compactMap(\.publicIdentity).first
    flow.impi =
      sip.lazy.flatMap(\.authorization).compactMap(\.username).first { !$0.isEmpty }
      ?? diameter.lazy.compactMap(\.userName).first
    flow.callIDs = FlowBuilder.distinct(sip.compactMap(\.callID))
    flow.sessionIDs = FlowBuilder.distinct(diameter.compactMap(\.sessionID))
    flow.startSeen = startSeen(flow)
  }

  /// From of a REGISTER whose To stands behind the cut of the capture: the same, but in a third-party registration.
  private func registrant(_ flow: Flow) -> Text? {
    flow.messages.lazy.filter { $0.message.isTruncated && $0.isRegister && $0.isRequest && $0.hop == .h0 }
      .compactMap { $0.sip?.from?.uriText }.first
  }

  /// False when the first message answers something that was not captured.
  private func startSeen(_ flow: Flow) -> Bool {
    let register = flow.messages.first { $0.message.keys?.method == .register }
    guard let first = (register ?? flow.messages.first { $0.message.dns == nil })?.message else { return false }
    if let diameter = first.diameter { return diameter.isRequest }
    guard let sip = first.sip, sip.isRequest else { return false }
    if let before = flow.before, before.callID == first.keys?.callID { return true }
    return !sip.authorization.contains { !($0.nonce?.isEmpty ?? true) }
  }

  private static func distinct(_ texts: [Text]) -> [Text] {
    // A few: comparing costs less than hashing.
    texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension Text {
  /// Is this domain name equal to `domain` or below it?
  func isWithin(_ domain: Text) -> Bool {
    guard !domain.isEmpty, bytes.count >= domain.bytes.count, bytes.suffix(domain.bytes.count) == domain.bytes else {
      return false
    }
    return bytes.count == domain.bytes.count || bytes[bytes.endIndex - domain.bytes.count - 1] == UInt8(ascii: ".")
  }
}

extension Flow {
  init(empty start: Timestamp) {
    self.init(
      kind: .unknown, mechanism: .unknown, outcome: .partial, seenAt: nil, finalStatus: nil, cause: "", stoppedAt: nil,
      impi: nil, impu: nil, callIDs: [], sessionIDs: [], messages: [], rounds: [], transactions: [], exchanges: [],
      parties: [], hops: [], deviations: [], start: start, end: start, closedAt: start, startSeen: true, before: nil)
  }
}
