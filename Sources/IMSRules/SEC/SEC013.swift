import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC013 = Rule(
    "SEC013", .warning, "sec-agree option tags missing",
    clauses: [.rfc(3329, "2.3.1"), .rfc(3329, "2.6"), .ts24229("5.1.1.2.2")], since: "0.2",
    why: """
      With sec-agree in Require and Proxy-Require the UE makes sure that no proxy between passes the REGISTER on without \
      understanding the agreement.
      """,
    traps: "Many handsets leave the tags out, and P-CSCFs do not mind: only noted in the field profile.",
    when: .aka, needs: [.message(status: nil, on: [.h0])], trigger: .noAgreementRequired,
    flagged: [
      Example(
        "no Proxy-Require",
        """
        UE -> P: REGISTER sip:hims.net        ←
          -Proxy-Require
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "both",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
      Example(
        "no agreement",
        """
        UE -> P: REGISTER sip:hims.net
          -Security-Client
          -Require
          -Proxy-Require
        P -> UE: 401 Unauthorized
          -Security-Server
        """),
    ],
    field: .info
  ) { flow, report in
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round, on: .h0), let sip = flow.sip(index),
        sip.has(.securityClient) || sip.has(.securityVerify)
      else { continue }
      let missing = [("Require", HeaderName.require), ("Proxy-Require", .proxyRequire)].filter {
        !sip.lists("sec-agree", in: $0.1)
      }
      guard !missing.isEmpty else { continue }
      let names = missing.map(\.0).joined(separator: " and ")
      return report(
        "a REGISTER with an agreement has no sec-agree in \(names)", at: [index],
        observed: "no sec-agree in \(names)", expected: "sec-agree in Require and Proxy-Require")
    }
  }
}
