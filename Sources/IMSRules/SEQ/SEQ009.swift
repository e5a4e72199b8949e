import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ009 = Rule(
    "SEQ009", .error, "Response not relayed toward the UE",
    clauses: [.rfc(3261, "16.7"), .ts24229("5.2.2.2")], since: "0.2",
    why: """
      The registrar has decided and the UE does not learn it: it waits, and begins anew with what the network holds for done.
      """,
    traps: """
      What a node sent is missing only where a capture point saw what it received and the hop behind it, and was recording \
      for 2 s more. An I-CSCF that selects another S-CSCF keeps 3xx and 480 to itself. A node that has answered already has \
      given up. A UE over UDP that does not send its REGISTER again, or begins anew before it can have given up, has got what \
      the capture lacks.
      """,
    when: .register, needs: [.everyHop(Hop.sip)],
    trigger: .openTransaction,
    flagged: [
      Example(
        "the I-CSCF keeps the 200",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 403 Forbidden            ←
        wait 200s
        UE -> P: OPTIONS sip:hims.net
        """)
    ],
    clean: [
      Example(
        "passed on",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 403 Forbidden
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      for (inner, outer) in [(Hop.h2, Hop.h1), (.h1, .h0)] {
        guard let final = flow.finals(of: round, on: inner).last, flow.finals(of: round, on: outer).isEmpty,
          let request = flow.firstRequest(of: round, on: outer)
        else { continue }
        let status = flow.messages[final].status
        if inner == .h2, (300..<400).contains(status) || status == 480 { continue }
        guard flow.isSeenTogether(final, request) else { continue }
        if let obstacle = flow.obstacle(to: outer, from: flow.messages[final].time, for: .seconds(2)) {
          report.unobservable(obstacle, on: outer)
          continue
        }
        report(
          "the \(status) went no farther than \(outer == .h1 ? "the I-CSCF" : "the P-CSCF")", at: [final, request],
          observed: "\(status) on \(inner.rawValue), none on \(outer.rawValue)",
          expected: "\(status) on \(outer.rawValue)")
      }
    }
  }
}
