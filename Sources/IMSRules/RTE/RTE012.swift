import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE012 = Rule(
    "RTE012", .error, "P-Visited-Network-ID missing",
    clauses: [.ts24229("5.2.2.1"), .ts24229("5.3.1.2"), .rfc(7315, "4.3")], since: "0.2",
    why: """
      The P-CSCF says in which network it stands. The I-CSCF asks the HSS with it whether the subscriber may roam there; \
      without it nobody asks.
      """,
    traps: """
      Networks that know no roaming accept its absence and take the home network: a warning in the field profile. Several \
      values are a warning: the I-CSCF takes one of them. One finding for a REGISTER.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1])], trigger: .oddVisitedNetwork,
    flagged: [
      Example(
        "missing",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -P-Visited-Network-ID
        """),
      Example(
        "two networks",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          P-Visited-Network-ID: "vims.net", other.net
        """),
      Example(
        "another one behind the I-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net        ←
          P-Visited-Network-ID: "hims.net"
        """),
    ],
    clean: [
      Example(
        "the network of the P-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        """)
    ],
    field: .warning
  ) { flow, report in
    for transaction in flow.transactions where transaction.hop == .h1 {
      guard let request = transaction.requests.first, let sip = flow.sip(request) else { continue }
      let values = sip.list(.pVisitedNetworkID)
      if values.count == 1 { continue }
      report(
        values.isEmpty ? "no P-Visited-Network-ID on Mw" : "\(values.count) visited networks", at: [request],
        observed: values.isEmpty
          ? "REGISTER without P-Visited-Network-ID" : values.map(\.string).joined(separator: ", "),
        expected: "the network of the P-CSCF", severity: values.isEmpty ? nil : .warning)
    }
    for copies in flow.pairs(Need.HopPair(.h1, .h2)) {
      guard let before = flow.sip(copies.inner), let after = flow.sip(copies.outer), before.has(.pVisitedNetworkID),
        !copies.alike.contains(.pVisitedNetworkID),
        before.list(.pVisitedNetworkID).map(\.unquoted) != after.list(.pVisitedNetworkID).map(\.unquoted)
      else { continue }
      report(
        "the I-CSCF changed P-Visited-Network-ID", at: [copies.outer, copies.inner],
        observed: after.list(.pVisitedNetworkID).map(\.string).joined(separator: ", "),
        expected: before.list(.pVisitedNetworkID).map(\.string).joined(separator: ", "))
    }
  }
}
