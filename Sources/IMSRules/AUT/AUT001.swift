import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT001 = Rule(
    "AUT001", .error, "401 without a usable WWW-Authenticate",
    clauses: [.ts24229("5.4.1.2.1"), .rfc(3261, "22.4")], since: "0.2",
    why: """
      A UE that is told to authenticate itself and not how gives up. Realm and nonce are what it computes its answer from; \
      without algorithm AKA cannot be told from a password.
      """,
    traps: """
      One usable challenge of several is enough. Without algorithm MD5 is meant, which is right for SIP Digest alone. Each \
      REGISTER of the UE is judged once, on the first hop that shows its 401.
      """,
    when: .register, needs: [.message(status: 401...401, on: Hop.sip)], trigger: .oddChallenge,
    flagged: [
      Example(
        "no challenge",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          -WWW-Authenticate
        """),
      Example(
        "AKA without its name",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized         ←
          -WWW-Authenticate.algorithm
        """),
    ],
    clean: [
      Example(
        "AKA",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var judged = -1
    for index in flow.registerMessages where flow.messages[index].status == 401 {
      guard let round = flow.round(of: index), round != judged, let sip = flow.sip(index) else { continue }
      judged = round
      let challenges = sip.wwwAuthenticate
      if challenges.contains(where: { ChallengeFault($0, flow) == nil }) { continue }
      let fault = challenges.first.flatMap { ChallengeFault($0, flow)?.text } ?? "no WWW-Authenticate"
      report(
        "the 401 holds no challenge that can be answered: \(fault)", at: [index], observed: fault,
        expected: "Digest with realm, nonce and algorithm")
    }
  }
}

/// What a challenge lacks.
private struct ChallengeFault {
  var text: String

  init?(_ challenge: Digest, _ flow: Flow) {
    if !challenge.scheme.isToken("Digest") {
      text = "scheme \(challenge.scheme)"
    } else if challenge.realm == nil {
      text = "no realm"
    } else if challenge.nonce?.isEmpty ?? true {
      text = "no nonce"
    } else if challenge.algorithm == nil, flow.mechanism == .aka {
      text = "no algorithm, with AKA"
    } else {
      return nil
    }
  }
}
