import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let SEC014 = Rule(
    "SEC014", .error, "Security agreement headers not removed by the P-CSCF",
    clauses: [.ts24229("5.2.2.2"), .rfc(3329, "2.3.1"), .rfc(3329, "2.6")], since: "0.2",
    why: """
      The agreement is between UE and P-CSCF. A registrar that finds sec-agree in Proxy-Require and does not know it must \
      refuse the REGISTER with 420; SPIs and ports of the access are no business of the core.
      """,
    traps: """
      P-CSCF configurations in common use leave the headers in: true, and harmless where nobody looks at them; a warning in \
      the field profile. One finding for each REGISTER of the UE, on the first hop that shows it.
      """,
    when: .aka, needs: [.message(status: nil, on: [.h1, .h2])], trigger: .agreementInCore,
    flagged: [
      Example(
        "Security-Client in the core",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net         ←
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=3; spi-s=4; port-c=7062; port-s=7064
        """),
      Example(
        "sec-agree demanded of the core",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net         ←
          Proxy-Require: sec-agree
        """),
    ],
    clean: [
      Example(
        "taken out",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """)
    ],
    field: .warning
  ) { flow, report in
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round, on: .h1, or: .h2), let sip = flow.sip(index) else { continue }
      var left: [String] = []
      if sip.has(.securityClient) { left.append("Security-Client") }
      if sip.has(.securityVerify) { left.append("Security-Verify") }
      if sip.has(.require), sip.lists("sec-agree", in: .require) { left.append("sec-agree in Require") }
      if sip.has(.proxyRequire), sip.lists("sec-agree", in: .proxyRequire) { left.append("sec-agree in Proxy-Require") }
      guard !left.isEmpty else { continue }
      report(
        "the P-CSCF left the security agreement in the REGISTER", at: [index], observed: left.joined(separator: ", "),
        expected: "none of it in the core", isShown: true)
    }
  }
}
