import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA004 = Rule(
    "DIA004", .error, "Identifier mismatch",
    clauses: [.rfc(6733, "3"), .rfc(6733, "6.2")], since: "0.2",
    why: """
      A client finds the request of an answer by its identifiers. Where they do not fit, the answer is thrown away or, worse, \
      taken for another's.
      """,
    traps: """
      Agents write a Hop-by-Hop Identifier of their own on each leg: request and answer of one connection are compared, by \
      command, End-to-End Identifier and P flag. An answer with another Hop-by-Hop Identifier answers nothing (DIA003).
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .otherAnswer,
    flagged: [
      Example(
        "another End-to-End Identifier",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
        HSS -> S: MAA             ←
          End-to-End: 77
        """)
    ],
    clean: [
      Example(
        "the identifiers of the request",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    for exchange in flow.exchanges {
      guard let request = exchange.request, let answer = exchange.answer, let asked = flow.diameter(request),
        let answered = flow.diameter(answer)
      else { continue }
      if asked.command != answered.command {
        report(
          "a \(answered.name) answers the \(asked.name)", at: [answer, request],
          observed: "command \(answered.command.rawValue)", expected: "command \(asked.command.rawValue)")
      } else if asked.endToEnd != answered.endToEnd {
        report(
          "the \(answered.name) has another End-to-End Identifier", at: [answer, request],
          observed: "0x\(String(answered.endToEnd, radix: 16))", expected: "0x\(String(asked.endToEnd, radix: 16))")
      } else if asked.isProxiable != answered.isProxiable {
        report(
          "the \(answered.name) has another P flag than the request", at: [answer, request],
          observed: answered.isProxiable ? "P" : "no P", expected: asked.isProxiable ? "P" : "no P")
      }
    }
  }
}
