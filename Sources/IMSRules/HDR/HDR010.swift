import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR010 = Rule(
    "HDR010", .error, "Unparsable or illegal message",
    clauses: [.rfc(3261, "7.3.1"), .rfc(3261, "8.2.2.3"), .rfc(3261, "25.1")], since: "0.2",
    why: """
      A From, To, Via or Contact that cannot be read stops whoever must match, route or register by it. A 420 that does not name \
      the extension tells the client nothing that it could do without.
      """,
    traps: """
      Only what keeps a header from being understood, not what is merely odd. A REGISTER without Contact and one with * are \
      legal. One finding for the request and the responses of a REGISTER, where it began.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .unreadable,
    flagged: [
      Example(
        "a quote that does not end",
        """
        UE -> P: REGISTER sip:hims.net      ←
          From: "name <sip:name@hims.net>;tag=u1
        """),
      Example(
        "420 without Unsupported",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 420 Bad Extension          ←
        """),
    ],
    clean: [
      Example(
        "420 with its reason",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: "a, b" <sip:10.10.0.2:5060>;expires=600000
        P -> UE: 420 Bad Extension
          Unsupported: sec-agree
        """)
    ]
  ) { flow, report in
    for index in flow.origins(where: { $0.illegalHeader != nil }) {
      guard let sip = flow.sip(index), let header = sip.illegalHeader else { continue }
      report(
        sip.has(header)
          ? "\(header.name) of the \(sip.name) cannot be read" : "the \(sip.name) has no \(header.name)", at: [index],
        observed: sip.has(header) ? sip.all(header).map(\.string).joined(separator: " | ") : "no \(header.name)",
        expected: sip.has(header) ? "a value of the grammar" : "\(header.name) with the option tags")
    }
  }
}

extension SIPMessage {
  fileprivate var illegalHeader: HeaderName? {
    if let unreadableHeader { return unreadableHeader }
    return status == 420 && !has(.unsupported) ? .unsupported : nil
  }
}
