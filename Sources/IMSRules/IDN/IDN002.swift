import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN002 = Rule(
    "IDN002", .error, "Request-URI of REGISTER not a home domain URI",
    clauses: [.ts24229("5.1.1.2.1"), .rfc(3261, "10.2")], since: "0.2",
    why: """
      The P-CSCF finds the home network by the domain in the Request-URI. A user part has no meaning there, and a tel URI no \
      domain.
      """,
    traps: "Which domain is the right one is not judged. Behind the I-CSCF the Request-URI is the S-CSCF's.",
    when: .register, needs: [.message(status: nil, on: [.h0, .h1])], trigger: .oddTarget,
    flagged: [
      Example(
        "with a user",
        """
        UE -> P: REGISTER sip:name@hims.net        ←
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "a domain",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round, on: .h0) ?? flow.firstRequest(of: round, on: .h1),
        let text = flow.sip(index)?.requestURI, let uri = SIPURI(text)
      else { continue }
      let isSIP = uri.scheme.isToken("sip") || uri.scheme.isToken("sips")
      if isSIP, uri.user == nil { continue }
      report(
        isSIP ? "the Request-URI of the REGISTER has a user" : "the Request-URI of the REGISTER is no SIP URI",
        at: [index], observed: "\(text)", expected: "sip: and the domain of the home network")
    }
  }
}
