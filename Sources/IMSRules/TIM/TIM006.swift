import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let TIM006 = Rule(
    "TIM006", .warning, "Slow node or slow registration",
    clauses: [.rfc(6076, "4.1")], since: "0.2",
    why: """
      The user has no service until the 200 is there. What takes more than five seconds is felt, and ends in a second \
      attempt.
      """,
    traps: """
      Counted is the time from each REGISTER of the UE to its answer on Gm, by one clock, without what the UE itself needs \
      between. Access and paging are not in it.
      """,
    when: .granted, needs: [.message(status: 200...299, on: [.h0])],
    trigger: .slowRegistration,
    flagged: [
      Example(
        "six seconds",
        """
        UE -> P: REGISTER sip:hims.net
        wait 3s
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
        wait 3s
        P -> UE: 200 OK                       ←
        """)
    ],
    clean: [
      Example(
        "the UE thinks",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        wait 8s
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    var total = Interval.zero
    var last: (request: Int, answer: Int)?
    for transaction in flow.transactions where transaction.hop == .h0 {
      guard let request = transaction.requests.first, let final = transaction.finals.first,
        let delay = flow.delay(from: request, to: final)
      else { continue }
      total = total + delay
      last = (request, final)
    }
    guard total > .seconds(5), let last else { return }
    report(
      "the network took \(total.inSeconds) for the registration", at: [last.answer, last.request],
      observed: total.inSeconds, expected: "5 s or less")
  }
}
