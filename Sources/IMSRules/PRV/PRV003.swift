import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let PRV003 = Rule(
    "PRV003", .error, "UE-supplied integrity-protected trusted",
    clauses: [.ts24229("5.2.2.2"), .ts24229("7.2A.2")], since: "0.2",
    why: """
      integrity-protected is the word of the P-CSCF. A P-CSCF that passes on what the UE wrote lets anybody say that he came \
      through a security association.
      """,
    traps: """
      A UE that writes it is a warning while the P-CSCF writes its own. "no" may have been written by either. What came in ESP \
      or on protected ports is protected.
      """,
    when: .register, needs: [.message(status: nil, on: [.h0])], trigger: .claimOfUE,
    flagged: [
      Example(
        "believed",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Authorization.integrity-protected: "yes"
        P -> I: REGISTER sip:hims.net         ←
          Authorization.integrity-protected: "yes"
        """),
      Example(
        "written by the UE",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Authorization.integrity-protected: "yes"
        P -> I: REGISTER sip:hims.net
        """),
    ],
    clean: [
      Example(
        "written by the P-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for transaction in flow.transactions where transaction.hop == .h0 {
      guard let request = transaction.requests.first,
        let claimed = flow.sip(request)?.authorization.lazy.compactMap(\.integrityProtected).first
      else { continue }
      let copy = flow.pairs(Need.HopPair(.h0, .h1)).first { $0.inner == request }?.outer
      let passed = copy.flatMap { flow.sip($0)?.authorization.lazy.compactMap(\.integrityProtected).first }
      let isTrusted = passed == claimed && !claimed.isToken("no") && !flow.isProtected(request)
      report(
        isTrusted ? "the P-CSCF passed on integrity-protected of the UE" : "the UE writes integrity-protected",
        at: (isTrusted ? [copy].compactMap(\.self) : []) + [request],
        observed: "integrity-protected=\(claimed)" + (isTrusted ? " on both hops" : " from the UE"),
        expected: isTrusted ? "integrity-protected=\"no\" on Mw" : "none from the UE",
        severity: isTrusted ? nil : .warning)
    }
  }
}
