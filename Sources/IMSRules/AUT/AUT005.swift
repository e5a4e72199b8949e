import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT005 = Rule(
    "AUT005", .error, "Challenge does not come from the vector of the HSS",
    clauses: [.ts29228("6.3"), .ts33203("6.1")], since: "0.2",
    why: """
      RAND and AUTN of the challenge are those that the HSS gave for this subscriber. Others cannot be answered, or were \
      answered before.
      """,
    traps: """
      Vectors fetched before the capture are not in it: where no MAA of this registration was captured nothing is said. A \
      vector that challenges twice, with another To tag, was used twice.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: Hop.sip), .exchange(.multimediaAuth)],
    flagged: [
      Example(
        "another nonce",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized          ←
          WWW-Authenticate.nonce: "AAAAAAAAAAAAAAAAAAAAAFXzKLQ1d7m5Sp/6w1Tfr7M="
        """)
    ],
    clean: [
      Example(
        "the vector of the MAA",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    let vectors = flow.facts.authenticationVectors.map(\.challenge)
    guard !vectors.isEmpty else { return }
    var judged: [Text] = []
    for index in flow.registerMessages where flow.messages[index].status == 401 {
      guard let sip = flow.sip(index) else { continue }
      for challenge in sip.wwwAuthenticate where challenge.algorithm?.hasPrefixIgnoringCase("AKAv") ?? false {
        guard let nonce = challenge.nonce, !judged.contains(nonce) else { continue }
        judged.append(nonce)
        guard let octets = Base64.decode(nonce), octets.count >= 32 else { continue }
        if vectors.contains(Array(octets.prefix(32))) { continue }
        report(
          "the nonce of the 401 is in no MAA of this registration", at: [index], observed: "nonce \(nonce)",
          expected: "RAND and AUTN of one of \(vectors.count) vectors")
      }
    }
  }
}
