import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE004 = Rule(
    "RTE004", .error, "Path altered between P-CSCF and S-CSCF",
    clauses: [.rfc(3327, "5.2"), .ts24229("5.3.1.2")], since: "0.2",
    why: """
      Requests to the UE follow the Path that the registrar kept. An entry that was changed or lost on the way inward makes \
      them miss the P-CSCF, and the security association with it.
      """,
    traps: """
      New entries on top belong to border elements. Where topology hiding made tokens of the entries, nothing can be compared. \
      Spelling and the order of parameters are free.
      """,
    when: .register, needs: [.everyPair([.init(.h1, .h2)])], trigger: .alteredPath,
    flagged: [
      Example(
        "the I-CSCF drops it",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net        ←
          -Path
        """)
    ],
    clean: [
      Example(
        "as it came",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        """),
      Example(
        "one more on top",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          Path: <sip:term@pcscf1.vims.net:5060;lr>
        I -> S: REGISTER sip:hims.net
          Path: <sip:ibcf.hims.net;lr>, <sip:term@PCSCF1.vims.net:5060;lr>
        """),
    ]
  ) { flow, report in
    for copies in flow.pairs(Need.HopPair(.h1, .h2)) {
      guard let before = flow.sip(copies.inner), let after = flow.sip(copies.outer), before.has(.path),
        !copies.alike.contains(.path)
      else { continue }
      let (received, sent) = (before.path, after.path)
      if received.isRoute(below: sent) || sent.contains(where: \.isHidden) { continue }
      report(
        "the \(flow.messages[copies.outer].from?.rawValue ?? "proxy") altered the Path",
        at: [copies.outer, copies.inner],
        observed: "sent: \(sent.list)", expected: "as received: \(received.list)")
    }
  }
}
