import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX004 = Rule(
    "CX004", .error, "Registration continued after a negative UAA",
    clauses: [.ts24229("5.3.1.3"), .ts29228("6.1.1.1")], since: "0.2",
    why: """
      The HSS refused this subscriber, and the I-CSCF sent the REGISTER on all the same: whoever may not register here is \
      registered.
      """,
    traps: "Another HSS may have been asked afterwards with success: then the first answer decides nothing.",
    when: .register, needs: [.exchange(.userAuthorization), .absence(on: .h2)], trigger: .oddAnswer,
    flagged: [
      Example(
        "roaming was not allowed",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5004       ←
        I -> S: REGISTER sip:hims.net     ←
        S -> I: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "refused",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5004
        I -> P: 403 Forbidden
        """)
    ]
  ) { flow, report in
    flow.forEachExchange(.userAuthorization) { uaa in
      guard !uaa.answered.isSuccess, let round = uaa.round, !flow.isAuthorized(round) else { return }
      let time = flow.messages[uaa.answer].time
      let sentOn = flow.requests(of: round, on: [.h2]).first { flow.messages[$0].time > time }
      guard let sentOn else { return }
      report(
        "the I-CSCF sent the REGISTER on although the HSS had refused", at: [sentOn, uaa.answer],
        observed: "UAA \(uaa.answered.resultText ?? "without a result")", expected: "a refusal toward the UE")
    }
  }
}

extension Flow {
  /// Did any HSS agree to this REGISTER?
  fileprivate func isAuthorized(_ round: Int) -> Bool {
    rounds[round].exchanges.contains { number in
      guard let answer = exchanges[number].answer, messages[answer].command == .userAuthorization else { return false }
      return diameter(answer)?.isSuccess ?? false
    }
  }
}
