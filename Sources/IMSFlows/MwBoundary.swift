import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Where H1 ends: whether the deepest leg of a REGISTER still leads to the I-CSCF, when border elements stand before it
/// (TS 24.229 §5.10). The hosts file says so, or who asks the HSS for the user's authorization, or else what that REGISTER says of its
/// sender.
struct MwBoundary {
  let hosts: Hosts
  /// Who sent a UAR for this subscriber.
  private var asking: [IPAddress] = []
  /// Who sent a MAR or SAR.
  private var serving: [IPAddress] = []

  init(hosts: Hosts) { self.hosts = hosts }

  mutating func clear() {
    asking.removeAll(keepingCapacity: true)
    serving.removeAll(keepingCapacity: true)
  }

  mutating func note(_ facts: borrowing MessageFacts) {
    guard let command = facts.command, facts.asks else { return }
    let address = facts.source.address
    switch command {
    case .userAuthorization: if !asking.contains(address) { asking.append(address) }
    case .multimediaAuth, .serverAssignment: if !serving.contains(address) { serving.append(address) }
    default: break
    }
  }

  /// The greatest depth that belongs to H1: what lies beyond is behind the I-CSCF.
  ///
  /// - Parameters:
  ///   - requests: of one REGISTER, some of them deeper than 1.
  ///   - depths: as the Vias or the chain of nodes tell them.
  func lastOfH1(
    _ requests: [Int], _ messages: [Message], _ facts: [MessageFacts], _ depths: [Int], _ ledger: Ledger
  ) -> Int {
    var deepest = 0
    for index in requests { deepest = max(deepest, depths[index]) }
    for index in requests where depths[index] == deepest {
      let leg = facts[index]
      let known = byHosts(leg) ?? bySubscriber(leg) ?? byOthers(leg, ledger)
      if let leadsToICSCF = known { return leadsToICSCF ? deepest : deepest - 1 }
    }
    let isOfBorder = requests.contains { index in
      depths[index] == deepest && isSentByBorder(messages[index])
        // Nodes that share an address say nothing by it.
        && !requests.contains { depths[$0] < deepest && facts[$0].source.address == facts[index].source.address }
    }
    return isOfBorder ? deepest : deepest - 1
  }

  // MARK: does this leg lead to an I-CSCF? Nil where that is not known

  private func byHosts(_ leg: MessageFacts) -> Bool? {
    if hosts.isEmpty { return nil }
    switch (hosts.role(of: leg.source), hosts.role(of: leg.destination)) {
    case (_, .icscf?): return true
    case (.icscf?, _), (_, .scscf?): return false
    default: return nil
    }
  }

  private func bySubscriber(_ leg: MessageFacts) -> Bool? {
    func asks(_ node: Endpoint) -> Bool { asking.contains(node.address) && !serving.contains(node.address) }
    return tells(asks(leg.source), asks(leg.destination))
  }

  /// Who asked for other subscribers before, and never as an S-CSCF does.
  private func byOthers(_ leg: MessageFacts, _ ledger: Ledger) -> Bool? {
    func asks(_ node: Endpoint) -> Bool {
      ledger.sends(.userAuthorization, node.address, before: leg.time)
        && !ledger.serves(node.address, before: leg.time)
    }
    return tells(asks(leg.source), asks(leg.destination))
  }

  private func tells(_ source: Bool, _ destination: Bool) -> Bool? { source == destination ? nil : destination }

  /// Its sender put itself onto the Path, which no I-CSCF does, and left the home domain in the Request-URI, where an I-CSCF
  /// puts the S-CSCF (TS 24.229 §5.3.1.2).
  private func isSentByBorder(_ message: Message) -> Bool {
    guard let sip = message.sip, sip.has(.path), let entry = sip.path.first, let own = sip.firstVia?.sentBy,
      let target = sip.requestURI.flatMap({ SIPURI($0) }), target.user == nil, let home = sip.to?.uri.host,
      target.host.equalsIgnoringCase(home), entry.uri.port ?? 5060 == own.port ?? 5060
    else { return false }
    return entry.uri.host.equalsIgnoringCase(own.host) || IPAddress(entry.uri.host) == message.source.address
  }
}
