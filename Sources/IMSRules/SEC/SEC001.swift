import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC001 = Rule(
    "SEC001", .error, "Security-Client absent",
    clauses: [.ts24229("5.1.1.2.2"), .rfc(3329, "2.3.1")], since: "0.2",
    why: """
      With Security-Client the UE says which security associations it can have. A P-CSCF that wants one can but refuse the \
      REGISTER, or offer what the UE cannot take.
      """,
    traps: """
      A network without IPsec asks for none: reported only where the P-CSCF offers an association all the same, or refuses \
      with 421 or 494. Mechanisms of the media plane (mediasec) are none.
      """,
    when: .wantsAgreement, needs: [.message(status: nil, on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "an offer without a question",
        """
        UE -> P: REGISTER sip:hims.net        ←
          -Security-Client
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; q=0.5; alg=hmac-sha-1-96; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        """)
    ],
    clean: [
      Example(
        "no IPsec in this network",
        """
        UE -> P: REGISTER sip:hims.net
          -Security-Client
        P -> UE: 401 Unauthorized
          -Security-Server
        """)
    ]
  ) { flow, report in
    for index in flow.registerMessages where flow.messages[index].hop == .h0 {
      let status = flow.messages[index].status
      guard [401, 421, 494].contains(status), let sip = flow.sip(index), let request = flow.request(of: index),
        let register = flow.sip(request), register.authorization.allSatisfy({ $0.auts == nil })
      else { continue }
      guard status != 401 || sip.securityServer.contains(where: { !$0.isOfMedia }) else { continue }
      if register.securityClient.contains(where: { !$0.isOfMedia }) { continue }
      report(
        "the REGISTER offers no security mechanism and the P-CSCF wants one", at: [request, index],
        observed: "no Security-Client, answered \(status)", expected: "Security-Client")
    }
  }
}

extension Condition {
  /// Without a challenge, 421 and 494 tell that the P-CSCF wants a security agreement.
  fileprivate static let wantsAgreement = Condition("a registration with AKA, or refused with 421 or 494") { flow in
    if Condition.aka.holds(flow) { return true }
    let isRefused = flow.messages.contains { [421, 494].contains($0.status) && $0.hop == .h0 }
    return isRefused && flow.kind != .thirdParty
  }
}
