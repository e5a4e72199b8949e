import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP
import IMSSecrets

extension Rule {
  static let AUT011 = Rule(
    "AUT011", .warning, "Wrong digest response rejected",
    clauses: [.rfc(3310, "3"), .ts24229("5.4.1.2.3A"), .ts33203("6.1.2.1")], since: "0.2",
    why: """
      The S-CSCF is right to refuse; the question is what the UE did wrong. Common mistakes are tried until one gives the \
      response that was sent.
      """,
    traps: """
      A resynchronisation sends a digest with an empty password on purpose. When no mistake explains the response, RES itself \
      differs: wrong K or OPc, wrong SIM, or a wrong password.
      """,
    when: .authenticated, needs: [.vector, .message(status: 401...403, on: Hop.sip)], trigger: .refusedAnswer,
    flagged: [
      Example(
        "RES as hexadecimal text",
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
        I -> S: REGISTER sip:hims.net        ←
          Authorization.response: "5706a9c6dccc02379bdc9a802bc98b7e"
        S -> I: 403 Forbidden
        """)
    ],
    clean: [
      Example(
        "nothing was wrong",
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
        S -> I: 200 OK
        """)
    ]
  ) { flow, report in
    for (request, response) in flow.judgedAnswers({ $0 == 401 || $0 == 403 }) {
      let check = flow.digestCheck(of: request)
      guard case .wrong(let hypothesis) = check.verdict else { continue }
      let cause =
        hypothesis?.rawValue ?? flow.keyProof?.trouble
        ?? (flow.mechanism == .aka
          ? "different RES: wrong K or OPc, wrong SIM, or AUTN mismatch" : "wrong password or HA1")
      report(
        "the response does not follow from the vector: \(cause)",
        at: [request, response] + [check.answer].compactMap(\.self),
        observed: "response \(flow.sip(request)?.authorization.first?.response ?? "")",
        expected: "the response that follows from \(check.source)")
    }
  }
}
