import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN007 = Rule(
    "IDN007", .error, "Service profile contradicts the registration",
    clauses: [.ts29228("6.6"), .ts29228("6.1.2.1")], since: "0.2",
    why: """
      The S-CSCF registers what the profile holds. Where the identity that was asked for is not in it, the UE believes itself \
      registered under one that the network does not know.
      """,
    traps: """
      A wildcarded identity may be the one that is meant: then nothing is said. A profile that is no document is CX014's.
      """,
    when: .register, needs: [.exchange(.serverAssignment)],
    trigger: .oddProfile,
    flagged: [
      Example(
        "another subscriber's",
        """
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA             ←
          User-Data: <IMSSubscription><PrivateID>name.private@hims.net</PrivateID><ServiceProfile><PublicIdentity>\
        <Identity>sip:other@hims.net</Identity></PublicIdentity></ServiceProfile></IMSSubscription>
        """)
    ],
    clean: [
      Example(
        "the one that was asked for",
        """
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        """)
    ]
  ) { flow, report in
    flow.forEachExchange(.serverAssignment) { saa in
      guard let profile = flow.serviceProfile(of: saa.answer), profile.fault == nil, !profile.identities.isEmpty else {
        return
      }
      if let asked = saa.asked.publicIdentity, !profile.isWildcarded, !profile.holds(asked.addressOfRecordFingerprint) {
        report(
          "the service profile does not hold the identity that was registered", at: [saa.answer, saa.request],
          observed: profile.identities.map(\.uri.string).joined(separator: ", "), expected: "\(asked)")
      }
      if let given = profile.privateID, let asked = saa.asked.userName,
        !given.isPrivateIdentity(asked)
      {
        report(
          "the service profile is of another private identity", at: [saa.answer, saa.request],
          observed: "PrivateID \(given)", expected: "\(asked)")
      }
    }
  }
}
