import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let TIM003 = Rule(
    "TIM003", .warning, "Response after the transaction ended",
    clauses: [.rfc(3261, "17.1.2.2"), .rfc(3261, "16.7")], since: "0.2",
    why: """
      An answer that comes when the client has given up is thrown away: the registrar holds for registered whom the UE was \
      told to have failed.
      """,
    traps: """
      A client of Gm has 128 s, one in the core 32 s. A node that has said 408, 480 or 504 toward the UE has given up before; one capture \
      point must have seen both. What is repeated after the first answer is not late.
      """,
    when: .register, needs: [.transaction(on: Hop.sip)],
    trigger: .lateFinal,
    flagged: [
      Example(
        "the P-CSCF had given up",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        wait 5s
        P -> UE: 504 Server Time-out          ←
        wait 2s
        I -> P: 408 Request Timeout           ←
        """)
    ],
    clean: [
      Example(
        "in time",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        wait 5s
        I -> P: 408 Request Timeout
        P -> UE: 504 Server Time-out
        """)
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      guard let request = transaction.requests.first, let final = transaction.finals.first else { continue }
      if let delay = flow.delay(from: request, to: final), delay > .milliseconds(500) {
        let limit = transaction.hop == .h0 ? flow.timerF(ofUE: request) : flow.customs.timers.finalResponse
        if delay > limit + .milliseconds(500) {
          report(
            "the answer came when the transaction was over", at: [final, request], observed: "\(delay.inSeconds)",
            expected: "within \(limit.inSeconds)")
          continue
        }
      }
      guard let outer = transaction.hop == .h1 ? Hop.h0 : transaction.hop == .h2 ? .h1 : nil else { continue }
      let given = flow.finals(of: transaction.round, on: outer).first {
        [408, 480, 504].contains(flow.messages[$0].status)
      }
      guard let given, flow.isSeenTogether(final, given), let late = flow.delay(from: given, to: final),
        late > .milliseconds(1)
      else { continue }
      report(
        "the answer came when the node had refused already", at: [final, given],
        observed: "\(flow.messages[final].status) on \(transaction.hop.rawValue) \(late.inSeconds) after the "
          + "\(flow.messages[given].status) on \(outer.rawValue)", expected: "an answer before")
    }
  }
}
