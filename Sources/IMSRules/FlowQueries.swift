import IMSBytes
package import IMSDiameter
package import IMSFlows
import IMSMessages
package import IMSSIP

// How rules ask a flow. Everything is an index into `flow.messages`, so that a finding can point at its frames.

extension Flow {
  package func sip(_ index: Int) -> SIPMessage? { messages[index].sip }
  package func diameter(_ index: Int) -> DiameterMessage? { messages[index].message.diameter }

  /// Indices of the requests and responses of this registration's REGISTERs, in order of time.
  package var registerMessages: [Int] {
    messages.indices.filter { messages[$0].isRegister }
  }

  /// Final responses of a transaction, in order of time.
  package func finals(of transaction: Transaction) -> [Int] {
    transaction.responses.filter { messages[$0].status >= 200 }
  }

  /// 2xx responses to REGISTER on the given hops.
  package func grants(on hops: [Hop] = Hop.sip) -> [Int] {
    messages.indices.filter { index in
      messages[index].isRegister && (200..<300).contains(messages[index].status)
        && messages[index].hop.map { hops.contains($0) } ?? false
    }
  }

  /// The HSS refused the User-Authorization of the last REGISTER, so that the documented sequence ends at the I-CSCF
  /// (TS 24.229 §5.3.1.2, variants V8 and V9).
  package var endsAtICSCF: Bool {
    guard outcome == .rejected, let last = exchanges(of: .userAuthorization).last?.answer else { return false }
    return !(diameter(last)?.isSuccess ?? true)
  }

  package func exchanges(of command: CommandCode) -> [Exchange] {
    exchanges.filter { exchange in
      exchange.request.map { messages[$0].command == command } ?? false
        || exchange.answer.map { messages[$0].command == command } ?? false
    }
  }

  /// The copies of one request on two neighbouring hops: the outer one is the first that its receiver sent on afterwards.
  package func pairs(_ pair: Need.HopPair) -> [(inner: Int, outer: Int)] {
    transactions.filter { $0.hop == pair.outer }.compactMap { transaction in
      guard let outer = transaction.requests.first else { return nil }
      let received = transactions.filter { $0.hop == pair.inner && $0.round == transaction.round }.flatMap(\.requests)
        .filter { messages[$0].time <= messages[outer].time + .milliseconds(1) }
      let below = sip(outer)?.via.dropFirst() ?? []
      let inner = received.last { isTopVia(of: $0, in: below) } ?? received.last
      return inner.map { ($0, outer) }
    }
  }

  /// Is `inner` the request that was forwarded with `below` under its new top Via? Its own top entry then stands there, with
  /// branch and transport; where none does, the latest request that the forwarding node had received is taken.
  private func isTopVia(of inner: Int, in below: ArraySlice<Via>) -> Bool {
    guard let top = sip(inner)?.via.first else { return false }
    return below.contains { $0.branch == top.branch && $0.transport.equalsIgnoringCase(top.transport) }
  }
}

extension SIPMessage {
  /// The Via stack as evidence: "host:port;branch" entries, top first.
  package var viaStack: String { via.map(\.summary).joined(separator: " | ") }

  /// The expiry that a 2xx grants: the longest of its contacts, else the Expires header.
  package var grantedExpiry: UInt64? {
    contacts.compactMap { $0.parameters["expires"]?.number }.max() ?? expires
  }
}

extension Via {
  /// "10.0.0.1:5060;branch=z9hG4bK1".
  package var summary: String {
    let port = sentBy.port.map { ":\($0)" } ?? ""
    return "\(sentBy.host.string)\(port);branch=\(branch?.string ?? "–")"
  }
}
