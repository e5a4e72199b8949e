import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX005 = Rule(
    "CX005", .warning, "Negative UAA mapped to an unexpected SIP status",
    clauses: [.ts24229("5.3.1.3")], since: "0.2",
    why: """
      A UE that reads 403 gives up; one that reads 404, 480 or 500 tries again and again. An unknown user, identities that do \
      not match, and roaming that is not allowed are refused with 403.
      """,
    traps: """
      Judged are the results that say so themselves: Experimental-Result 5001 to 5004 and Result-Code 5003. What an I-CSCF \
      answers when the HSS is overloaded, out of reach or in trouble is left to it.
      """,
    when: .register, needs: [.exchange(.userAuthorization), .transaction(on: [.h1])], trigger: .oddAnswer,
    flagged: [
      Example(
        "unknown user, and 404",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5001       ←
        I -> P: 404 Not Found        ←
        """)
    ],
    clean: [
      Example(
        "unknown user, and 403",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5001
        I -> P: 403 Forbidden
        """),
      Example(
        "the HSS is too busy",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA result 3004
        I -> P: 480 Temporarily Unavailable
        """),
    ]
  ) { flow, report in
    flow.forEachExchange(.userAuthorization) { uaa in
      guard !uaa.answered.isSuccess, let round = uaa.round else { return }
      if let code = uaa.answered.experimentalResult?.code {
        guard (5001...5004).contains(code) else { return }
      } else if uaa.answered.resultCode != 5003 {
        return
      }
      let time = flow.messages[uaa.answer].time
      guard let final = flow.finals(of: round, on: .h1).first(where: { flow.messages[$0].time >= time }) else { return }
      let status = flow.messages[final].status
      // A 2xx is CX004's.
      guard status != 403, status >= 300 else { return }
      report(
        "\(uaa.answered.resultText ?? "a refusal") became \(status)", at: [final, uaa.answer], observed: "\(status)",
        expected: "403")
    }
  }
}
