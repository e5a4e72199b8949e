import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT012 = Rule(
    "AUT012", .error, "RAND or nonce reused",
    clauses: [.ts33203("6.1"), .rfc(3310, "5")], since: "0.2",
    why: """
      A vector is good once. A SIM that sees a RAND again takes it for a replay and asks for a resynchronisation; an \
      eavesdropper who knows the first answer has the second.
      """,
    traps: """
      The 401 to a REGISTER that was sent again is the same 401. With SIP Digest a nonce may serve for long. Judged within \
      one registration.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: Hop.sip)], trigger: .challengedTwice,
    flagged: [
      Example(
        "answered, and asked again",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          WWW-Authenticate.nonce: "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
        """)
    ],
    clean: [
      Example(
        "a new challenge",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var known: [(round: Int, index: Int, nonce: Text)] = []
    for answer in flow.facts.answeredChallenges {
      for challenge in flow.challenges(of: answer) where challenge.isAKA {
        guard let nonce = challenge.nonce else { continue }
        let isAnswer = flow.firstRequest(of: answer.round).map { flow.answersChallenge($0) } ?? false
        if isAnswer, let first = known.first(where: { $0.nonce == nonce && $0.round != answer.round }) {
          report(
            "the challenge was answered and comes again", at: [answer.challenge, first.index],
            observed: "nonce \(nonce) twice", expected: "a new vector")
        }
        known.append((answer.round, answer.challenge, nonce))
      }
    }
    guard flow.index.hasVectors else { return }
    let vectors = flow.facts.authenticationVectors
    for (number, vector) in vectors.enumerated() where !vector.challenge.isEmpty {
      guard let answer = vector.answer,
        let first = vectors[..<number].first(where: { $0.challenge == vector.challenge })?.answer,
        flow.diameter(first)?.sessionID != flow.diameter(answer)?.sessionID
      else { continue }
      report(
        "the HSS gives one vector twice", at: [answer, first], observed: "the same RAND and AUTN",
        expected: "a new vector")
    }
  }
}
