import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE007 = Rule(
    "RTE007", .error, "Service-Route unusable",
    clauses: [.rfc(3608, "5"), .rfc(3608, "6.3"), .ts24229("5.4.1.2.2F")], since: "0.2",
    why: """
      The UE puts the Service-Route into its later requests as it came. An entry that is no SIP URI or has no lr is no loose \
      route; one that names the I-CSCF sends them where no originating service is.
      """,
    traps: """
      Names are believed: an S-CSCF may have several, and a port for originating requests. An I-CSCF that is the S-CSCF too \
      may stand there. One finding, on the hop farthest from the UE.
      """,
    when: .granted, needs: [.message(status: 200...299, on: Hop.sip)], trigger: .oddServiceRoute,
    flagged: [
      Example(
        "without lr",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK      ←
          Service-Route: <sip:orig@scscf1.hims.net:6060>
        """),
      Example(
        "the I-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 200 OK      ←
          Service-Route: <sip:10.20.0.20:4060;lr>
        I -> P: 200 OK
        P -> UE: 200 OK
        """),
    ],
    clean: [
      Example(
        "the S-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    let faulty = flow.grants().filter { flow.faultyServiceRoute(of: $0) != nil }
    guard let origin = flow.farthest(of: faulty), let entry = flow.faultyServiceRoute(of: origin) else { return }
    report(
      "the Service-Route cannot be used", at: [origin] + faulty.filter { $0 != origin }, observed: entry.raw.string,
      expected: "SIP URIs with lr that lead to the S-CSCF")
  }
}

extension Flow {
  fileprivate func faultyServiceRoute(of response: Int) -> NameAddr? {
    guard let sip = sip(response), sip.has(.serviceRoute) else { return nil }
    return sip.serviceRoute.first { entry in
      if !entry.isSIP || !entry.isLooseRoute { return true }
      return entry.address.map { foreignRole(of: $0, besides: [.scscf, .pcscf]) == .icscf } ?? false
    }
  }
}
