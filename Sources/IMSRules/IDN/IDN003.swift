import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN003 = Rule(
    "IDN003", .error, "UAR identities differ from the SIP request",
    clauses: [.ts24229("5.3.1.2"), .ts29228("6.1.1.1"), .ts29228("7.2"), .ts29228("7.3")], since: "0.2",
    why: """
      The I-CSCF asks for the identities that stand in the REGISTER. Others make the HSS authorize somebody else, or nobody.
      """,
    traps: """
      Public identities are compared as addresses of record: without port and parameters, scheme and host without regard to \
      case. Without Authorization the private identity follows from the public one.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1]), .exchange(.userAuthorization)],
    trigger: .otherCxIdentity,
    flagged: [
      Example(
        "another private identity",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR         ←
          User-Name: somebody.else@hims.net
        HSS -> I: UAA
        """)
    ],
    clean: [
      Example(
        "as the REGISTER says",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        """)
    ]
  ) { flow, report in
    flow.forEachRequest(.userAuthorization) { index, uar, round in
      guard let round else { return }
      let requests = flow.requests(of: round, on: [.h1])
      let register = requests.last { flow.messages[$0].time <= flow.messages[index].time } ?? requests.first
      if let register { flow.compareIdentities(of: index, uar, with: register, &report) }
    }
  }
}
