import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ010 = Rule(
    "SEQ010", .error, "Final response changed in transit",
    clauses: [.rfc(3261, "16.7"), .ts24229("5.2.2.2"), .ts24229("5.3.1.3")], since: "0.2",
    why: """
      What the registrar decides the UE must learn. A refusal that becomes another one sends it down the wrong path: it tries \
      again where it should not, or gives up where it should not.
      """,
    traps: """
      A proxy makes 500 of 503 and 504 of 408; an I-CSCF that asks the next S-CSCF absorbs 3xx and 480, \
      and what it answers is its own where the HSS then names none. A P-CSCF that cannot \
      set up the associations refuses in place of a 401: a warning, as is one refusal for another, which border elements do \
      by policy. A node that had answered before, or never got the answer, is no changer: one capture point must have seen both. Reason phrases are free.
      """,
    when: .register, needs: [.everyHop(Hop.sip)],
    trigger: .changedFinal,
    flagged: [
      Example(
        "a 200 becomes a refusal",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 200 OK
        I -> P: 200 OK                   ←
        P -> UE: 500 Server Error        ←
        """),
      Example(
        "another refusal",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 403 Forbidden            ←
        I -> P: 404 Not Found            ←
        P -> UE: 404 Not Found
        """),
    ],
    clean: [
      Example(
        "503 and 408",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 503 Service Unavailable
        I -> P: 500 Server Error
        P -> UE: 500 Server Error
        """),
      Example(
        "the HSS has no other S-CSCF to name",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER
        S -> I: 504 Server Time-out
        I -> HSS: UAR
        HSS -> I: UAA exp 5003
        I -> P: 480 Temporarily Unavailable
        P -> UE: 480 Temporarily Unavailable
        """),
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      var last: Int?
      for hop in Hop.sip.reversed() {
        let finals = flow.finals(of: round, on: hop)
        guard let final = finals.first else { continue }
        defer { last = finals.count == 1 && !flow.isLost(final) ? final : nil }
        guard finals.count == 1, let last, flow.messages[last].time <= flow.messages[final].time else { continue }
        let (before, after) = (flow.messages[last].status, flow.messages[final].status)
        guard before != after, !StatusChange.isRight(before, after, fromRegistrar: flow.messages[last].hop == .h2),
          flow.isSeenTogether(last, final), hop != .h1 || !flow.isRefusedByHSS(between: last, final)
        else { continue }
        report(
          "\(before) became \(after) on \(hop.rawValue)", at: [final, last], observed: "\(after)",
          expected: "\(before)",
          severity: StatusChange.isPolicy(before, after) ? .warning : nil)
      }
    }
  }
}

private enum StatusChange {
  static func isRight(_ before: Int, _ after: Int, fromRegistrar: Bool) -> Bool {
    switch (before, after) {
    case (503, 500), (408, 504), (408, 480): true
    case (300..<400, _), (480, _): fromRegistrar
    default: false
    }
  }

  /// One refusal for another, or in place of a challenge.
  static func isPolicy(_ before: Int, _ after: Int) -> Bool { before >= 400 && after >= 400 && after != 401 }
}

extension Flow {
  /// Did the I-CSCF, with the S-CSCF's answer in hand, ask the HSS again and hear of no other? Then it answers for itself.
  fileprivate func isRefusedByHSS(between first: Int, _ second: Int) -> Bool {
    exchanges(of: .userAuthorization).contains { exchange in
      guard let answer = exchange.answer, let diameter = diameter(answer), !diameter.isSuccess else { return false }
      return (messages[first].time...messages[second].time).contains(messages[answer].time)
    }
  }
}
