import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE002 = Rule(
    "RTE002", .error, "P-CSCF did not insert Path",
    clauses: [.ts24229("5.2.2.1"), .rfc(3327, "5")], since: "0.2",
    why: """
      The Path tells the S-CSCF by which P-CSCF the UE can be reached. Without it requests to the UE go to its contact \
      address, past the security association.
      """,
    traps: """
      Border elements add entries above; a border element that is itself the P-CSCF writes its own URI: accepted. Only the \
      presence is judged where the owner of the topmost entry is not known.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1, .h2])], trigger: .noPath,
    flagged: [
      Example(
        "no Path on Mw",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -Path
        """)
    ],
    clean: [
      Example(
        "the P-CSCF names itself",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      // One finding for a REGISTER: the hop behind only passes on what it got.
      let requests = flow.requests(of: round, on: [.h1, .h2])
      guard let first = requests.first(where: { flow.sip($0).map { $0.path.isEmpty } ?? false }) else { continue }
      report(
        "no Path in the REGISTER\(flow.rounds[round].cseqText) on \(flow.messages[first].hop?.rawValue ?? "Mw")",
        at: [first],
        observed: "REGISTER without Path", expected: "Path with the URI of the P-CSCF")
    }
  }
}
