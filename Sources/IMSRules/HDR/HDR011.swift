import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR011 = Rule(
    "HDR011", .info, "Tolerated deviations",
    clauses: [.rfc(3261, "7.3.1"), .rfc(3261, "7.5"), .rfc(3261, "25.1")], since: "0.2",
    why: """
      What imstrace reads all the same, another receiver may refuse: lines that end with LF alone, blanks where none belong, \
      header names that are no names.
      """,
    traps: "Once for a sender. Wrong lengths are HDR005's, what cannot be read at all HDR010's.",
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .issues,
    flagged: [
      Example(
        "a blank in a name",
        """
        UE -> P: REGISTER sip:hims.net      ←
          User Agent: UE
        """)
    ],
    clean: [Example("nothing odd", "UE -> P: REGISTER sip:hims.net")]
  ) { flow, report in
    var reported: Set<Role> = []
    for index in flow.registerMessages where flow.messages[index].hop != nil {
      guard let sip = flow.sip(index), !sip.issues.isEmpty else { continue }
      let odd = sip.issues.map(\.reason).filter { !$0.contains("Content-Length") && !$0.contains("the body") }
      guard !odd.isEmpty, reported.insert(flow.messages[index].from ?? .ue).inserted else { continue }
      report(
        "the \(flow.messages[index].from?.rawValue ?? "sender") writes what not everybody reads", at: [index],
        observed: odd.joined(separator: "; "), expected: "the grammar")
    }
  }
}
