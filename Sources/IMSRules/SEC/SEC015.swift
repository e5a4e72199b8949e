import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC015 = Rule(
    "SEC015", .error, "Re-authentication reuses SPIs, or server port changes",
    clauses: [.ts33203("7.4"), .ts33203("7.1")], since: "0.2",
    why: """
      While the new associations are set up the old ones live on: with one SPI for two nobody knows which key a packet has. \
      The protected server port stays, for the core and the UE know it as the way to each other.
      """,
    traps: """
      The old agreement is read from the Security-Verify of the REGISTER that was challenged anew, so Gm must be readable. \
      P-CSCFs in common use take another server port for each agreement: a warning in the field profile.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "the SPIs of the old associations",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          Security-Server: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 60s
        UE -> P: REGISTER sip:hims.net        ←
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1000; spi-s=1001; port-c=5102; port-s=6100
        """)
    ],
    clean: [
      Example(
        "new SPIs, the same server port",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 60s
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ],
    field: .warning
  ) { flow, report in
    for agreement in flow.securityOffers {
      guard let new = agreement.server.first, let register = flow.sip(agreement.request), register.has(.securityVerify),
        let old = register.securityVerify.first(where: { $0.isIPsec && !$0.isOfMedia })
      else { continue }
      let before = [old.spiC, old.spiS].compactMap(\.self)
      let reused = [new.spiC, new.spiS].compactMap(\.self).filter(before.contains)
      if !reused.isEmpty {
        report(
          "the P-CSCF gives SPIs of the old associations to the new ones",
          at: [agreement.challenge, agreement.request], observed: "\(new.raw)", expected: "other SPIs than \(old.raw)")
      } else if let port = new.portS, let kept = old.portS, port != kept {
        report(
          "the protected server port of the P-CSCF changes", at: [agreement.challenge, agreement.request],
          observed: "port-s=\(port)", expected: "port-s=\(kept)")
      }
    }
  }
}
