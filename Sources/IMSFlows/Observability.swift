package import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire

/// What could have been seen: the state of each hop of a flow (§1.4 of the sequence). One serves flow after flow: its lists keep
/// their room.
struct Observability {
  /// That show a hop, one of each recorder.
  private var points: [CapturePoint] = []
  private var recorded = Recorded()
  private static let hops: [Hop] = [.h0, .h1, .c1, .h2, .c2]

  /// Until when each recorder recorded: asked once for all hops.
  private struct Recorded {
    private var known: [(point: CapturePoint, until: Timestamp)] = []

    /// Begins anew.
    mutating func clear() { known.removeAll(keepingCapacity: true) }

    mutating func until(_ point: CapturePoint, _ ledger: Ledger) -> Timestamp {
      for index in known.indices where ledger.recorders.areOne(known[index].point, point) { return known[index].until }
      let until = ledger.recordedUntil(point)
      known.append((point, until))
      return until
    }
  }

  /// - Parameter spans: what the flow shows of the hops.
  mutating func fill(_ flow: inout Flow, _ spans: [HopCoverage.Span], ledger: Ledger) {
    flow.esp = Self.traffic(of: flow, ledger)
    recorded.clear()
    let hops = Self.hops
    flow.hops.reserveCapacity(hops.count)
    for place in hops.indices {
      points.removeAll(keepingCapacity: true)
      for index in spans.indices where spans[index].hop == hops[place] {
        let point = spans[index].point
        if !points.contains(where: { ledger.recorders.areOne($0, point) }) { points.append(point) }
      }
      let view = view(of: hops[place], flow, ledger)
      flow.hops.append(view)
    }
  }

  /// `points` are those that showed the hop; those that would have shown it are added.
  private mutating func view(of hop: Hop, _ flow: Flow, _ ledger: Ledger) -> HopView {
    let isSeen = !points.isEmpty
    if ledger.hasPoint(besides: points) {
      ledger.addPoints(seeing: Self.nodes(of: hop, flow), from: flow.start, to: flow.end, &points)
    }
    var until = Timestamp.distantPast
    for point in points { until = max(until, recorded.until(point, ledger)) }
    let state: HopView.State =
      hop == .h0 && flow.isOpaqueInPart ? .opaque : isSeen ? .seen : points.isEmpty ? .blind : .visible
    var view = HopView(hop: hop, state: state, until: until)
    view.unknown = flow.unknown
    if !ledger.losses.isEmpty {
      let both = flow.parties.indices.filter { [hop.ends.client, hop.ends.server].contains(flow.parties[$0].role) }
      let times = flow.start - LossLedger.slack...flow.end + LossLedger.memory
      view.losses = ledger.losses.losses(
        between: both.map { flow.parties[$0].address }, inputs: points.map(\.input), in: times)
    }
    return view
  }

  private static func traffic(of flow: Flow, _ ledger: Ledger) -> ESPTraffic? {
    guard ledger.hasESP, let ue = flow.parties.first(where: { $0.role == .ue }),
      let proxy = flow.parties.first(where: { $0.role == .pcscf })
    else { return nil }
    return ledger.esp(between: ue.address, proxy.address)
  }

  /// The core nodes of a hop, as far as this flow knows them.
  private static func nodes(of hop: Hop, _ flow: Flow) -> [Ledger.Node] {
    let ends = hop.ends
    // A proxy sent straight to the S-CSCF: there is no H2.
    if hop == .h2, flow.messages.contains(where: { $0.hop == .h1 && $0.to == .scscf }) { return [] }
    let (hasClient, hasServer) = (hop != .h0, hop != .c1 && hop != .c2)
    var nodes: [Ledger.Node] = []
    for index in flow.parties.indices {
      let role = flow.parties[index].role
      let isClient = role == ends.client
      if hasClient && isClient || hasServer && role == ends.server {
        nodes.append(Ledger.Node(hop: hop, isClient: isClient, address: flow.parties[index].address))
      }
    }
    return nodes
  }
}

extension Flow {
  package func view(of hop: Hop) -> HopView {
    for index in hops.indices where hops[index].hop == hop { return hops[index] }
    return HopView(hop: hop, state: .blind, until: .distantPast)
  }

  /// The UE and the P-CSCF talk in IPsec security associations, from the challenge on or since an earlier registration.
  package var usesIPsec: Bool { challengedWithIPsec || (before?.inIPsec ?? false) }

  /// Some REGISTER of the UE travelled in a security association that was not opened: the core shows it, Gm does not.
  package var isOpaqueInPart: Bool {
    usesIPsec && !(esp?.isRead ?? false)
      && (rounds.isEmpty || rounds.indices.contains { !isSeenOnGm($0) } || hasClosedAnswer)
  }

  /// The last that was read on Gm is a challenge with an agreement, and packets that came after it stayed closed.
  package var hasClosedAnswer: Bool {
    guard let esp, esp.closed > 0,
      let index = messages.indices.last(where: {
        messages[$0].hop == .h0 && messages[$0].isRegister && messages[$0].status != 100
      })
    else { return false }
    let last = messages[index]
    return last.status == 401 && last.time < esp.lastClosed
      && last.offersIPsec
  }

  /// Was any message of this REGISTER seen between UE and P-CSCF?
  package func isSeenOnGm(_ round: Int) -> Bool {
    rounds[round].transactions.contains { transactions[$0].hop == .h0 }
  }

  /// The UE was told to go on in IPsec security associations.
  package var challengedWithIPsec: Bool {
    for index in messages.indices where messages[index].status > 0 && messages[index].offersIPsec { return true }
    return false
  }

  /// Why a message that was not seen on this hop in that time may have been sent all the same.
  package func loss(on hop: Hop, from start: Timestamp, to end: Timestamp) -> Unobservable? {
    view(of: hop).loss(from: start, to: end)
  }

  /// What forbids to take the absence of a message on this hop, between two times, for a fact; nil when it is one: the hop
  /// was seen or visible at a capture point that was recording for the whole interval.
  package func obstacle(to hop: Hop, from: Timestamp, for interval: Interval) -> Unobservable? {
    let view = view(of: hop)
    switch view.state {
    case .blind: return .noHop
    case .opaque: return .opaque
    case .seen, .visible:
      if let loss = view.loss(from: from, to: from + interval) { return loss }
      return view.until >= from + interval ? nil : .noEnd
    }
  }
}
