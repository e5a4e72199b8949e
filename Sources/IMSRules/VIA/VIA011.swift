import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let VIA011 = Rule(
    "VIA011", .error, "Response sent to the wrong place",
    clauses: [.rfc(3261, "18.2.2"), .rfc(3581, "4"), .ts33203("7.1")], since: "0.2",
    why: """
      A response goes to the address that the request came from, to the port of rport or sent-by. Elsewhere nobody waits for it: \
      the request is sent again and again until it fails.
      """,
    traps: """
      Datagrams only. On both sides of a translator each copy of the response is held against any copy of the request. To the \
      source port although nobody asked for it is accepted; in a security association the protected server port. Where the \
      next step shows that the response arrived it is only noted.
      """,
    when: .register, needs: [.transaction(on: Hop.sip)], trigger: .otherDestination,
    flagged: [
      Example(
        "to a port that the UE does not name",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net      ←
          Via: SIP/2.0/UDP 10.10.0.2:45000;branch=z9hG4bKue2
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; ealg=null; spi-c=2000; spi-s=2001; port-c=40001; port-s=45000
        P -> UE: 200 OK                     ←
        """)
    ],
    clean: [
      Example(
        "to the port of sent-by",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      for response in transaction.responses {
        let destination = flow.messages[response].message.destination
        if transaction.requests.contains(where: { flow.cameFrom(destination, $0) }) { continue }
        guard flow.messages[response].message.transport == .udp, let request = transaction.requests.first,
          let top = flow.sip(request)?.via.first, flow.sip(response)?.via.first?.branch == top.branch
        else { continue }
        let isAsked = top.rport != nil
        let port = top.sentBy.port ?? top.defaultPort
        let isSameHost = transaction.requests.contains { flow.cameFrom(destination.address, $0) }
        if isSameHost, port == destination.port, !isAsked || flow.isProtected(request) { continue }
        if flow.sip(request)?.securityClient.contains(where: { $0.portS == destination.port }) ?? false {
          continue
        }
        let source = flow.messages[request].message.source
        report(
          "the \(flow.messages[response].status) went to \(destination)", at: [response, request],
          observed: "\(flow.messages[response].message.source) → \(destination)",
          expected: "to \(isAsked ? source : Endpoint(source.address, port))",
          severity: flow.isArrived(response, transaction) ? .info : nil)
      }
    }
  }
}

extension Flow {
  /// The request was sent from there over UDP.
  fileprivate func cameFrom(_ endpoint: Endpoint, _ request: Int) -> Bool {
    messages[request].message.transport == .udp && messages[request].message.source == endpoint
  }

  fileprivate func cameFrom(_ address: IPAddress, _ request: Int) -> Bool {
    messages[request].message.transport == .udp && messages[request].message.source.address == address
  }
}
