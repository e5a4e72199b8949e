import IMSMessages
package import IMSWire

extension Flow {
  /// Who sent on a REGISTER that had come on the same hop, and did not ask the HSS as an I-CSCF does: border elements between P-CSCF and
  /// I-CSCF (TS 24.229 §5.10).
  package var borders: [IPAddress] {
    var borders: [IPAddress] = []
    for round in rounds.indices where rounds[round].transactions.count > 1 {
      for number in rounds[round].transactions where transactions[number].hop == .h1 {
        guard let sent = transactions[number].requests.first else { continue }
        let sender = messages[sent].facts.source.address
        if !borders.contains(sender), hasReceived(sender, in: round), !asksHSS(sender) { borders.append(sender) }
      }
    }
    return borders
  }

  private func hasReceived(_ node: IPAddress, in round: Int) -> Bool {
    rounds[round].transactions.contains { number in
      guard transactions[number].hop == .h1, let request = transactions[number].requests.first else { return false }
      let facts = messages[request].facts
      return facts.destination.address == node && facts.source.address != node
    }
  }

  private func asksHSS(_ node: IPAddress) -> Bool {
    exchanges.contains { exchange in
      exchange.hop == .c1 && exchange.request.map { messages[$0].facts.source.address == node } ?? false
    }
  }

  /// "S-CSCF"; on H1 the role is that of the node for which a border element stands there.
  package func sender(of message: Int) -> String? {
    let source = messages[message].facts.source.address
    // The hosts file wins.
    let isNamed = parties.contains { $0.address == source && $0.evidence == .hosts }
    if messages[message].hop == .h1, !isNamed, borders.contains(source) { return "border element (\(source))" }
    return messages[message].from?.rawValue
  }
}
