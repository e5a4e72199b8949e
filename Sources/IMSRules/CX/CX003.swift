import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX003 = Rule(
    "CX003", .error, "User-Authorization-Type does not fit the REGISTER",
    clauses: [.ts29228("6.1.1"), .ts24229("5.3.1.2")], since: "0.2",
    why: """
      For a de-registration the HSS answers with the assigned S-CSCF alone; for a registration it may choose anew. The wrong \
      question brings the REGISTER to the wrong server, or has it refused.
      """,
    traps: """
      A missing type asks for a registration. Of several contacts one that stays makes a registration. \
      REGISTRATION_AND_CAPABILITIES is not judged: the stock configuration of a widely used I-CSCF asks so for everything.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip), .exchange(.userAuthorization)],
    trigger: .deregistration,
    flagged: [
      Example(
        "a de-registration asked for as a registration",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR                    ←
          User-Authorization-Type: 0
        HSS -> I: UAA
        """),
      Example(
        "a registration asked for as a de-registration",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR                    ←
          User-Authorization-Type: 1
        HSS -> I: UAA
        """),
    ],
    clean: [
      Example(
        "one contact goes, the other stays",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0, <sip:10.10.0.2:5070>;expires=3600
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
          User-Authorization-Type: 0
        HSS -> I: UAA
        """),
      Example(
        "a de-registration",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        """),
    ]
  ) { flow, report in
    flow.forEachRequest(.userAuthorization) { index, uar, round in
      guard let round, let register = flow.firstRequest(of: round), let sip = flow.sip(register) else { return }
      let type = uar.userAuthorizationType ?? 0
      let isDeregistration = sip.takesAway
      guard isDeregistration != (type == 1), type <= 1 else { return }
      report(
        isDeregistration
          ? "the UAR asks for a registration, the REGISTER takes one away"
          : "the UAR asks for a de-registration, the REGISTER is none",
        at: [index, register], observed: "User-Authorization-Type \(type)",
        expected: isDeregistration ? "1 DE_REGISTRATION" : "0 REGISTRATION, or none")
    }
  }
}
