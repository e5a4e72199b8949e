import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let RTE010 = Rule(
    "RTE010", .error, "Own Route entry not removed",
    clauses: [.rfc(3261, "16.4"), .ts24229("5.2.2.1")], since: "0.2",
    why: """
      A proxy takes the Route entry that names it off before it sends the request on. Left there, the request comes back to it, \
      or is refused as looping.
      """,
    traps:
      "Names are not judged: only an entry with the address and port that the request was sent to surely names the receiver.",
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .route,
    flagged: [
      Example(
        "the P-CSCF leaves itself",
        """
        UE -> P: REGISTER sip:hims.net
          Route: <sip:10.20.0.10:5060;lr>
        P -> I: REGISTER sip:hims.net        ←
          Route: <sip:10.20.0.10:5060;lr>
        """)
    ],
    clean: [
      Example(
        "taken off",
        """
        UE -> P: REGISTER sip:hims.net
          Route: <sip:10.20.0.10:5060;lr>
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for pair in Need.HopPair.sip {
      for copies in flow.pairs(pair) {
        guard let before = flow.sip(copies.inner), before.has(.route), let own = before.route.first,
          let address = own.address
        else { continue }
        let receiver = flow.messages[copies.inner].message.destination
        guard address == receiver.address, own.uri.port ?? 5060 == receiver.port,
          let left = flow.sip(copies.outer)?.route.first, left.isSameRoute(as: own)
        else { continue }
        report(
          "the \(flow.messages[copies.outer].from?.rawValue ?? "proxy") left its own entry in the Route",
          at: [copies.outer, copies.inner], observed: "Route: \(left.raw)", expected: "a Route without it")
      }
    }
  }
}
