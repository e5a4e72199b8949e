import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR003 = Rule(
    "HDR003", .error, "Max-Forwards wrong",
    clauses: [.rfc(3261, "8.1.1.6"), .rfc(3261, "16.3"), .rfc(3261, "16.6")], since: "0.2",
    why: "Each proxy takes one off Max-Forwards. One that does not lets a request that loops go round for ever.",
    traps: """
      A node that sends to itself takes off more than one, and pushes as many Via entries: accepted. A node that begins a \
      request of its own counts anew: only copies with the received Via below are compared. Where the header was missing a \
      proxy writes any number.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .oddMaxForwards,
    flagged: [
      Example(
        "the P-CSCF does not count",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          Max-Forwards: 70
        """),
      Example(
        "no number",
        """
        UE -> P: REGISTER sip:hims.net       ←
          Max-Forwards: 700
        """),
      Example(
        "two for one",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net        ←
          Max-Forwards: 60
        """),
    ],
    clean: [
      Example(
        "one less at each hop",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for index in flow.outermostRequests {
      guard let value = flow.sip(index)?.first(.maxForwards), value.number.map({ $0 > 255 }) ?? true else { continue }
      report(
        "Max-Forwards is no number from 0 to 255", at: [index], observed: "Max-Forwards: \(value)", expected: "0 to 255"
      )
    }
    for pair in Need.HopPair.sip {
      for copies in flow.proxiedPairs(pair) {
        guard let before = flow.sip(copies.inner), let after = flow.sip(copies.outer),
          let received = before.maxForwards,
          let sent = after.maxForwards
        else { continue }
        let steps = UInt64(max(1, after.via.count - before.via.count))
        if sent < received, received - sent <= steps { continue }
        report(
          sent < received
            ? "the \(flow.messages[copies.outer].from?.rawValue ?? "proxy") took more than one off Max-Forwards"
            : "the \(flow.messages[copies.outer].from?.rawValue ?? "proxy") did not count Max-Forwards down",
          at: [copies.outer, copies.inner], observed: "received \(received), sent \(sent)",
          expected: received == 0 ? "483" : "\(received - min(received, steps))",
          severity: sent < received ? .warning : nil)
      }
    }
  }
}
