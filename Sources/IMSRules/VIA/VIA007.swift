import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let VIA007 = Rule(
    "VIA007", .warning, "Top Via sent-by is not the sender",
    clauses: [.rfc(3261, "18.1.1"), .ts24229("5.1.1.2.1")], since: "0.2",
    why: """
      The sent-by of the top Via is where the sender wants its response. An address that is not the sender's leaves it to the \
      receiver's received parameter whether the response arrives.
      """,
    traps: """
      A UE behind a translator does not know the address that others see: a private one on Gm is only noted. Names are not \
      judged, nor the port: a node may send from another than it listens on. Another address of the same node is accepted.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .foreignSentBy,
    flagged: [
      Example(
        "an address that nobody in the registration has",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net       ←
          Via: SIP/2.0/UDP 10.20.0.99:5060;branch=z9hG4bKp1
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        """),
      Example(
        "a UE behind a translator",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Via: SIP/2.0/UDP 192.168.0.7:5060;branch=z9hG4bKue1
        """),
    ],
    clean: [
      Example("the UE's own address", "UE -> P: REGISTER sip:hims.net"),
      Example(
        "a name is not judged",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """),
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      guard let request = transaction.requests.first, let top = flow.sip(request)?.via.first,
        let named = IPAddress(top.sentBy.host)
      else { continue }
      let source = flow.messages[request].message.source
      guard named != source.address, !flow.isAddress(named, of: flow.messages[request].from) else { continue }
      let isTranslated = transaction.hop == .h0 && named.isPrivate
      report(
        "the \(flow.messages[request].from?.rawValue ?? "sender") names \(named) in its Via and sends from \(source.address)",
        at: [request], observed: top.raw.string, expected: "sent-by \(source.address)",
        severity: isTranslated ? .info : nil)
    }
  }
}

extension Flow {
  fileprivate func isAddress(_ address: IPAddress, of role: Role?) -> Bool {
    parties.contains { $0.role == role && $0.address == address }
  }
}
