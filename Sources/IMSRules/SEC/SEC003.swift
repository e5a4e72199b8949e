import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC003 = Rule(
    "SEC003", .warning, "Weak algorithms",
    clauses: [.ts33203("7.1"), .ts33203("H")], since: "0.2",
    why: """
      HMAC-MD5 and triple DES have been taken out of the list of algorithms: what they protect can be forged or read with \
      means that grow cheaper every year.
      """,
    traps: """
      Judged is what the P-CSCF chose, once for each registration: of a list what it prefers most and the UE offered. No encryption at all is common on LTE, where the radio \
      encrypts, and is not reported.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "HMAC-MD5",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; alg=hmac-md5-96; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        """)
    ],
    clean: [
      Example(
        "HMAC-SHA-1, no encryption",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
      Example(
        "the weak one is there for another UE, and less preferred",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          Security-Server: ipsec-3gpp; q=0.1; alg=hmac-md5-96; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100, ipsec-3gpp; q=0.9; alg=hmac-sha-1-96; spi-c=1002; spi-s=1003; port-c=5100; port-s=6100
        """),
    ]
  ) { flow, report in
    for offer in flow.securityOffers {
      guard let chosen = offer.chosen else { continue }
      let weak = [chosen.alg, chosen.ealg].compactMap(\.self).filter {
        $0.isToken("hmac-md5-96") || $0.isToken("des-ede3-cbc")
      }
      guard !weak.isEmpty else { continue }
      return report(
        "the P-CSCF chose \(weak.map(\.string).joined(separator: " and "))", at: [offer.challenge],
        observed: "\(chosen.raw)",
        expected: "hmac-sha-1-96 or aes-gmac; null, aes-cbc or aes-gcm")
    }
  }
}
