import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let PRV007 = Rule(
    "PRV007", .warning, "Trust-domain header crosses the boundary",
    clauses: [.ts24229("4.4"), .ts24229("5.2.1"), .ts24229("5.2.2.1"), .rfc(3325, "5")], since: "0.2",
    why: """
      Some headers are the word of a trusted node. A P-CSCF that passes on what a UE wrote there lets it choose its identity, its \
      charging record, or the way that requests take to it.
      """,
    traps: """
      A UE inside the trust domain, as an MSC server, may send them, and what has more than one Via comes from no UE. Found only where the value of the UE stands on Mw as it was \
      written, also beside one of the P-CSCF's own.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1)])], trigger: .trustedHeaderOfUE,
    flagged: [
      Example(
        "an identity that the UE asserts",
        """
        UE -> P: REGISTER sip:hims.net
          P-Asserted-Identity: <sip:boss@hims.net>
        P -> I: REGISTER sip:hims.net        ←
        """),
      Example(
        "an access that the network is said to have provided",
        """
        UE -> P: REGISTER sip:hims.net
          P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1;network-provided
        P -> I: REGISTER sip:hims.net        ←
        """),
    ],
    clean: [
      Example(
        "taken off",
        """
        UE -> P: REGISTER sip:hims.net
          P-Asserted-Identity: <sip:boss@hims.net>
          P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1
        P -> I: REGISTER sip:hims.net
          -P-Asserted-Identity
        """)
    ]
  ) { flow, report in
    for copies in flow.pairs(Need.HopPair(.h0, .h1)) {
      guard let before = flow.sip(copies.inner), let after = flow.sip(copies.outer), before.via.count == 1
      else { continue }
      let words = before.headers.present.intersection(.trusted)
      if words.isEmpty { continue }
      for name in words.names {
        let passed = before.list(name).filter { value in
          name != .pAccessNetworkInfo || value.containsIgnoringCase("network-provided")
        }
        guard let value = passed.first(where: { after.list(name).contains($0) }) else { continue }
        report(
          "the P-CSCF passed on \(name.name) of the UE", at: [copies.outer, copies.inner],
          observed: "\(name.name): \(value)", expected: "taken off, or the P-CSCF's own")
      }
    }
  }
}

extension HeaderSet {
  static let trusted = HeaderSet(
    .pAssertedIdentity, .pChargingVector, .pChargingFunctionAddresses, .pVisitedNetworkID, .path, .serviceRoute,
    .pAccessNetworkInfo)
}
