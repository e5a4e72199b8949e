import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let VIA006 = Rule(
    "VIA006", .error, "Proxy removed the wrong Via from a response",
    clauses: [.rfc(3261, "16.7")], since: "0.2",
    why: """
      A proxy takes its own Via off a response and sends the rest on as it is. Taking another one, none or two sends the \
      response to the wrong node.
      """,
    traps: """
      A response that the proxy made itself is no relayed one. Nodes that send to themselves take two. Only final responses \
      with one status on both hops are compared. Where the requests gained as many entries between two captured hops as the \
      responses lost, nodes between them were not captured (VIA003 tells of it). Where topology hiding made tokens of entries, \
      nothing is compared.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .oddPop,
    flagged: [
      Example(
        "the I-CSCF leaves its own entry on",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        I -> S: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.20.0.20:4060;branch=z9hG4bKi1, SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        S -> I: 403 Forbidden
          Via: SIP/2.0/UDP 10.20.0.20:4060;branch=z9hG4bKi1, SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        I -> P: 403 Forbidden      ←
          Via: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1
        """)
    ],
    clean: [
      Example(
        "one off at each hop",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 403 Forbidden
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """),
      Example(
        "a border element between P-CSCF and I-CSCF, captured on its far side alone",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        P -> I: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.20.0.99:5060;branch=z9hG4bKb1, SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        I -> P: 403 Forbidden
          Via: SIP/2.0/UDP 10.20.0.99:5060;branch=z9hG4bKb1, SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        P -> UE: 403 Forbidden
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        """),
      Example(
        "the rest in another spelling",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 403 Forbidden
          Via: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        P -> UE: 403 Forbidden
          Via: SIP/2.0/UDP 10.10.0.2;branch=z9hG4bKue1
        """),
    ]
  ) { flow, report in
    for (near, far) in [(Hop.h0, Hop.h1), (.h1, .h2)] {
      for pair in flow.index.relayedFinals(near: near, far: far) {
        let (relayed, received) = (pair.relayed, pair.received)
        guard let sent = flow.sip(relayed)?.via, let got = flow.sip(received)?.via else { continue }
        // What topology hiding made one entry of, only its maker can read.
        if got.contains(where: { $0.parameters.has("tokenized-by") }) { continue }
        if sent.elementsEqual(got.dropFirst(), by: { $0.raw == $1.raw || $0.isSameEntry(as: $1) }) { continue }
        if got.suffix(sent.count).elementsEqual(sent, by: { $0.isSameEntry(as: $1) }),
          flow.isBehindUncaptured(pair, sent.count, got.count)
        {
          continue
        }
        let node = flow.sender(of: relayed) ?? "proxy"
        report(
          "the \(node) did not take exactly its own Via off the \(flow.sip(relayed)?.status ?? 0)",
          at: [relayed, received],
          observed: "received: \(flow.sip(received)?.viaStack ?? "") — sent: \(flow.sip(relayed)?.viaStack ?? "")",
          expected: "the received stack without its first entry")
      }
    }
  }
}

extension Flow {
  /// The request lacked as many Vias where it was sent as the response does: nodes between them were not captured, and each took its
  /// own off.
  fileprivate func isBehindUncaptured(_ pair: FlowIndex.Relayed, _ sent: Int, _ received: Int) -> Bool {
    guard received - sent > 1, let inner = request(of: pair.relayed), let outer = request(of: pair.received) else {
      return false
    }
    return messages[outer].facts.viaCount - messages[inner].facts.viaCount == received - sent
  }
}
