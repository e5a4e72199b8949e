import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let REG006 = Rule(
    "REG006", .error, "CSeq does not increase",
    clauses: [.rfc(3261, "10.2"), .rfc(3261, "10.3"), .rfc(3261, "8.1.1.5")], since: "0.2",
    why: """
      The registrar keeps the CSeq of each binding and refuses what is not higher. A REGISTER with other credentials under the \
      same number, as the answer to a challenge, is taken for the first one sent again.
      """,
    traps: """
      Gaps are legal. Only REGISTERs of one Call-ID are compared, on Gm; packets may overtake each other by a few milliseconds, and \
      where the file has them the other way round, a clock was set back. The same request under another branch is VIA002's.
      """,
    when: .register, needs: [.message(status: nil, on: [.h0])],
    flagged: [
      Example(
        "the answer to the challenge repeats the number",
        """
        UE -> P: REGISTER sip:hims.net      ←
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net      ←
          CSeq: 1 REGISTER
        """),
      Example(
        "a lower number",
        """
        UE -> P: REGISTER sip:hims.net      ←
          CSeq: 5 REGISTER
        P -> UE: 401 Unauthorized
        wait 1s
        UE -> P: REGISTER sip:hims.net      ←
          CSeq: 4 REGISTER
        """),
    ],
    clean: [
      Example(
        "higher by more than one",
        """
        UE -> P: REGISTER sip:hims.net
          CSeq: 5 REGISTER
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          CSeq: 8 REGISTER
        """)
    ]
  ) { flow, report in
    for later in flow.transactions where later.hop == .h0 {
      guard let second = later.requests.first else { continue }
      for earlier in flow.transactions where earlier.hop == .h0 {
        guard let first = earlier.requests.first, first != second,
          flow.rounds[earlier.round].callID == flow.rounds[later.round].callID,
          flow.messages[second].time > flow.messages[first].time
        else { continue }
        let (old, new) = (flow.rounds[earlier.round].cseq, flow.rounds[later.round].cseq)
        let isOvertaken = flow.messages[second].time - flow.messages[first].time < .milliseconds(10)
        let isLower = new < old && !isOvertaken && !flow.isOtherWayRoundInFile(first, second)
        guard isLower || new == old && flow.hasOtherCredentials(first, second) else { continue }
        report(
          new == old ? "another REGISTER with CSeq \(new)" : "CSeq \(new) after \(old)", at: [second, first],
          observed: "CSeq \(old), then \(new)", expected: "more than \(old)")
        break
      }
    }
  }
}

extension Flow {
  fileprivate func isOtherWayRoundInFile(_ first: Int, _ second: Int) -> Bool {
    let (before, after) = (messages[first].message.place, messages[second].message.place)
    return before.input == after.input && before.frame > after.frame
  }

  fileprivate func hasOtherCredentials(_ first: Int, _ second: Int) -> Bool {
    guard let before = sip(first)?.authorization, let after = sip(second)?.authorization else { return false }
    return before.map(\.nonce) != after.map(\.nonce) || before.map(\.response) != after.map(\.response)
  }
}
