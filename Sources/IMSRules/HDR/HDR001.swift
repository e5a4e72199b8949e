import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR001 = Rule(
    "HDR001", .error, "Mandatory header missing",
    clauses: [.rfc(3261, "8.1.1"), .rfc(3261, "8.2.6.2"), .rfc(3261, "20.1")], since: "0.2",
    why: """
      Via, To, From, Call-ID and CSeq are what a message is matched and routed by; without Max-Forwards a request that loops \
      does so for ever.
      """,
    traps: """
      Compact names count. A REGISTER without Contact asks for the bindings, which is legal. One finding for the request and the \
      responses of a REGISTER, where the first of them lacks it.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .missingHeader,
    flagged: [
      Example(
        "no Max-Forwards",
        """
        UE -> P: REGISTER sip:hims.net      ←
          -Max-Forwards
        """),
      Example(
        "no From in the 401",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          -From
        """),
    ],
    clean: [
      Example(
        "compact names",
        """
        UE -> P: REGISTER sip:hims.net
          -From
          f: <sip:name@hims.net>;tag=u1
        P -> UE: 401 Unauthorized
          f: <sip:name@hims.net>;tag=u1
        """)
    ]
  ) { flow, report in
    for index in flow.origins(where: { !$0.missingHeaders.isEmpty }) {
      guard let sip = flow.sip(index) else { continue }
      let names = sip.missingHeaders.names.map(\.name).joined(separator: ", ")
      report(
        "no \(names) in the \(sip.name) of the \(flow.messages[index].from?.rawValue ?? "sender")", at: [index],
        observed: "\(sip.name) without \(names)", expected: "each of them once")
    }
  }
}

extension SIPMessage {
  private static let always = HeaderSet(.via, .to, .from, .callID, .cseq)
  private static let inRequests = HeaderSet(.via, .to, .from, .callID, .cseq, .maxForwards)

  fileprivate var missingHeaders: HeaderSet {
    (isRequest ? Self.inRequests : Self.always).subtracting(headers.present)
  }
}
