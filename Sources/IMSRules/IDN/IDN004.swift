import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN004 = Rule(
    "IDN004", .error, "MAR/SAR identities differ from the SIP request",
    clauses: [.ts24229("5.4.1.2.1"), .ts29228("6.3"), .ts29228("6.1.2")], since: "0.2",
    why: """
      A vector of another subscriber cannot be answered; an assignment of another identity registers somebody who did not \
      ask.
      """,
    traps: """
      Compared as addresses of record. Without Authorization the private identity follows from the public one. A \
      de-registration may name none, or all identities: the first one of a registration is judged.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip), .everyHop([.c2])], trigger: .otherCxIdentity,
    flagged: [
      Example(
        "a vector for somebody else",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR         ←
          User-Name: somebody.else@hims.net
        HSS -> S: MAA
        """)
    ],
    clean: [
      Example(
        "as the REGISTER says",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    for command in [CommandCode.multimediaAuth, .serverAssignment] {
      flow.forEachRequest(command) { index, request, round in
        guard let round, let register = flow.firstRequest(of: round), let sip = flow.sip(register) else { return }
        if command == .serverAssignment, sip.takesAway { return }
        flow.compareIdentities(of: index, request, with: register, &report)
      }
    }
  }
}
