import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN008 = Rule(
    "IDN008", .error, "P-Associated-URI missing or inconsistent",
    clauses: [.ts24229("5.4.1.2.2"), .rfc(7315, "4.1")], since: "0.2",
    why: """
      With the 200 the UE learns which identities it may use. Without the list it has none, and an identity that it does not \
      own makes every call fail.
      """,
    traps: """
      A registrar that is no S-CSCF does not know the header: its absence is reported with AKA alone. The answer to a \
      de-registration needs none. Wildcarded identities are not compared.
      """,
    when: .granted, needs: [.message(status: 200...299, on: Hop.sip)],
    trigger: .otherAssociatedURI,
    flagged: [
      Example(
        "none",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK                       ←
          -P-Associated-URI
        """),
      Example(
        "one that the profile does not hold",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA                         ←
        S -> I: 200 OK                        ←
          P-Associated-URI: <sip:name@hims.net>, <sip:other@hims.net>
        I -> P: 200 OK
        P -> UE: 200 OK
        """),
    ],
    clean: [
      Example(
        "what the profile holds",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
          P-Associated-URI: <sip:name@hims.net>
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    guard let grant = flow.registrarsGrants.last, let sip = flow.sip(grant) else { return }
    guard sip.has(.pAssociatedURI) else {
      guard flow.mechanism == .aka else { return }
      report("the 200 names no identities", at: [grant], observed: "no P-Associated-URI", expected: "P-Associated-URI")
      return
    }
    guard let (answer, profile) = flow.serviceProfile, profile.fault == nil, !profile.isWildcarded,
      !profile.identities.isEmpty
    else { return }
    let unknown = sip.associatedURI.filter { !profile.holds($0.uri.addressOfRecordFingerprint) }
    guard !unknown.isEmpty else { return }
    let names = unknown.map(\.uriText.string).joined(separator: ", ")
    report(
      "the 200 names an identity that the service profile does not hold", at: [grant, answer], observed: names,
      expected: profile.identities.map(\.uri.string).joined(separator: ", "))
  }
}
