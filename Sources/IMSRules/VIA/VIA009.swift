import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let VIA009 = Rule(
    "VIA009", .warning, "rport requested but not filled",
    clauses: [.rfc(3581, "4")], since: "0.2",
    why: """
      With an empty rport the sender asks for its response at the port that it sent from. A receiver that knows the parameter \
      fills it and writes received beside it; one that does not leaves a UE behind a translator without an answer.
      """,
    traps: """
      Shown by a response on the same hop or by the copy that was sent on. A port that does not agree is judged only where \
      received agrees with the captured source, so that no translator lies between; with IPsec the P-CSCF may fill in the \
      protected server port (TS 24.229 §5.2.2).
      """,
    when: .register, needs: [.transaction(on: Hop.sip)], trigger: .oddRport,
    flagged: [
      Example(
        "left empty",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport
        P -> UE: 401 Unauthorized           ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport
        """),
      Example(
        "filled, without received",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport
        P -> UE: 401 Unauthorized           ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport=5060
        """),
      Example(
        "another port",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport
        P -> UE: 401 Unauthorized           ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport=5070;received=10.10.0.2
        """),
    ],
    clean: [
      Example(
        "filled, received beside it",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
      Example(
        "not requested",
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
        case .some(.none) = top.rport, let returned = flow.receivedVia(of: request)
      else { continue }
      let source = flow.messages[request].message.source
      let filled = (returned.via.rport ?? nil)?.number
      let fault: String
      if filled == nil {
        fault = "rport left empty"
      } else if returned.via.received == nil {
        fault = "rport filled without received"
      } else if filled != UInt64(source.port), !flow.isProtected(request),
        returned.via.received.flatMap({ IPAddress($0) }) == source.address
      {
        fault = "rport is not the source port"
      } else {
        continue
      }
      report(
        "\(fault) by the \(flow.messages[request].to?.rawValue ?? "receiver")", at: [returned.shownBy, request],
        observed: returned.via.raw.string, expected: "rport=\(source.port);received=\(source.address)")
    }
  }
}
