import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Where H1 ends: which node is the I-CSCF, when border elements stand between it and the P-CSCF (TS 24.229 §5.10). The hosts file
/// says so, or who asks the HSS for the user's authorization, or else what the last REGISTER of the chain says of its sender.
struct MwBoundary {
  let hosts: Hosts
  /// Who sent a UAR for this subscriber.
  private var asking: [IPAddress] = []

  init(hosts: Hosts) { self.hosts = hosts }

  mutating func clear() { asking.removeAll(keepingCapacity: true) }

  mutating func note(_ facts: MessageFacts) {
    guard facts.command == .userAuthorization, facts.asks, !asking.contains(facts.source.address) else { return }
    asking.append(facts.source.address)
  }

  /// The greatest depth that belongs to H1: what lies beyond is behind the I-CSCF.
  ///
  /// - Parameters:
  ///   - requests: of one REGISTER, some of them deeper than 1.
  ///   - depths: as the Vias or the chain of nodes tell them.
  func lastOfH1(
    _ requests: [Int], _ messages: [Message], _ facts: [MessageFacts], _ depths: [Int], _ ledger: Ledger
  ) -> Int {
    var deepest = requests[0]
    for index in requests where depths[index] > depths[deepest] { deepest = index }
    let known =
      last(requests, facts, depths) { isInterrogatingHere($0) }
      ?? last(requests, facts, depths) { isInterrogating($0, ledger) }
    if let known { return known }
    return isSentByBorder(messages[deepest]) ? depths[deepest] : depths[deepest] - 1
  }

  private func last(
    _ requests: [Int], _ facts: [MessageFacts], _ depths: [Int], _ isInterrogating: (Endpoint) -> Bool
  ) -> Int? {
    var (last, limit): (Int?, Int?)
    for index in requests where depths[index] > 0 {
      switch (isInterrogating(facts[index].source), isInterrogating(facts[index].destination)) {
      case (false, true): last = max(last ?? 0, depths[index])
      case (true, false): limit = min(limit ?? .max, depths[index] - 1)
      default: break
      }
    }
    return (last ?? limit).map { max(1, $0) }
  }

  private func isInterrogatingHere(_ node: Endpoint) -> Bool {
    if let role = hosts.role(of: node) { return role == .icscf }
    return asking.contains(node.address)
  }

  /// It asked for other subscribers, and never as an S-CSCF does.
  private func isInterrogating(_ node: Endpoint, _ ledger: Ledger) -> Bool {
    ledger.sends(.userAuthorization, node.address) && !ledger.sends(.multimediaAuth, node.address)
      && !ledger.sends(.serverAssignment, node.address)
  }

  /// Its sender put itself onto the Path, which no I-CSCF does, and left the home domain in the Request-URI, where an I-CSCF
  /// puts the S-CSCF (TS 24.229 §5.3.1.2).
  private func isSentByBorder(_ message: Message) -> Bool {
    guard let sip = message.sip, sip.has(.path), let entry = sip.path.first, let own = sip.firstVia?.sentBy.host,
      let target = sip.requestURI.flatMap({ SIPURI($0) }), target.user == nil, let home = sip.to?.uri.host,
      target.host.equalsIgnoringCase(home)
    else { return false }
    return entry.uri.host.equalsIgnoringCase(own) || IPAddress(entry.uri.host) == message.source.address
  }
}
