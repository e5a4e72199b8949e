import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA001 = Rule(
    "DIA001", .error, "Header invalid",
    clauses: [.rfc(6733, "3")], since: "0.2",
    why: """
      A peer that keeps to the standard answers a wrong header with 3008 or 5013, or closes the connection: then nobody \
      registers any more.
      """,
    traps:
      "Another version than 1, and an impossible length, are no Diameter at all and stand among the issues of the capture.",
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddDiameterHeader,
    flagged: [
      Example(
        "an answer that was sent again",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          Flags: 0x50
        """)
    ],
    clean: [
      Example(
        "as they should be",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """),
      Example(
        "a request that was sent again",
        """
        I -> S: REGISTER
        S -> HSS: MAR
          Flags: 0xd0
        HSS -> S: MAA
        """),
    ]
  ) { flow, report in
    flow.forEachDiameter { index, message in
      for issue in message.issues where issue.offset < 20 {
        report(
          "the header of the \(message.name) is wrong: \(issue.reason)", at: [index], observed: issue.reason,
          expected: "a header as RFC 6733 has it")
      }
      if !message.isRequest, message.isRetransmitted {
        report(
          "the \(message.name) has the T flag", at: [index], observed: "an answer with T",
          expected: "T in requests only")
      }
    }
  }
}
