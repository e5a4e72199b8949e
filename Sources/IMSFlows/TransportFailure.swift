import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Finds the ICMP error, TCP reset or SCTP abort that says why an answer never came; nothing is blamed on one that only
/// happened to be there.
struct TransportFailure {
  let ledger: Ledger
  let flow: Flow

  func find() -> Message? {
    if flow.outcome == .abandoned || flow.outcome == .partial && flow.hidesESP { return answerRefused() }
    guard [.unanswered, .rejected].contains(flow.outcome) else { return nil }
    guard let round = flow.rounds.indices.last else { return flow.exchanges.lazy.compactMap(silent).first }
    if let silent = flow.rounds[round].exchanges.lazy.compactMap({ silent(flow.exchanges[$0]) }).first { return silent }
    let transactions = flow.rounds[round].transactions.map { flow.transactions[$0] }
    let unanswered = transactions.filter { finals(of: $0).isEmpty }.sorted { $0.hop > $1.hop }
    if let hit = unanswered.lazy.flatMap(\.requests).compactMap({ event(on: $0) }).first { return hit }
    if flow.outcome == .unanswered {
      // Answers that did not arrive, the outermost first.
      return transactions.sorted { $0.hop < $1.hop }.lazy.flatMap(finals).compactMap { event(on: $0) }.first
    }
    return transactions.sorted { $0.hop > $1.hop }.lazy.compactMap(onward).first
  }

  /// The UE would answer the challenge, and the P-CSCF does not listen where it said that it would.
  private func answerRefused() -> Message? {
    guard let final = flow.lastView.final, let challenge = flow.messages[final].sip, flow.lastView.depth == 0 else {
      return nil
    }
    let start = flow.messages[final].time
    let (proxy, ue) = (flow.messages[final].message.source.address, flow.messages[final].message.destination.address)
    for port in challenge.securityServer.compactMap(\.portS) {
      for transport in [Transport.tcp, .udp] {
        let event = ledger.events.first(
          from: ue, to: Endpoint(proxy, port), transport, in: start...start + flow.customs.timers.awaitDigest)
        if let event { return event }
      }
    }
    return nil
  }

  private func finals(of transaction: Transaction) -> [Int] {
    transaction.responses.filter { flow.messages[$0].status >= 200 }
  }

  /// Of a Cx request without an answer.
  private func silent(_ exchange: Exchange) -> Message? {
    guard exchange.answer == nil, let request = exchange.request else { return nil }
    return event(on: request)
  }

  /// What was said of this very packet, or of its connection, while an answer was due.
  private func event(on index: Int) -> Message? {
    let message = flow.messages[index].message
    let end = message.time + flow.customs.timers.finalResponseUE
    return ledger.events.first(
      from: message.source.address, to: message.destination, message.transport, in: message.time...end)
  }

  /// The node that gave up could not reach the next one: it never sent the request on.
  private func onward(_ transaction: Transaction) -> Message? {
    guard let final = finals(of: transaction).first, let request = transaction.requests.first,
      [408, 480, 500, 503, 504].contains(flow.messages[final].status)
    else { return nil }
    let node = flow.messages[final].message.source.address
    let sentOn = flow.messages.contains {
      $0.isRequest && $0.message.source.address == node && $0.hop != transaction.hop
    }
    let times = (flow.messages[request].time, flow.messages[final].time)
    guard !sentOn, times.0 <= times.1, let event = ledger.events.first(from: node, in: times.0...times.1) else {
      return nil
    }
    // What is said of its answers to the UE is no reason.
    return event.event?.destination.address == flow.messages[request].message.source.address ? nil : event
  }
}

extension Message {
  /// "10.20.0.20:4060 reset the TCP connection", "ICMP port unreachable from 10.20.0.20".
  var eventText: String {
    guard let event else { return "" }
    switch event.kind {
    case .icmp, .icmpv6: return "\(event.name) from \(source.address) for \(event.destination)"
    case .reset: return "\(source) reset the TCP connection"
    case .abort: return "\(source) aborted the SCTP association"
    }
  }
}
