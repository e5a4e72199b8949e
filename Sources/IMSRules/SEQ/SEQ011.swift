import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ011 = Rule(
    "SEQ011", .warning, "Challenge loop",
    clauses: [.ts24229("5.4.1.2.2"), .ts24229("5.1.1.5.3")], since: "0.2",
    why: """
      A UE that answers a challenge and is challenged again, without having asked for it, will not get in by trying: its \
      answer, its path or the S-CSCF is wrong.
      """,
    traps: """
      A resynchronisation (AUTS), a stale nonce and a new challenge after an accepted one are no loop. A refresh may \
      always be challenged anew, and so may a REGISTER that had to be sent again: it may have been granted before. The \
      second challenge is a warning, the third an error, unless each answer was wrong: then the S-CSCF may try again \
      (AUT011 tells of it).
      """,
    when: .challenged, needs: [.message(status: 401...401, on: Hop.sip)], trigger: .challengedTwice,
    flagged: [
      Example(
        "answered and challenged again",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized          ←
        """)
    ],
    clean: [
      Example(
        "a resynchronisation",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Authorization.auts: "uoU/PBKc38GEyuSusq8="
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    let loops = Hop.sip.map { ($0, ChallengeLoop.repeated(on: $0, flow, &report)) }
    guard let (hop, challenges) = loops.max(by: { $0.1.count < $1.1.count }), !challenges.isEmpty else { return }
    report(
      "challenged again although the challenge had been answered", at: challenges.reversed(),
      observed: "\(challenges.count + 1) challenges on \(hop.rawValue)", expected: "200 or a refusal after the answer",
      severity: challenges.count > 1 && challenges.contains(where: flow.repeatsForRightAnswer) ? .error : nil)
  }
}

private enum ChallengeLoop {
  /// The 401s on a hop that came although the REGISTER before them answered a challenge of this registration.
  static func repeated(on hop: Hop, _ flow: Flow, _ report: inout Reporter) -> [Int] {
    let challenges = flow.registerMessages.filter { flow.messages[$0].status == 401 && flow.messages[$0].hop == hop }
    guard challenges.count > 1 else { return [] }
    var challenged = Set<Text>()
    var seen = Set<Text>()
    var result: [Int] = []
    for index in challenges {
      guard let sip = flow.sip(index) else { continue }
      let request = flow.request(of: index)
      let credentials = request.flatMap { flow.sip($0)?.authorization } ?? []
      let nonce = credentials.lazy.compactMap(\.nonce).first { !$0.isEmpty }
      guard let given = sip.wwwAuthenticate.lazy.compactMap(\.nonce).first else { continue }
      defer { challenged.insert(given) }
      let answers = credentials.contains { !($0.response?.isEmpty ?? true) && $0.auts == nil }
      let stale = sip.wwwAuthenticate.contains { $0.stale?.equalsIgnoringCase("true") ?? false }
      guard answers, !stale, let nonce, challenged.contains(nonce),
        // What any hop shows as accepted was accepted, though the 200 may have been lost on its way. Of a REGISTER that had
        // to be sent again that may be so where no capture point tells.
        !flow.isAccepted(nonce), !flow.isSentAgain(answeredBy: index)
      else { continue }
      // Behind the cut may stand the AUTS with which it asked for another one.
      if let request, flow.messages[request].message.isTruncated, flow.sip(request)?.showsWhole(.authorization) != true
      {
        report.unobservable(.truncated, on: hop)
        continue
      }
      if seen.insert(given).inserted { result.append(index) }
    }
    return result
  }
}

extension Flow {
  /// TS 24.229 §5.4.1.2.2: a wrong response may be answered with another challenge.
  fileprivate func repeatsForRightAnswer(_ challenge: Int) -> Bool {
    guard let request = request(of: challenge), case .verified = digestCheck(of: request).verdict else { return false }
    return true
  }
}
