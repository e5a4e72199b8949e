import IMSBytes
import IMSMessages
import IMSWire

/// A SIP message that left its sender and never reached the next node: captured on its way, each time that it was sent, and
/// never at the capture point of the node that it was for.
package struct LostMessage: Sendable, Equatable, BitwiseCopyable {
  /// Index into `Flow.messages`.
  package var message: Int
  package var hop: Hop
  package var from: Role
  package var to: Role
}

/// Finds what was lost between two capture points of one hop. A loss is claimed only where the receiver's own point was
/// recording before and after, and lost nothing itself, and where those who talk to each other behave accordingly: nobody answers
/// a request that was lost, and who lacks a response asks again or refuses by itself (RFC 3261 §16.8, §17.1.2.2).
struct LossFinder {
  /// A capture point, what of this registration it showed, and from when to when it recorded: from its first message on.
  private struct Point {
    var point: CapturePoint
    var hops = HopSet([])
    var first = Timestamp.distantFuture
    var last = Timestamp.distantPast
  }

  private let flow: Flow
  private let points: [Point]

  init(_ flow: Flow, _ ledger: Ledger) {
    self.flow = flow
    points = LossFinder.points(of: flow, ledger)
  }

  /// The requests and final responses of REGISTER that were lost, in order of time.
  func all() -> [LostMessage] {
    if points.count < 2 { return [] }
    var receivers: [(role: Role, hop: Hop, points: [Point])] = []
    var lost: [LostMessage] = []
    for index in flow.messages.indices where flow.messages[index].isRegister {
      guard flow.messages[index].isRequest || flow.messages[index].status >= 200,
        // What a stream carries is sent again below: a packet that is missing is no message that is.
        flow.messages[index].message.transport == .udp, let hop = flow.messages[index].hop, Hop.sip.contains(hop),
        let from = flow.messages[index].from, let to = flow.messages[index].to
      else { continue }
      if !receivers.contains(where: { $0.role == to && $0.hop == hop }) {
        receivers.append((to, hop, points(of: to, on: hop)))
      }
      let ends = receivers.first { $0.role == to && $0.hop == hop }?.points ?? []
      if isLost(flow.messages[index].message, on: hop, before: ends), !hasArrived(index) {
        lost.append(LostMessage(message: index, hop: hop, from: from, to: to))
      }
    }
    return lost
  }

  private func isLost(_ message: Message, on hop: Hop, before ends: [Point]) -> Bool {
    if ends.isEmpty { return false }
    return message.transmissions.allSatisfy { transmission in
      let isSeen = ends.contains { transmission.seen(at: $0.point) != nil }
      let isRecorded = ends.contains { $0.first <= transmission.time && transmission.time <= $0.last }
      return !isSeen && isRecorded && flow.loss(on: hop, from: transmission.time, to: transmission.time) == nil
    }
  }

  /// As far as others tell.
  private func hasArrived(_ index: Int) -> Bool {
    guard let number = flow.index.transaction(of: index) else { return false }
    let (hop, round) = (flow.transactions[number].hop, flow.transactions[number].round)
    if flow.messages[index].isRequest { return !flow.transactions[number].responses.isEmpty }
    let time = flow.messages[index].time
    return !flow.rounds[round].transactions.contains { other in
      let transaction = flow.transactions[other]
      func isLater(_ message: Int) -> Bool { flow.messages[message].message.isSent(after: time) }
      return transaction.hop == hop && transaction.requests.contains(where: isLater)
        || transaction.hop < hop
          && transaction.finals.contains { RecorderLoss.isOwn(flow.messages[$0].status) && isLater($0) }
    }
  }

  // MARK: capture points

  private static func points(of flow: Flow, _ ledger: Ledger) -> [Point] {
    var points: [Point] = []
    for index in flow.messages.indices {
      guard let hop = flow.messages[index].hop, !flow.messages[index].isDNS, !flow.messages[index].isAccess else {
        continue
      }
      flow.messages[index].message.forEachAppearance { sighting in
        let known = points.firstIndex { $0.point == sighting.point }
        if known == nil { points.append(Point(point: sighting.point)) }
        let place = known ?? points.count - 1
        points[place].hops.insert(hop)
        points[place].first = min(points[place].first, sighting.time)
        points[place].last = max(points[place].last, sighting.time)
      }
    }
    if points.count > 1 {
      for place in points.indices {
        points[place].last = max(points[place].last, ledger.recordedUntil(points[place].point))
      }
    }
    return points
  }

  /// Where what a node receives on a hop is captured: at the node itself, known by the hops that meet in it alone. The UE is
  /// stood for by the point nearest to it.
  private func points(of role: Role, on hop: Hop) -> [Point] {
    if role != .ue { return points.filter { LossFinder.node(of: $0.hops) == role && $0.hops.contains(hop) } }
    let requests = flow.messages.indices.filter {
      flow.messages[$0].hop == .h0 && flow.messages[$0].isRegister && flow.messages[$0].isRequest
    }
    guard hop == .h0, let nearest = RoundView.pointNearestToSender(requests.map { flow.messages[$0].message }) else {
      return []
    }
    return points.filter { $0.point == nearest && LossFinder.node(of: $0.hops) == nil }
  }

  /// The node whose interfaces show these hops and no others; nil for a wire, or where it could be several.
  private static func node(of hops: HopSet) -> Role? {
    switch (hops.contains(.h0), hops.contains(.h1), hops.contains(.c1), hops.contains(.h2), hops.contains(.c2)) {
    case (true, true, false, false, false): .pcscf
    case (false, true, true, _, false), (false, true, false, true, false): .icscf
    case (false, false, false, true, true): .scscf
    default: nil
    }
  }
}

extension Flow {
  /// Was this message lost on its way?
  package func isLost(_ message: Int) -> Bool { lost.contains { $0.message == message } }

  /// Of those, the ones of a REGISTER of the UE.
  func lost(in round: Int) -> [LostMessage] {
    lost.filter { loss in index.transaction(of: loss.message).map { transactions[$0].round == round } ?? false }
  }
}
