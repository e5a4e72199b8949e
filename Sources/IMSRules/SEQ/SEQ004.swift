import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ004 = Rule(
    "SEQ004", .error, "Request swallowed by a proxy",
    clauses: [.rfc(3261, "16.6"), .ts24229("5.2.2"), .ts24229("5.3.1")], since: "0.2",
    why: """
      A proxy that takes a REGISTER and neither forwards nor answers it leaves the UE without a word: the fault lies in \
      that node, its DNS, or its peer's address.
      """,
    traps: """
      Only a hop that other traffic shows to be captured can prove the absence. Nodes that are one process forward inside. \
      A late copy or answer within the capture is no swallowing; a node that has refused has answered. What was lost \
      on its way never came to the node, and what came through a security association may be discarded below SIP (RFC 4303 §3.4).
      """,
    when: .register, needs: [.everyHop(Hop.sip)],
    trigger: .openTransaction,
    flagged: [
      Example(
        "the I-CSCF keeps the REGISTER",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
        wait 200s
        UE -> P: OPTIONS sip:hims.net
        """)
    ],
    clean: [
      Example(
        "forwarded and answered",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 403 Forbidden
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """)
    ]
  ) { flow, report in
    for (inner, outer) in [(Hop.h0, Hop.h1), (.h1, .h2)] {
      for transaction in flow.transactions where transaction.hop == inner {
        guard let request = transaction.requests.first, flow.finals(of: transaction).isEmpty else { continue }
        let sent = flow.transactions.contains {
          $0.hop >= outer && $0.round == transaction.round && !$0.requests.isEmpty
        }
        if sent || flow.isLost(request) || inner == .h0 && flow.travelsInAssociation(request) { continue }
        let wait = inner == .h0 ? flow.timerF(ofUE: request) : flow.customs.timers.finalResponse
        if let obstacle = flow.obstacle(to: outer, from: flow.messages[request].time, for: wait) {
          report.unobservable(obstacle, on: outer)
          continue
        }
        let node = flow.messages[request].to?.rawValue ?? "proxy"
        report(
          "the \(node) neither forwarded the REGISTER nor gave it a final answer", at: [request],
          observed: "received on \(inner.title); nothing of it on \(outer.title)",
          expected: "a copy on \(outer.rawValue) or a final response on \(inner.rawValue)")
      }
    }
  }
}
