import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX014 = Rule(
    "CX014", .error, "Service profile missing or invalid",
    clauses: [.ts29228("6.6"), .ts29228("6.1.2.1")], since: "0.2",
    why: """
      The S-CSCF learns from the profile which identities are registered together, which are barred and which application \
      servers to call. Without it the subscriber is registered and has no services.
      """,
    traps: """
      Due where the SAR says that no profile is there. A byte order mark, comments and zero octets at the end are no fault. \
      The document is not held against its schema: only its form and the elements that every profile has.
      """,
    when: .register, needs: [.exchange(.serverAssignment)],
    trigger: .oddProfile,
    flagged: [
      Example(
        "none",
        """
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA             ←
          -User-Data
        """),
      Example(
        "cut off",
        """
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA             ←
          User-Data: <IMSSubscription><PrivateID>name.private@hims.net</PrivateID><ServiceProfile>
        """),
      Example(
        "no identity in it",
        """
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA             ←
          User-Data: <IMSSubscription><PrivateID>a@hims.net</PrivateID><ServiceProfile></ServiceProfile></IMSSubscription>
        """),
    ],
    clean: [
      Example(
        "a profile",
        """
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        """),
      Example(
        "the S-CSCF has it",
        """
        I -> S: REGISTER
        S -> HSS: SAR
          User-Data-Already-Available: 1
        HSS -> S: SAA
          -User-Data
        """),
    ]
  ) { flow, report in
    flow.forEachExchange(.serverAssignment) { saa in
      guard saa.answered.isSuccess, let type = saa.asked.serverAssignmentType, type <= 3 else { return }
      guard let data = saa.answered.userData else {
        guard saa.asked.userDataAlreadyAvailable == 0 else { return }
        report(
          "the SAA brings no service profile", at: [saa.answer, saa.request], observed: "no User-Data",
          expected: "User-Data")
        return
      }
      guard let profile = flow.serviceProfile(of: saa.answer) else { return }
      if let fault = profile.fault {
        report(
          "the service profile is no XML document: \(fault.reason)", at: [saa.answer],
          observed: "byte \(fault.offset) of \(data.count)", expected: "a well-formed document")
      } else if !(profile.root?.isExactly("IMSSubscription") ?? false) {
        report(
          "the service profile is another document", at: [saa.answer], observed: "<\(profile.root ?? "")>",
          expected: "<IMSSubscription>")
      } else if profile.profiles == 0 || profile.identities.isEmpty {
        report(
          "the service profile names no public identity", at: [saa.answer],
          observed: "\(profile.profiles) ServiceProfile, \(profile.identities.count) PublicIdentity",
          expected: "at least one of each")
      }
    }
  }
}
