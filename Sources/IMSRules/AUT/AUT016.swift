import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT016 = Rule(
    "AUT016", .error, "Synchronisation failure mishandled",
    clauses: [.rfc(3310, "3.4"), .ts24229("5.1.1.5.3"), .ts29228("6.3"), .ts29229("6.3.11")], since: "0.2",
    why: """
      With AUTS the SIM tells the HSS its sequence number. Where AUTS gets lost on the way the HSS goes on from its own, and \
      the UE refuses every challenge.
      """,
    traps: """
      A digest may or may not be there beside auts. An empty response without auts says that the SIM takes the network for a \
      false one: a warning, for the fault is a key, not the UE. A second resynchronisation in one registration is a warning.
      """,
    when: .challenged, needs: [.message(status: nil, on: Hop.sip)],
    trigger: .unanswered,
    flagged: [
      Example(
        "AUTS of the wrong length",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.auts: "uoU/PBKc38E="
        """),
      Example(
        "the S-CSCF keeps it to itself",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.auts: "uoU/PBKc38GEyuSusq8="
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR                    ←
          -SIP-Authorization
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        """),
    ],
    clean: [
      Example(
        "resynchronised",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Authorization.auts: "uoU/PBKc38GEyuSusq8="
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    var count = 0
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round), let credentials = flow.sip(index)?.authorization.first else {
        continue
      }
      guard let auts = credentials.auts else {
        if round > 0, credentials.response?.isEmpty ?? false, !(credentials.nonce?.isEmpty ?? true) {
          report(
            "the UE takes the network for a false one", at: [index], observed: "an empty response and no auts",
            expected: "a response: \(flow.keyProof?.trouble ?? "K or OPc of the HSS may be wrong")", severity: .warning)
        }
        continue
      }
      count += 1
      let octets = Base64.decode(auts)
      if octets?.count != 14 {
        report(
          "auts is no AUTS", at: [index], observed: octets.map { "\($0.count) octets" } ?? "no base 64",
          expected: "base 64 of 14 octets")
      } else if let octets, let nonce = credentials.nonce {
        flow.noteResynchronisation(of: round, index, nonce, octets, &report)
        flow.noteSequence(index, &report)
      }
      if count == 2 {
        report(
          "a second resynchronisation in one registration", at: [index], observed: "auts again",
          expected: "a challenge that the SIM accepts", severity: .warning)
      }
    }
  }
}

extension Flow {
  /// With the key of the subscriber: MAC-S must follow from it, and the next challenge must be ahead of SQN_MS.
  fileprivate func noteSequence(_ register: Int, _ report: inout Reporter) {
    guard let proof = keyProof, let auts = proof.resynchronisations.first(where: { $0.message == register }) else {
      return
    }
    guard auts.mac else {
      // With another key in the HSS nothing follows from the one that was given.
      guard proof.challenges.contains(where: \.mac) else { return }
      return report(
        "MAC-S of auts does not follow from the key of the subscriber", at: [register], observed: "another MAC-S",
        expected: "MAC-S of K, RAND and SQN_MS")
    }
    guard let known = auts.sqn, let next = proof.challenges.first(where: { $0.message > register && $0.mac }),
      let sqn = next.sqn, sqn <= known
    else { return }
    report(
      "the challenge after the resynchronisation is behind the SIM again", at: [next.message, register],
      observed: "SQN \(known - sqn) behind SQN_MS", expected: "SQN ahead of SQN_MS")
  }

  /// The MAR of the round must hold RAND and AUTS, and the new challenge must be another.
  fileprivate func noteResynchronisation(
    of round: Int, _ register: Int, _ nonce: Text, _ auts: [UInt8], _ report: inout Reporter
  ) {
    var due: [UInt8]?
    if let challenge = Base64.decode(nonce), challenge.count >= 16 { due = challenge.prefix(16) + auts }
    forEachRequest(.multimediaAuth) { index, mar, exchangeRound in
      guard exchangeRound == round, let due else { return }
      let sent = mar.first(.sipAuthDataItem)?.children.first(.sipAuthorization)?.data
      if let sent, Array(sent.bytes) == due { return }
      report(
        "the MAR does not carry RAND and AUTS of the UE", at: [index, register],
        observed: sent.map { "SIP-Authorization of \($0.count) octets" } ?? "no SIP-Authorization",
        expected: "30 octets: RAND of the refused challenge and AUTS")
    }
    for hop in Hop.sip {
      guard
        let challenge = finals(of: round, on: hop).first(where: { index in
          messages[index].status == 401 && sip(index)?.wwwAuthenticate.contains { $0.nonce == nonce } ?? false
        })
      else { continue }
      report(
        "the refused challenge comes again", at: [challenge, register], observed: "nonce \(nonce) again",
        expected: "a new challenge")
      return
    }
  }
}
