import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC004 = Rule(
    "SEC004", .error, "SPIs or ports not distinct",
    clauses: [.ts33203("7.1")], since: "0.2",
    why: """
      Four associations need four SPIs, and two ports at each end: where two of them are one, packets are taken for those of \
      another association and thrown away.
      """,
    traps: """
      Only numbers of one challenge are compared. One port for both purposes at the P-CSCF is used where everything goes over \
      TCP: a warning.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "the P-CSCF takes an SPI of the UE",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1000; spi-s=1111; port-c=5062; port-s=5064
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        """),
      Example(
        "one SPI for both",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1000; spi-s=1000; port-c=5100; port-s=6100
        """),
    ],
    clean: [
      Example(
        "four and four",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for agreement in flow.securityOffers {
      guard let client = agreement.client.first, let server = agreement.server.first else { continue }
      let spis = [client.spiC, client.spiS, server.spiC, server.spiS].compactMap(\.self)
      if spis.count == 4, Set(spis).count < 4 {
        report(
          "two of the four associations have one SPI", at: [agreement.challenge, agreement.request],
          observed: spis.map { "\($0)" }.joined(separator: ", "), expected: "four SPIs")
      }
      if let port = client.portC, port == client.portS {
        report(
          "the UE names one port twice", at: [agreement.request, agreement.challenge],
          observed: "port-c=port-s=\(port)",
          expected: "two ports")
      }
      if let port = server.portC, port == server.portS {
        report(
          "the P-CSCF names one port twice", at: [agreement.challenge, agreement.request],
          observed: "port-c=port-s=\(port)", expected: "two ports", severity: .warning)
      }
    }
  }
}
