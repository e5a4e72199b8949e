import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSSecrets

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
      vector that challenges twice, with another To tag, was used twice. Of several vectors in one MAA the first that was seen \
      to be used need not be the first: it is one only for the REGISTER that fetched them, and a warning.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: Hop.sip), .exchange(.multimediaAuth)],
    trigger: .otherNonce,
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
      for challenge in sip.wwwAuthenticate where challenge.isAKA {
        guard let nonce = challenge.nonce, !judged.contains(nonce) else { continue }
        judged.append(nonce)
        guard let octets = flow.octets(ofNonce: nonce), octets.count >= 32 else { continue }
        if vectors.contains(Array(octets.prefix(32))) { continue }
        if let obstacle = flow.obstacle(toVectorOf: index) {
          report.unobservable(obstacle, on: .c2)
          continue
        }
        report(
          "the nonce of the 401 is in no MAA of this registration", at: [index], observed: "nonce \(nonce)",
          expected: "RAND and AUTN of one of \(vectors.count) vectors")
      }
    }
    flow.noteOrder(&report)
    flow.noteVectors(&report)
  }
}

extension Flow {
  /// Why the vector of a challenge may not have been seen.
  fileprivate func obstacle(toVectorOf challenge: Int) -> Unobservable? {
    if !startSeen, round(of: challenge) == 0 { return .noStart }
    return loss(on: .c2, from: messages[challenge].time, to: messages[challenge].time)
  }

  /// Several vectors of one MAA are used in the order of SIP-Item-Number (TS 29.228 §6.3): the REGISTER that fetched them is
  /// challenged with the first, and none follows one that stands behind it.
  fileprivate func noteOrder(_ report: inout Reporter) {
    let vectors = facts.authenticationVectors.filter { $0.challenge.count == 32 && $0.number != nil }
    guard vectors.count > 1 else { return }
    var last: [Int: (number: UInt32, index: Int)] = [:]
    var seen: [[UInt8]] = []
    for index in registerMessages where messages[index].status == 401 {
      for nonce in sip(index)?.wwwAuthenticate.compactMap(\.nonce) ?? [] {
        guard let octets = challengeOctets(ofNonce: nonce), !seen.contains(octets),
          let vector = vectors.last(where: { $0.challenge == octets }), let answer = vector.answer,
          let number = vector.number
        else { continue }
        seen.append(octets)
        let first = vectors.filter { $0.answer == answer }.compactMap(\.number).min() ?? number
        if let before = last[answer], before.number > number {
          report(
            "a vector is used after one that stands behind it", at: [index, before.index, answer],
            observed: "item \(number) after item \(before.number)", expected: "the order of SIP-Item-Number")
        } else if last[answer] == nil, number != first, isFetched(answer, by: index) {
          report(
            "the first vector of the MAA is passed over", at: [index, answer], observed: "item \(number)",
            expected: "item \(first)", severity: .warning)
        }
        last[answer] = (number, index)
      }
    }
  }

  /// Was the MAA asked for by the REGISTER that this 401 answers?
  private func isFetched(_ answer: Int, by challenge: Int) -> Bool {
    guard let round = round(of: challenge) else { return false }
    return exchanges.first { $0.answer == answer }?.round == round
  }

  /// With the key of the subscriber, which XRES proves to be that of the HSS.
  fileprivate func noteVectors(_ report: inout Reporter) {
    guard let proof = keyProof else { return }
    for challenge in proof.challenges where challenge.xres == true && !challenge.mac {
      report(
        "MAC-A of the vector does not follow from the key of the subscriber: \(proof.text)",
        at: [challenge.message], observed: "XRES follows from it, MAC-A does not",
        expected: "AUTN made of SQN, AMF and MAC-A")
    }
  }
}
