import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC006 = Rule(
    "SEC006", .error, "Security-Server not compatible with the offer",
    clauses: [.ts33203("7.2"), .rfc(3329, "2.3.1")], since: "0.2",
    why: "An association by an algorithm that the UE does not have cannot be set up: the UE gives the registration up.",
    traps: """
      The P-CSCF may name more than the UE offered, so that nobody on the way can take the strong ones out: it is enough that \
      one is common. Compared are mechanism and algorithms; a missing ealg is null.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "nothing in common",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; ealg=null; spi-c=11; spi-s=12; port-c=5062; port-s=5064
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; alg=aes-gmac; ealg=null; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        """)
    ],
    clean: [
      Example(
        "one of two",
        """
        UE -> P: REGISTER sip:hims.net
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1110; spi-s=1112; port-c=5062; port-s=5064
        P -> UE: 401 Unauthorized
          Security-Server: ipsec-3gpp; alg=aes-gmac; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100, ipsec-3gpp; \
        alg=HMAC-SHA-1-96; ealg=null; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        """)
    ]
  ) { flow, report in
    for agreement in flow.securityOffers where !agreement.client.isEmpty && !agreement.server.isEmpty {
      let isCommon = agreement.server.contains { server in
        agreement.client.contains { client in
          MechanismChoice.same(client.alg, server.alg, or: "")
            && MechanismChoice.same(client.ealg, server.ealg, or: "null")
        }
      }
      if isCommon { continue }
      report(
        "the P-CSCF chose what the UE did not offer", at: [agreement.challenge, agreement.request],
        observed: agreement.server.map(\.raw.string).joined(separator: ", "),
        expected: "one of: \(agreement.client.map(\.raw.string).joined(separator: ", "))")
    }
  }
}

private enum MechanismChoice {
  static func same(_ first: Text?, _ second: Text?, or fallback: Text) -> Bool {
    (first ?? fallback).equalsIgnoringCase(second ?? fallback)
  }
}
