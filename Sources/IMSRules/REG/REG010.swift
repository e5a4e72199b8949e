import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let REG010 = Rule(
    "REG010", .warning, "Re-registration at the wrong time",
    clauses: [.ts24229("5.1.1.4.1")], since: "0.2",
    why: """
      A UE refreshes 600 s before its registration ends, or at half of a time of up to 1200 s. One that comes later leaves no \
      time to try again; behind the end it was not to be reached.
      """,
    traps: """
      A tenth more is accepted. Early refreshes have many reasons and are not judged. Only where the REGISTER follows the \
      granted one by its CSeq: else one between them was not captured. The time is that of the hop nearest to the UE.
      """,
    when: Condition("a refresh") { $0.kind == .refresh }, needs: [.message(status: nil, on: Hop.sip)],
    flagged: [
      Example(
        "100 s before the end",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 3500s
        UE -> P: REGISTER sip:hims.net      ←
        P -> UE: 200 OK
        """),
      Example(
        "behind the end",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 3700s
        UE -> P: REGISTER sip:hims.net      ←
        P -> UE: 200 OK
        """),
    ],
    clean: [
      Example(
        "600 s before the end",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 3000s
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    guard let before = flow.before, before.expiry > 0, let round = flow.rounds.first, round.callID == before.callID,
      round.cseq == before.cseq &+ 1, let request = flow.outermostRequest(of: 0)
    else { return report.unobservable(.noStart, on: nil) }
    let passed = (flow.messages[request].time - before.grantedAt).nanoseconds / 1_000_000_000
    let expiry = Int64(before.expiry)
    let due = expiry > 1200 ? expiry - 600 : expiry / 2
    guard passed > due + due / 10 else { return }
    report(
      passed > expiry ? "the UE refreshes when its registration has ended" : "the UE refreshes late", at: [request],
      observed: "\(passed) s after \(expiry) s were granted", expected: "after \(due) s",
      severity: passed > expiry ? .error : nil)
  }
}
