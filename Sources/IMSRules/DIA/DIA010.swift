import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA010 = Rule(
    "DIA010", .warning, "Peer trouble during the flow",
    clauses: [.rfc(6733, "5.5"), .rfc(6733, "7.1"), .ts29229("5.6")], since: "0.2",
    why: """
      The HSS, or an agent before it, is overloaded, cannot be reached, or sends the client elsewhere: the registration \
      suffers from something that is no fault of its own.
      """,
    traps: """
      Judged are answers that say so. A redirect of an SLF (3006) that was followed is how the HSS is found (TS 29.228 §8.4). \
      A connection that broke is told in the cause of the registration; watchdogs and \
      capabilities belong to a connection, not to a registration.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddAnswer,
    flagged: [
      Example(
        "too busy",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA result 3004       ←
        I -> P: 480 Temporarily Unavailable
        """)
    ],
    clean: [
      Example(
        "an answer of the HSS",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5001
        I -> P: 403 Forbidden
        """)
    ]
  ) { flow, report in
    flow.forEachDiameter { index, answer in
      guard !answer.isRequest, let code = answer.resultCode, code / 1000 == 3 else { return }
      if code == 3006, flow.exchanges.contains(where: { $0.answer == index && flow.isMadeUpFor($0) }) { return }
      report(
        "the HSS or an agent could not serve the \(answer.name.dropLast())R", at: [index],
        observed: answer.resultText ?? "\(code)", expected: "an answer of the HSS")
    }
  }
}
