import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let TIM002 = Rule(
    "TIM002", .info, "Retransmission intervals not per timer E",
    clauses: [.rfc(3261, "17.1.2.2"), .ts24229("7.7")], since: "0.2",
    why: """
      A client that repeats faster than its timer allows loads a network that is slow already; one that does so on the radio \
      fills the buffer of its own bearer.
      """,
    traps: """
      T1 of 500 ms is the shortest that is allowed: what comes before 400 ms is too early by any. Longer gaps may be \
      repetitions that were lost before the capture point, and a transaction that died and came back begins its gaps anew: \
      neither is judged.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)],
    trigger: .repetition,
    flagged: [
      Example(
        "after 100 ms",
        """
        UE -> P: REGISTER sip:hims.net        ←
        wait 100ms
        UE -> P: REGISTER (again)
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "500 ms, then 1 s",
        """
        UE -> P: REGISTER sip:hims.net
        wait 500ms
        UE -> P: REGISTER (again)
        wait 1s
        UE -> P: REGISTER (again)
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for index in flow.registerMessages where flow.messages[index].isRequest {
      let message = flow.messages[index].message
      guard message.transmissions.count > 1, message.transport == .udp else { continue }
      for number in 1..<message.transmissions.count {
        let point = message.transmissions[number - 1].earliest.point
        guard let before = message.transmissions[number - 1].time(at: point),
          let after = message.transmissions[number].time(at: point), after - before < .milliseconds(400)
        else { continue }
        report(
          "the REGISTER was sent again too early on \(flow.messages[index].hop?.rawValue ?? "")", at: [index],
          observed: "repetition \(number) after \((after - before).inSeconds)", expected: "T1, 0.50 s or more")
        break
      }
    }
  }
}
