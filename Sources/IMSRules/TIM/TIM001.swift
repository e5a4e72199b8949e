import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let TIM001 = Rule(
    "TIM001", .warning, "Retransmissions",
    clauses: [.rfc(3261, "17.1.2")], since: "0.2",
    why: """
      A request is sent again when no answer comes in time: something on the way is slow, or loses packets. One is chance, \
      more are a fault.
      """,
    traps: """
      Copies at several capture points are one packet. One repetition is only noted; ten, up to the end of the transaction, \
      are an error. The hop with most is named, once for each REGISTER of the UE. What TCP repeats is not seen here.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)],
    trigger: .repetition,
    flagged: [
      Example(
        "three times",
        """
        UE -> P: REGISTER sip:hims.net        ←
        wait 500ms
        UE -> P: REGISTER (again)
        wait 1s
        UE -> P: REGISTER (again)
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "once",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      var most: (index: Int, copies: Int)?
      for number in flow.rounds[round].transactions {
        for index in flow.transactions[number].requests {
          let copies = flow.messages[index].message.transmissions.count - 1
          if copies > most?.copies ?? 0 { most = (index, copies) }
        }
      }
      guard let (index, copies) = most else { continue }
      let hop = flow.messages[index].hop?.rawValue ?? ""
      let last = flow.messages[index].message.transmissions[copies].time - flow.messages[index].time
      report(
        "the REGISTER was sent \(copies == 1 ? "twice" : "\(copies + 1) times") on \(hop)", at: [index],
        observed: "\(copies) repetition\(copies == 1 ? "" : "s") in \(last.inSeconds)", expected: "an answer in time",
        severity: copies >= 10 ? .error : copies == 1 ? .info : nil)
    }
  }
}
