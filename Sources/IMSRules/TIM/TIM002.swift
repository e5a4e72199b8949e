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
      Longer gaps may be repetitions that were lost before the capture point: only what is too early is reported, by T1 of \
      500 ms, which is the shortest that is allowed, and a fifth of patience.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)],
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
      var due: Int64 = 500_000_000
      for number in 1..<message.transmissions.count {
        let point = message.transmissions[number - 1].earliest.point
        guard let before = message.transmissions[number - 1].time(at: point),
          let after = message.transmissions[number].time(at: point)
        else { break }
        let gap = after - before
        if gap.nanoseconds < due / 5 * 4 {
          report(
            "the REGISTER was sent again too early on \(flow.messages[index].hop?.rawValue ?? "")", at: [index],
            observed: "repetition \(number) after \(gap.inSeconds)",
            expected: "\(Interval(nanoseconds: due).inSeconds) or more")
          break
        }
        due = min(due * 2, 4_000_000_000)
      }
    }
  }
}
