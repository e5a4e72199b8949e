import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let DIA009 = Rule(
    "DIA009", .warning, "Retransmission and duplicate handling",
    clauses: [.rfc(6733, "3"), .rfc(6733, "5.5.4")], since: "0.2",
    why: """
      Only the T flag tells a server that it may have carried out this request before. Without it a Multimedia-Auth gives two \
      vectors for one challenge, and the sequence numbers of SIM and HSS part.
      """,
    traps: """
      Copies on the two legs of an agent are one request: those of one connection are compared, by End-to-End Identifier and \
      Origin-Host.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .repeatedCxRequest,
    flagged: [
      Example(
        "the same request twice",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
        wait 3s
        S -> HSS: MAR (again)
        HSS -> S: MAA
        """)
    ],
    clean: [
      Example(
        "two requests",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        wait 3s
        S -> HSS: MAR
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    for (number, exchange) in flow.exchanges.enumerated() {
      guard let index = exchange.request, let request = flow.diameter(index) else { continue }
      let repetitions = flow.messages[index].message.retransmissions
      if !repetitions.isEmpty, !request.isRetransmitted {
        report(
          "the \(request.name) was sent again without the T flag", at: [index],
          observed: "\(repetitions.count + 1) times the same octets", expected: "T in the repetition")
        continue
      }
      guard !request.isRetransmitted else { continue }
      let earlier = flow.exchanges[..<number].lazy.compactMap(\.request).first { other in
        guard let first = flow.diameter(other) else { return false }
        return first.endToEnd == request.endToEnd && first.command == request.command
          && first.originHost == request.originHost
          && flow.messages[other].message.source == flow.messages[index].message.source
          && flow.messages[other].message.destination == flow.messages[index].message.destination
      }
      guard let earlier else { continue }
      report(
        "the \(request.name) was sent again without the T flag", at: [index, earlier],
        observed: "End-to-End Identifier 0x\(String(request.endToEnd, radix: 16)) again",
        expected: "T in the repetition")
    }
  }
}
