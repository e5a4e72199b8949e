import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ005 = Rule(
    "SEQ005", .error, "I-CSCF forwarded REGISTER without asking the HSS",
    clauses: [.ts24229("5.3.1.2"), .ts29228("6.1.1")], since: "0.2",
    why: """
      The UAR asks whether the subscriber may register here and which S-CSCF serves him. An I-CSCF that skips it trusts a \
      stale choice and lets barred subscribers through.
      """,
    traps: """
      Cx on another interface, over TLS or behind a Diameter agent is not seen: without Cx traffic of this I-CSCF nothing \
      is said. A stock I-CSCF that caches the S-CSCF after the challenge breaks the clause all the same: a warning in the \
      field profile when the first REGISTER of the registration was asked for.
      """,
    when: .register, needs: [.everyPair([.init(.h1, .h2)]), .absence(on: .c1)],
    trigger: .unaskedRequest,
    flagged: [
      Example(
        "the second REGISTER goes on without a UAR",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net        ←
        """)
    ],
    clean: [
      Example(
        "asked each time",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER sip:hims.net
        """)
    ],
    field: .warning
  ) { flow, report in
    for copies in flow.pairs(Need.HopPair(.h1, .h2)) {
      let (inner, outer) = (copies.inner, copies.outer)
      let round = flow.round(of: outer)
      let asked = flow.exchanges(of: .userAuthorization).contains { exchange in
        guard exchange.round == round, let answer = exchange.answer else { return false }
        return flow.messages[answer].time <= flow.messages[outer].time + .milliseconds(1)
      }
      guard !asked else { continue }
      let time = max(.zero, flow.messages[outer].time - flow.messages[inner].time)
      if let obstacle = flow.obstacle(to: .c1, from: flow.messages[inner].time, for: time) {
        report.unobservable(obstacle, on: .c1)
        continue
      }
      let nearest = flow.exchanges(of: .userAuthorization).compactMap(\.request).last { $0 < outer }
      report(
        "the I-CSCF forwarded the REGISTER without a UAR", at: [outer, inner],
        observed: nearest == nil ? "no UAR of this registration" : "the last UAR belongs to an earlier REGISTER",
        expected: "UAR and UAA between the REGISTER on H1 and its copy on H2")
    }
  }
}
