import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN009 = Rule(
    "IDN009", .error, "Barred identity exposed or granted",
    clauses: [.ts24229("5.4.1.2.2"), .ts23003("13.4B")], since: "0.2",
    why: """
      A barred identity serves to register and for nothing else, as the one that is made of the IMSI does. The UE that is \
      told it uses it, and whoever is called from it learns the IMSI.
      """,
    traps: """
      To register with a barred identity is right, and an emergency registration does not ask for barring. Judged where the \
      service profile was captured.
      """,
    when: .grantedNormally, needs: [.message(status: 200...299, on: Hop.sip), .exchange(.serverAssignment)],
    trigger: .otherAssociatedURI,
    flagged: [
      Example(
        "in P-Associated-URI",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA                         ←
          User-Data: <IMSSubscription><ServiceProfile><PublicIdentity><BarringIndication>1</BarringIndication>\
        <Identity>sip:name@hims.net</Identity></PublicIdentity></ServiceProfile></IMSSubscription>
        S -> I: 200 OK                        ←
          P-Associated-URI: <sip:name@hims.net>
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ],
    clean: [
      Example(
        "not barred",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    guard let grant = flow.registrarsGrants.last, let sip = flow.sip(grant), sip.has(.pAssociatedURI),
      let (answer, profile) = flow.serviceProfile
    else { return }
    guard profile.identities.contains(where: \.isBarred) else { return }
    for given in sip.associatedURI {
      guard let identity = profile.identity(given.uri.addressOfRecordFingerprint), identity.isBarred else { continue }
      report(
        "the 200 gives the UE a barred identity", at: [grant, answer], observed: "\(given.uriText)",
        expected: "identities that are not barred")
    }
  }
}
