import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC008 = Rule(
    "SEC008", .error, "Security-Client of REGISTER #2 differs from REGISTER #1",
    clauses: [.ts24229("5.1.1.5.1"), .ts33203("7.2")], since: "0.2",
    why: """
      The UE repeats its offer through the association, so that the P-CSCF sees whether somebody changed it on the way. \
      Another offer is refused, or not looked at.
      """,
    traps: """
      White space, case and the order of parameters do not matter. A UE that refuses the challenge (AUTS) begins with a new \
      offer: not judged. What travels in ESP that was not opened is not judged.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddProtection,
    flagged: [
      Example(
        "other ports",
        """
        UE -> P: REGISTER sip:hims.net        ←
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=3; spi-s=4; port-c=7062; port-s=7064
        """)
    ],
    clean: [
      Example(
        "repeated",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    flow.noteUnseenAnswers(&report)
    for answer in flow.facts.protectedAnswers {
      guard let challenged = flow.request(of: answer.challenge), let first = flow.sip(challenged),
        let second = flow.sip(answer.request)
      else { continue }
      if first.spells(.securityClient, as: second) { continue }
      let offered = first.securityClient.filter { !$0.isOfMedia }
      let repeated = second.securityClient.filter { !$0.isOfMedia }
      if offered.map(\.raw) == repeated.map(\.raw) || offered.map(\.canonical) == repeated.map(\.canonical) { continue }
      report(
        repeated.isEmpty ? "the answer repeats no Security-Client" : "the answer has another Security-Client",
        at: [answer.request, challenged],
        observed: repeated.isEmpty ? "no Security-Client" : repeated.map(\.raw.string).joined(separator: ", "),
        expected: offered.map(\.raw.string).joined(separator: ", "))
    }
  }
}
