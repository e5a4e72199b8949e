import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR002 = Rule(
    "HDR002", .error, "Single-value header repeated",
    clauses: [.rfc(3261, "7.3.1")], since: "0.2",
    why: """
      A header that has one value may stand once. Of two, one node reads the first and another the last: they do not talk of the \
      same message any more.
      """,
    traps: """
      Equal values do no harm: a warning. One finding for the request and the responses of a REGISTER, where it began.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .repeatedHeader,
    flagged: [
      Example(
        "two expiries",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Expires: 600000
          Expires: 3600
        """),
      Example(
        "twice the same",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Max-Forwards: 70
          Max-Forwards: 70
        """),
    ],
    clean: [
      Example(
        "what may be repeated",
        """
        UE -> P: REGISTER sip:hims.net
          Supported: path
          Supported: gruu
        """)
    ]
  ) { flow, report in
    for index in flow.origins(where: { !$0.wronglyRepeated.isEmpty }) {
      guard let sip = flow.sip(index) else { continue }
      for name in sip.wronglyRepeated.names {
        let values = sip.all(name)
        let isEqual = values.allSatisfy { $0 == values.first }
        report(
          "\(values.count) \(name.name) headers in the \(sip.name) of the \(flow.messages[index].from?.rawValue ?? "sender")",
          at: [index], observed: values.map(\.string).joined(separator: " | "), expected: "one",
          severity: isEqual ? .warning : nil)
      }
    }
  }
}

extension HeaderSet {
  static let single = HeaderSet(
    .to, .from, .callID, .cseq, .maxForwards, .contentLength, .contentType, .expires, .minExpires, .date,
    .pChargingVector)
}

extension SIPMessage {
  fileprivate var wronglyRepeated: HeaderSet { headers.repeated.intersection(.single) }
}
