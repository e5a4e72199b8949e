import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP
import IMSSecrets

extension Rule {
  static let AUT009 = Rule(
    "AUT009", .error, "Wrong digest response accepted",
    clauses: [.ts24229("5.4.1.2.2"), .rfc(3310, "3.3"), .rfc(7616, "3.4")], since: "0.2",
    why: """
      The S-CSCF let somebody in who did not prove to know the key: the response does not follow from the XRES or HA1 that \
      the HSS gave. Nothing in this catalogue is worse.
      """,
    traps: """
      Recomputed from the very REGISTER that was accepted, byte-exact, with the vector of its nonce. Where that vector was \
      fetched before the capture nothing is said. A refresh repeats an accepted response: it is verified against the same \
      vector.
      """,
    when: .authenticated, needs: [.vector, .message(status: 200...299, on: Hop.sip)],
    flagged: [
      Example(
        "any response will do",
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
        S -> I: 200 OK           ←
        """)
    ],
    clean: [
      Example(
        "the right response",
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
    for round in flow.rounds.indices {
      guard let (request, response) = flow.judgedAnswer(of: round, { (200..<300).contains($0) }) else { continue }
      let check = flow.digestCheck(of: request)
      switch check.verdict {
      case .verified, .noAnswer: continue
      case .noVector: report.unobservable(.noStart, on: .c2)
      case .wrong(let hypothesis):
        report(
          "accepted although the response is wrong: \(hypothesis?.rawValue ?? "it follows from no key known here")",
          at: [response, request] + [check.answer].compactMap(\.self),
          observed: "response \(flow.sip(request)?.authorization.first?.response ?? "")",
          expected: "the response that follows from \(check.source)")
      }
    }
  }
}
