import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSSecrets

extension Rule {
  static let AUT003 = Rule(
    "AUT003", .error, "Algorithm wrong or inconsistent",
    clauses: [.ts24229("5.4.1.2.1"), .rfc(3310, "3.1"), .rfc(4169, "3")], since: "0.2",
    why: """
      Both sides must compute the response in the same way. A UE that is asked for what it does not know stays silent; one \
      that answers by another algorithm is refused.
      """,
    traps: """
      The value in quotes is the same value. Without algorithm MD5 is meant: right for SIP Digest, wrong in the answer to a \
      challenge with AKA. The scheme of the MAA is compared by its family. A 401 may offer several.
      """,
    when: .authenticated, needs: [.message(status: 401...401, on: Hop.sip)], trigger: .oddAlgorithm,
    flagged: [
      Example(
        "an algorithm that nobody knows",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          WWW-Authenticate.algorithm: AKAv3-MD5
        """),
      Example(
        "answered with another",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.algorithm: MD5
        """),
    ],
    clean: [
      Example(
        "in quotes",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          WWW-Authenticate.algorithm: "AKAv1-MD5"
        UE -> P: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for answer in flow.facts.answeredChallenges {
      for challenge in flow.challenges(of: answer) where DigestAlgorithm(challenge.algorithm) == nil {
        report(
          "the 401 asks for an algorithm that is none", at: [answer.challenge],
          observed: "algorithm=\(challenge.algorithm ?? "")",
          expected: "AKAv1-MD5, AKAv2-MD5, AKAv2-SHA-256, MD5 or SHA")
      }
      guard let request = answer.request, let given = flow.credentials(of: answer) else { continue }
      // Of several the UE may take the one that it can (RFC 7616 §3.7).
      let offered = flow.challenges(of: answer).filter { $0.nonce == given.nonce }
      guard let asked = offered.first else { continue }
      let isOffered = offered.contains { challenge in
        given.algorithm.map { $0.equalsIgnoringCase(challenge.algorithm ?? "MD5") } ?? !challenge.isAKA
      }
      if isOffered { continue }
      report(
        "the challenge is answered by another algorithm", at: [request, answer.challenge],
        observed: given.algorithm.map { "algorithm=\($0)" } ?? "no algorithm",
        expected: "algorithm=\(asked.algorithm ?? "MD5")")
    }
    flow.noteSchemes(&report)
  }
}

extension Flow {
  /// The S-CSCF challenges by another scheme than the HSS gave a vector for.
  fileprivate func noteSchemes(_ report: inout Reporter) {
    guard index.hasVectors, let challenge = registerMessages.first(where: { messages[$0].status == 401 }),
      let algorithm = sip(challenge)?.wwwAuthenticate.first?.algorithm
    else { return }
    let vectors = facts.authenticationVectors
    guard let answer = vectors.first.flatMap(\.answer) else { return }
    let isAKA = algorithm.hasPrefixIgnoringCase("AKAv")
    let fits = vectors.contains { isAKA ? $0.challenge.count == 32 : $0.ha1 != nil }
    if fits { return }
    report(
      "the S-CSCF challenges by another scheme than the HSS gave a vector for", at: [challenge, answer],
      observed: "algorithm=\(algorithm)", expected: isAKA ? "SIP Digest" : "AKA")
  }
}
