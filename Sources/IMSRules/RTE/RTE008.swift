import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE008 = Rule(
    "RTE008", .error, "Service-Route changed on the way back",
    clauses: [.rfc(3608, "6.2"), .ts24229("5.2.2.1")], since: "0.2",
    why: """
      The Service-Route is between registrar and UE: proxies send it on as it came. What the P-CSCF stores and what the UE gets \
      must be one list, else the P-CSCF refuses the UE's later requests.
      """,
    traps: """
      New entries on top are those of border elements and of topology hiding. A P-CSCF that is a border element gives the UE a \
      list of its own: only noted. Copies of one 200 are compared, told by its To tag.
      """,
    when: .granted, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .alteredServiceRoute,
    flagged: [
      Example(
        "the P-CSCF takes it off",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 200 OK
        P -> UE: 200 OK      ←
          -Service-Route
        """),
      Example(
        "a border element's own list",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 200 OK
        P -> UE: 200 OK      ←
          Service-Route: <sip:pcscf1.vims.net;lr>
        """),
    ],
    clean: [
      Example(
        "as it came",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    for (near, far) in [(Hop.h0, Hop.h1), (.h1, .h2)] {
      for pair in flow.index.relayedFinals(near: near, far: far)
      where (200..<300).contains(flow.messages[pair.relayed].status) {
        let (relayed, received) = (pair.relayed, pair.received)
        guard let sent = flow.sip(relayed), let got = flow.sip(received), got.has(.serviceRoute),
          !sent.spells(.serviceRoute, as: got)
        else { continue }
        let (after, before) = (sent.serviceRoute, got.serviceRoute)
        if before.isRoute(below: after) || after.contains(where: \.isHidden) { continue }
        report(
          "the \(flow.messages[relayed].from?.rawValue ?? "proxy") changed the Service-Route", at: [relayed, received],
          observed: "sent: \(after.list)", expected: "as received: \(before.list)",
          severity: near == .h0 && !after.isEmpty ? .info : nil)
      }
    }
  }
}
