import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP
import IMSSecrets

extension Rule {
  static let AUT010 = Rule(
    "AUT010", .error, "Correct digest response rejected",
    clauses: [.ts24229("5.4.1.2.2"), .ts24229("5.4.1.2.3A")], since: "0.2",
    why: """
      The UE proved that it knows the key and was refused all the same: the fault lies in the core, not in the SIM. Look at \
      integrity-protected, at a changed Call-ID, at another S-CSCF, at the time since the challenge.
      """,
    traps: """
      A nonce that was accepted before may be challenged anew: re-authentication. Only 401 and 403 judge the response; a stale \
      nonce and a resynchronisation do not, and neither does a refusal behind a SAA that refused the assignment or a SAR that gives it up. A REGISTER that \
      had to be sent again may have been granted before.
      """,
    when: .authenticated, needs: [.vector, .message(status: 401...403, on: Hop.sip)], trigger: .refusedAnswer,
    flagged: [
      Example(
        "refused although it is right",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 403 Forbidden      ←
        """)
    ],
    clean: [
      Example(
        "refused because it is wrong",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
          Authorization.response: "00000000000000000000000000000000"
        S -> I: 403 Forbidden
        """),
      Example(
        "the HSS refuses the assignment",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: SAR
        HSS -> S: SAA exp 5005
        S -> I: 403 Forbidden
        """),
      Example(
        "the I-CSCF refuses, because the HSS told it to",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5004
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """),
      Example(
        "the P-CSCF refuses and sends nothing on",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 403 Forbidden
        """),
    ]
  ) { flow, report in
    for (request, response) in flow.judgedAnswers({ $0 == 401 || $0 == 403 }) {
      if !flow.mayComeFromRegistrar(response) || flow.isRefusedByHSS(response) { continue }
      let stale =
        flow.sip(response)?.wwwAuthenticate.contains { $0.stale?.equalsIgnoringCase("true") ?? false } ?? false
      let check = flow.digestCheck(of: request)
      guard !stale, let nonce = check.nonce, !flow.isAccepted(nonce), !flow.isSentAgain(answeredBy: response),
        // HA1 of SIP Digest verifies what was accepted before, which may be challenged anew too.
        !flow.answersChallengeOfBefore(request)
      else { continue }
      switch check.verdict {
      case .wrong, .noAnswer: continue
      // A refresh answers with the vector of an earlier registration; it may always be challenged anew.
      case .noVector: if flow.before == nil { report.unobservable(.noStart, on: .c2) }
      case .verified:
        report(
          "the response was right and was refused with \(flow.sip(response)?.status ?? 0)",
          at: [response, request] + [check.answer].compactMap(\.self), observed: "a response that verifies",
          expected: "200, or a refusal for another reason")
      }
    }
  }
}

extension Flow {
  /// The HSS refused the user or the assignment for the same REGISTER, or the S-CSCF could not do with what it was told: so it must
  /// refuse.
  fileprivate func isRefusedByHSS(_ response: Int) -> Bool {
    let round = round(of: response)
    return decidingExchanges(of: round).contains { exchange in
      exchange.round == round
        && (isTakenBack(exchange) || exchange.answer.flatMap { diameter($0) }.map { !$0.isSuccess } ?? false)
    }
  }
}
