import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE011 = Rule(
    "RTE011", .error, "Path URI unusable, or Record-Route used instead",
    clauses: [.rfc(3327, "5.2"), .rfc(3261, "10.3"), .ts24229("5.2.2.1")], since: "0.2",
    why: """
      The S-CSCF makes a Route of the Path: each entry must be a SIP URI with lr that leads to a node on the way to the UE. A \
      registrar ignores Record-Route.
      """,
    traps: """
      Names are believed, as are addresses that no node of the registration has: border elements add entries of their own. A \
      Record-Route beside the Path is harmless and only noted. One finding for a REGISTER, on the first hop that shows it.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1, .h2])], trigger: .oddPath,
    flagged: [
      Example(
        "without lr",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          Path: <sip:term@pcscf1.vims.net:5060>
        """),
      Example(
        "Record-Route instead",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -Path
          Record-Route: <sip:pcscf1.vims.net;lr>
        """),
      Example(
        "Record-Route beside it",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          Record-Route: <sip:pcscf1.vims.net;lr>
        """),
      Example(
        "the address of the UE",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          Path: <sip:10.10.0.2:5060;lr>
        """),
    ],
    clean: [
      Example(
        "the P-CSCF with lr",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      // One finding for a REGISTER: the hop behind only passes on what it got.
      guard let request = flow.firstRequest(of: round, on: .h1, or: .h2), let sip = flow.sip(request) else { continue }
      if let entry = sip.path.first(where: { flow.isUnusable($0) }) {
        report(
          "the Path cannot be used", at: [request], observed: "Path: \(entry.raw)",
          expected: "SIP URIs with lr that lead to the UE through the P-CSCF")
      } else if sip.has(.recordRoute) {
        let hasPath = sip.has(.path)
        report(
          hasPath ? "Record-Route beside the Path" : "Record-Route instead of Path", at: [request],
          observed: "Record-Route: \(sip.recordRoute.list)", expected: "Path alone", severity: hasPath ? .info : nil)
      }
    }
  }
}

extension Flow {
  fileprivate func isUnusable(_ entry: NameAddr) -> Bool {
    if entry.isHidden { return false }
    if !entry.isSIP || !entry.isLooseRoute { return true }
    return entry.address.flatMap { foreignRole(of: $0, besides: [.pcscf]) } != nil
  }
}
