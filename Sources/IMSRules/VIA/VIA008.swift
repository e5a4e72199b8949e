import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let VIA008 = Rule(
    "VIA008", .error, "received missing or wrong",
    clauses: [.rfc(3261, "18.2.1"), .ts24229("5.2.2.1")], since: "0.2",
    why: """
      Where the sent-by of the top Via is a name or another address than the packet came from, the receiver writes the source \
      address beside it. Without it the response goes where the request did not come from.
      """,
    traps: """
      Shown by a response on the same hop or by the copy that was sent on. Between capture point and receiver an address may be \
      translated: another address than the captured one is accepted.
      """,
    when: .register, needs: [.transaction(on: Hop.sip)], trigger: .oddReceived,
    flagged: [
      Example(
        "the I-CSCF believes a wrong sent-by",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.20.0.99:5060;branch=z9hG4bKp1
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        I -> P: 403 Forbidden              ←
          Via: SIP/2.0/UDP 10.20.0.99:5060;branch=z9hG4bKp1
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        """),
      Example(
        "received is no address",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.9:5060;branch=z9hG4bKue1
        P -> UE: 401 Unauthorized          ←
          Via: SIP/2.0/UDP 10.10.0.9:5060;branch=z9hG4bKue1;received=unknown
        """),
    ],
    clean: [
      Example(
        "names, and received beside them",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        """),
      Example(
        "sent-by is the source",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        P -> UE: 401 Unauthorized
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        """),
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      guard let request = transaction.requests.first, let top = flow.sip(request)?.via.first,
        let returned = flow.receivedVia(of: request)
      else { continue }
      let source = flow.messages[request].message.source.address
      guard let fault = ReceivedFault(returned.via.received, sentBy: top.sentBy, source: source) else { continue }
      let node = flow.messages[request].to?.rawValue ?? "receiver"
      report(
        "\(fault.text), from the \(node)", at: [returned.shownBy, request], observed: returned.via.raw.string,
        expected: "received=\(source)")
    }
  }
}

private enum ReceivedFault {
  case missing, noAddress

  /// Nil when there is one, or none is needed. The address itself may have been translated behind the capture point.
  init?(_ received: Text?, sentBy: SentBy, source: IPAddress) {
    if let received {
      if IPAddress(received) != nil { return nil }
      self = .noAddress
    } else {
      if IPAddress(sentBy.host) == source { return nil }
      self = .missing
    }
  }

  var text: String {
    switch self {
    case .missing: "no received, though sent-by is not the source"
    case .noAddress: "received is no address"
    }
  }
}
