import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let VIA010 = Rule(
    "VIA010", .error, "Transport token contradicts the transport used",
    clauses: [.rfc(3261, "18.1.1"), .rfc(3261, "20.42")], since: "0.2",
    why: """
      The receiver answers over the transport that the top Via names. A wrong token sends the response over a connection that \
      does not exist, or to a socket that nobody reads.
      """,
    traps: """
      TLS that was terminated before the capture point shows as TLS over TCP in clear: only noted. Tokens of other transports, \
      as of web sockets, are not judged. Inside ESP the inner protocol counts.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .otherTransport,
    flagged: [
      Example(
        "TCP in a datagram",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Via: SIP/2.0/TCP 10.10.0.2:5060;branch=z9hG4bKue1
        """)
    ],
    clean: [
      Example("UDP", "UE -> P: REGISTER sip:hims.net"),
      Example(
        "letters of either case",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/udp 10.10.0.2:5060;branch=z9hG4bKue1
        """),
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      guard let request = transaction.requests.first, let top = flow.sip(request)?.via.first else { continue }
      let used = flow.messages[request].message.transport
      guard let named = top.transport.transport, named != used else { continue }
      let isTerminated = top.transport.isToken("TLS") && used == .tcp
      report(
        "the Via of the \(flow.messages[request].from?.rawValue ?? "sender") says \(top.transport)",
        at: [request], observed: "\(top.raw) over \(used.token)", expected: used.token,
        severity: isTerminated ? .info : nil)
    }
  }
}

extension Text {
  /// Of a Via; nil where the layer below is not told by the token.
  fileprivate var transport: Transport? {
    if isToken("UDP") { return .udp }
    if isToken("TCP") { return .tcp }
    if isToken("SCTP") { return .sctp }
    return nil
  }
}
