import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let VIA002 = Rule(
    "VIA002", .error, "Branch used twice",
    clauses: [.rfc(3261, "8.1.1.7"), .rfc(3261, "17.1.2"), .rfc(3261, "16.6")], since: "0.2",
    why: """
      A branch names one transaction. Two REGISTERs with one branch are one transaction to every element behind, and the \
      second gets the answer of the first.
      """,
    traps: """
      A retransmission has the same branch because it is the same request: it is no second message here. The other way round, \
      a request that the UE sends again under a new branch while the first waits is only a warning; proxies may try several \
      next hops, and a UE another transport.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .repeatedRequest,
    flagged: [
      Example(
        "the second REGISTER repeats the branch of the first",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKsame
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKsame
        """),
      Example(
        "the same REGISTER under another branch",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKone
        UE -> P: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKtwo
          CSeq: 1 REGISTER
        """),
    ],
    clean: [
      Example(
        "a branch each",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        """),
      Example(
        "a retransmission",
        """
        UE -> P: REGISTER sip:hims.net
        wait 500ms
        UE -> P: REGISTER sip:hims.net (again)
        P -> UE: 401 Unauthorized
        """),
    ]
  ) { flow, report in
    for (number, later) in flow.transactions.enumerated() {
      guard let second = later.requests.first, let key = flow.messages[second].message.keys else { continue }
      for earlier in flow.transactions[..<number] where earlier.hop == later.hop {
        guard let first = earlier.requests.first, let other = flow.messages[first].message.keys else { continue }
        if key.topBranch == other.topBranch, key.topSentBy == other.topSentBy, key.topBranch != .empty {
          guard earlier.round != later.round else { continue }
          report(
            "branch \(flow.sip(second)?.via.first?.branch?.string ?? "") used again", at: [second, first],
            observed: "CSeq \(other.cseq) and CSeq \(key.cseq) with one branch",
            expected: "a new branch for each request")
          break
        } else if earlier.round == later.round, later.hop == .h0, flow.isSentAnew(first, second) {
          report(
            "the REGISTER (CSeq \(key.cseq)) was sent again under another branch", at: [second, first],
            observed: flow.sip(second)?.via.first?.summary ?? "",
            expected: "a retransmission with \(flow.sip(first)?.via.first?.summary ?? "the first branch")",
            severity: .warning)
          break
        }
      }
    }
  }
}

extension Flow {
  /// One request of the UE under two branches, to one place over one transport, before the first was given up.
  fileprivate func isSentAnew(_ first: Int, _ second: Int) -> Bool {
    let (one, two) = (messages[first].message, messages[second].message)
    guard one.destination == two.destination, one.source == two.source, one.transport == two.transport,
      (two.time - one.time).magnitude < .seconds(128), let before = sip(first), let after = sip(second)
    else { return false }
    return before.authorization == after.authorization
  }
}
