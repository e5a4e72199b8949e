import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSSecrets

extension Rule {
  static let CX015 = Rule(
    "CX015", .warning, "Failed authentication not reported to the HSS",
    clauses: [.ts24229("5.4.1.2.3"), .ts29228("6.1.2")], since: "0.2",
    why: """
      The MAR left the name of the S-CSCF and a pending flag in the HSS. Only a SAR that says AUTHENTICATION_FAILURE takes \
      them back; without it the HSS goes on to name an S-CSCF that has refused.
      """,
    traps: """
      Open S-CSCFs do not do it. Judged where the response was proved wrong and answered with 403: other refusals have other \
      duties. A subscriber who is registered already stays so.
      """,
    when: .firstAuthentication, needs: [.exchange(.multimediaAuth), .absence(on: .c2)], trigger: .refusedAnswer,
    flagged: [
      Example(
        "refused, and the HSS is not told",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
          Authorization.response: "00000000000000000000000000000000"
        S -> I: 403 Forbidden        ←
        wait 10s
        UE -> P: OPTIONS sip:hims.net
        """)
    ],
    clean: [
      Example(
        "refused, and the HSS is told",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
          Authorization.response: "00000000000000000000000000000000"
        S -> HSS: SAR
          Server-Assignment-Type: 9
        HSS -> S: SAA
        S -> I: 403 Forbidden
        """)
    ]
  ) { flow, report in
    for (request, response) in flow.judgedAnswers({ $0 == 403 }) {
      guard case .wrong = flow.digestCheck(of: request).verdict else { continue }
      let time = flow.messages[response].time
      var isTold = false
      flow.forEachRequest(.serverAssignment) { index, _, _ in
        if flow.messages[index].time >= flow.messages[request].time { isTold = true }
      }
      if isTold { continue }
      if let obstacle = flow.obstacle(to: .c2, from: time, for: .seconds(5)) {
        report.unobservable(obstacle, on: .c2)
        continue
      }
      report(
        "authentication failed and the HSS was not told", at: [response, request], observed: "no SAR within 5 s",
        expected: "a SAR with AUTHENTICATION_FAILURE")
    }
  }
}

extension Condition {
  /// The HSS has stored nothing of this subscriber before.
  static let firstAuthentication = Condition("an initial registration with AKA or SIP Digest") {
    [.aka, .digest].contains($0.mechanism) && [.initial, .emergency].contains($0.kind)
  }
}
