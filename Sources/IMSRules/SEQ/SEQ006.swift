import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ006 = Rule(
    "SEQ006", .warning, "Challenge without Multimedia-Auth",
    clauses: [.ts24229("5.4.1.2.1"), .ts29228("6.3")], since: "0.2",
    why: """
      The challenge comes from a vector of the HSS, and asking for it leaves the name of the S-CSCF there. A challenge that \
      nobody asked for is old, or made by the S-CSCF itself.
      """,
    traps: """
      Several vectors may have been fetched with one request: an earlier registration of the subscriber in this capture \
      explains the challenge, and one before the capture may.
      """,
    when: .firstChallenge, needs: [.message(status: 401...401, on: [.h1, .h2]), .absence(on: .c2), .start],
    flagged: [
      Example(
        "challenged out of nothing",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 401 Unauthorized         ←
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        """)
    ],
    clean: [
      Example(
        "asked for",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    if flow.index.hasVectors { return }
    let challenge = [Hop.h2, .h1].lazy.compactMap { hop in
      flow.registerMessages.first { flow.messages[$0].status == 401 && flow.messages[$0].hop == hop }
    }.first
    guard let challenge else { return }
    if let obstacle = flow.obstacle(to: .c2, from: flow.messages[challenge].time, for: .zero) {
      return report.unobservable(obstacle, on: .c2)
    }
    report(
      "the S-CSCF challenged without asking the HSS", at: [challenge], observed: "no MAA of this subscriber on C2",
      expected: "MAR and MAA before the 401")
  }
}

extension Condition {
  /// Nothing of the subscriber was seen before.
  static let firstChallenge = Condition("the first registration of a subscriber in the capture, with AKA or SIP Digest")
  {
    [.aka, .digest].contains($0.mechanism) && $0.kind == .initial && $0.before == nil
  }
}
