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
      with 421 (Require: sec-agree) or 494. What a node behind it refuses with is no such wish. Mechanisms of the media plane (mediasec) are none.
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
      guard flow.wantsAgreement(index), let request = flow.request(of: index), let register = flow.sip(request),
        register.authorization.allSatisfy({ $0.auts == nil })
      else { continue }
      if register.securityClient.contains(where: { !$0.isOfMedia }) { continue }
      report(
        "the REGISTER offers no security mechanism and the P-CSCF wants one", at: [request, index],
        observed: "no Security-Client, answered \(flow.messages[index].status)", expected: "Security-Client")
    }
  }
}

extension Flow {
  /// Does this response of the P-CSCF offer a security association, or ask for an offer (RFC 3329 §2.3.1, RFC 3261 §21.4.16)? What a
  /// node behind it refuses is about something else.
  fileprivate func wantsAgreement(_ response: Int) -> Bool {
    guard messages[response].hop == .h0, let sip = sip(response) else { return false }
    let isOffer = sip.securityServer.contains { !$0.isOfMedia }
    switch messages[response].status {
    case 401: return isOffer
    case 421: if !isOffer, !sip.lists("sec-agree", in: .require) { return false }
    case 494: break
    default: return false
    }
    return !index.relayedFinals(near: .h0, far: .h1).contains { $0.relayed == response }
  }
}

extension Condition {
  /// Without a challenge, 421 and 494 tell that the P-CSCF wants a security agreement.
  fileprivate static let wantsAgreement = Condition("a registration with AKA, or refused with 421 or 494") { flow in
    if Condition.aka.holds(flow) { return true }
    return flow.kind != .thirdParty && flow.registerMessages.contains { flow.wantsAgreement($0) }
  }
}
