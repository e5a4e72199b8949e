import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let HDR005 = Rule(
    "HDR005", .error, "Content-Length wrong",
    clauses: [.rfc(3261, "18.3"), .rfc(3261, "20.14"), .rfc(3261, "20.15")], since: "0.2",
    why: """
      On a stream Content-Length is the only end that a message has: without it the next one is lost. In a datagram a length \
      past its end makes the receiver refuse the message.
      """,
    traps: """
      Octets behind the body are ignored by right: a warning, and line ends there keep a binding open. A datagram needs no \
      Content-Length. What the capture cut is not judged.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .oddLength,
    flagged: [
      Example(
        "more than there is",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Content-Length: 20
        """),
      Example(
        "less than there is",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Content-Type: text/plain
          Content-Length: 2
          | text
        """),
      Example(
        "a body of no type",
        """
        UE -> P: REGISTER sip:hims.net      ←
          | text
        """),
    ],
    clean: [
      Example(
        "a body of a type",
        """
        UE -> P: REGISTER sip:hims.net
          Content-Type: text/plain
          | text
        """)
    ]
  ) { flow, report in
    for index in flow.registerMessages where flow.messages[index].hop != nil {
      guard let sip = flow.sip(index), let fault = LengthFault(sip, over: flow.messages[index].message.transport) else {
        continue
      }
      report(
        "\(fault.text) in the \(sip.name) of the \(flow.messages[index].from?.rawValue ?? "sender")", at: [index],
        observed: fault.observed, expected: fault.expected, severity: fault.severity)
    }
  }
}

private struct LengthFault {
  var text: String
  var observed: String
  var expected: String
  var severity: Severity?

  init?(_ sip: SIPMessage, over transport: Transport) {
    let (body, available) = sip.bodyCounts
    let declared = sip.first(.contentLength)
    if declared == nil, transport == .tcp {
      (text, observed, expected) = ("no Content-Length", "none, over TCP", "Content-Length: \(available)")
    } else if let declared, declared.number.map({ $0 > UInt64(max(0, available)) }) ?? true {
      text = "Content-Length is wrong"
      (observed, expected) = ("Content-Length: \(declared)", "Content-Length: \(available)")
    } else if body < available, !sip.bytes.suffix(available - body).allSatisfy({ $0 == 0x0d || $0 == 0x0a }) {
      text = "octets behind the body"
      observed = "Content-Length: \(body), \(available) octets follow the headers"
      (expected, severity) = ("no more than the body", .warning)
    } else if body > 0, !sip.has(.contentType) {
      (text, observed) = ("a body without Content-Type", "\(body) octets of body")
      expected = "Content-Type"
    } else {
      return nil
    }
  }
}
