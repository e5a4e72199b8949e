import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP

extension Rule {
  static let CX013 = Rule(
    "CX013", .error, "200 sent although Server-Assignment failed",
    clauses: [.ts24229("5.4.1.2.2"), .ts29228("6.1.2.1")], since: "0.2",
    why: """
      When the HSS refuses the assignment it does not know this S-CSCF: a UE that is told 200 believes itself reachable and \
      is not.
      """,
    traps: "A de-registration is answered with 200 whatever the SAA says: only noted.",
    when: .grantedOrDeregistered, needs: [.exchange(.serverAssignment), .message(status: 200...299, on: [.h1, .h2])],
    trigger: .oddAnswer,
    flagged: [
      Example(
        "the HSS could not comply",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: SAR
        HSS -> S: SAA result 5012
        S -> I: 200 OK          ←
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ],
    clean: [
      Example(
        "the HSS agreed",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    let answers = flow.exchanges(of: .serverAssignment).compactMap(\.answer)
    guard let failed = answers.last, let saa = flow.diameter(failed), !saa.isSuccess else { return }
    let grants = flow.grants(on: [.h2]) + flow.grants(on: [.h1])
    guard let grant = grants.first(where: { flow.messages[$0].time >= flow.messages[failed].time }) ?? grants.last
    else { return }
    report(
      "200 although the SAA says \(saa.resultText ?? "no success")", at: [grant, failed],
      observed: saa.resultText ?? "no result",
      expected: "a refusal toward the UE", severity: flow.kind == .deregistration ? .info : nil)
  }
}
