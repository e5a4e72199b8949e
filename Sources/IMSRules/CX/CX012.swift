import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX012 = Rule(
    "CX012", .error, "Server-Assignment-Type does not fit the state",
    clauses: [.ts29228("6.1.2"), .ts24229("5.4.1.2.2"), .ts24229("5.4.1.4")], since: "0.2",
    why: """
      By the type the HSS knows whether the subscriber is registered. A wrong one leaves a user reachable who has gone, or \
      registers one who has not proved who he is.
      """,
    traps: """
      Whether a registration is the first is not judged: a restarted S-CSCF assigns itself anew with REGISTRATION. What comes \
      behind the challenge of another REGISTER is none of this one's.
      """,
    when: .register, needs: [.exchange(.serverAssignment), .message(status: nil, on: Hop.sip)],
    trigger: .oddAssignment,
    flagged: [
      Example(
        "a de-registration stored as a registration",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR                   ←
          Server-Assignment-Type: 2
        HSS -> S: SAA
        S -> I: 200 OK
        """),
      Example(
        "registered before the challenge was answered",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> HSS: SAR                   ←
          Server-Assignment-Type: 1
        HSS -> S: SAA
        S -> I: 401 Unauthorized
        """),
    ],
    clean: [
      Example(
        "registered after a restart of the S-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
        P -> UE: 200 OK
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
          Server-Assignment-Type: 1
        HSS -> S: SAA
        S -> I: 200 OK
        """)
    ]
  ) { flow, report in
    flow.forEachRequest(.serverAssignment) { index, sar, round in
      guard let round, let type = sar.serverAssignmentType, let register = flow.firstRequest(of: round),
        let sip = flow.sip(register)
      else { return }
      if sip.takesAway {
        guard type == 1 || type == 2 else { return }
        report(
          "the REGISTER takes the registration away, the SAR stores one", at: [index, register],
          observed: "Server-Assignment-Type \(type)", expected: "5 or 7")
      } else if [4, 5, 6, 7].contains(type), flow.isGranted(round) {
        report(
          "the REGISTER was granted, the SAR takes the registration away", at: [index, register],
          observed: "Server-Assignment-Type \(type)", expected: "1 or 2")
      } else if type == 1 || type == 2, let challenge = flow.challenge(behind: index, in: round) {
        report(
          "the S-CSCF registers the subscriber and challenges him afterwards", at: [index, challenge],
          observed: "Server-Assignment-Type \(type) before the 401", expected: "no SAR before the challenge is answered"
        )
      }
    }
  }
}

extension Flow {
  fileprivate func isGranted(_ round: Int) -> Bool {
    rounds[round].transactions.contains { number in
      transactions[number].finals.contains { (200..<300).contains(messages[$0].status) }
    }
  }

  /// The 401 of the S-CSCF that came after this message, to a REGISTER that was never granted and answers no challenge.
  fileprivate func challenge(behind index: Int, in round: Int) -> Int? {
    guard !isGranted(round), let request = firstRequest(of: round, on: .h2), !answersChallenge(request),
      messages[request].time < messages[index].time
    else { return nil }
    return finals(of: round, on: .h2).first {
      messages[$0].status == 401 && messages[$0].time > messages[index].time + .milliseconds(1)
    }
  }
}
