import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE013 = Rule(
    "RTE013", .warning, "P-Charging-Vector missing or icid changed",
    clauses: [.ts24229("5.2.2.1"), .ts24229("7.2A.5"), .rfc(7315, "4.6")], since: "0.2",
    why: """
      The P-CSCF gives each transaction an identifier by which the charging records of all nodes are joined. A missing or a \
      changed one leaves records that belong to nobody.
      """,
    traps: """
      P-CSCF configurations in common use leave it out, harmless where nothing is charged: one finding for a registration. \
      Responses are held to the identifier only where they bear one. orig-ioi is not judged.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1])], trigger: .oddChargingVector,
    flagged: [
      Example(
        "missing",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -P-Charging-Vector
        """),
      Example(
        "another identifier behind the I-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          P-Charging-Vector: icid-value=one;orig-ioi="Type 1vims.net"
        I -> S: REGISTER sip:hims.net        ←
          P-Charging-Vector: icid-value=two;orig-ioi="Type 1vims.net"
        """),
    ],
    clean: [
      Example(
        "one identifier, in another spelling",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          P-Charging-Vector: icid-value=one;orig-ioi="Type 1vims.net"
        I -> S: REGISTER sip:hims.net
          P-Charging-Vector: icid-value="one"; orig-ioi="Type 1vims.net"
        """)
    ]
  ) { flow, report in
    let bare = flow.transactions.lazy.filter { $0.hop == .h1 }.compactMap { $0.requests.first }.first {
      flow.sip($0).map { $0.chargingIdentifier == nil } ?? false
    }
    if let bare {
      report(
        "no icid-value on Mw", at: [bare],
        observed: flow.sip(bare)?.first(.pChargingVector).map(\.string) ?? "REGISTER without P-Charging-Vector",
        expected: "P-Charging-Vector with icid-value")
    }
    for copies in flow.pairs(Need.HopPair(.h1, .h2)) {
      guard let received = flow.sip(copies.inner), let sent = flow.sip(copies.outer),
        !copies.alike.contains(.pChargingVector), let before = received.chargingIdentifier
      else { continue }
      let after = sent.chargingIdentifier
      if after == before { continue }
      report(
        "the I-CSCF changed the icid-value", at: [copies.outer, copies.inner],
        observed: after?.string ?? "no icid-value", expected: before.string)
    }
    for transaction in flow.transactions where transaction.hop == .h1 || transaction.hop == .h2 {
      for response in transaction.finals {
        guard let answer = flow.sip(response), answer.has(.pChargingVector), let request = flow.request(of: response),
          let asked = flow.sip(request), !answer.extends(.pChargingVector, of: asked),
          let returned = answer.chargingIdentifier, let sent = asked.chargingIdentifier, returned != sent
        else { continue }
        report(
          "the \(flow.messages[response].status) bears another icid-value", at: [response, request],
          observed: returned.string, expected: sent.string)
      }
    }
  }
}
