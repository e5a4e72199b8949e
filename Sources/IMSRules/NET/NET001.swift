import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET001 = Rule(
    "NET001", .warning, "P-CSCF address requested but not delivered",
    clauses: [.ts24008("10.5.6.3"), .ts24229("B.2.2.1")], since: "0.2",
    why: """
      The UE asks the gateway for its P-CSCF when the bearer is set up. A gateway that says nothing leaves it to DHCP, DNS or \
      chance.
      """,
    traps: """
      A UE may ask and use DHCP all the same. An address of the other family than was asked for will do. Where the activation \
      was not captured nothing is missed.
      """,
    when: .overBearer, needs: [.message(status: nil, on: Hop.sip)],
    flagged: [
      Example(
        "asked, and no answer",
        """
        SGSN -> GGSN: Create PDP Context      ←
        GGSN -> SGSN: Create PDP Context      ←
          -P-CSCF
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "asked and told",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
      Example(
        "not asked",
        """
        SGSN -> GGSN: Create PDP Context
          -P-CSCF
        GGSN -> SGSN: Create PDP Context
          -P-CSCF
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
    ]
  ) { flow, report in
    for request in flow.tunnelMessages(.create, isRequest: true) {
      guard let asked = flow.messages[request].message.access?.gtp, let pco = asked.pco, !pco.asksForPCSCF.isEmpty,
        let answer = flow.answer(to: request, asked), let told = flow.messages[answer].message.access?.gtp,
        told.cause?.isAccepted ?? false, told.pcscf.isEmpty
      else { continue }
      report(
        "the gateway names no P-CSCF although the UE asked for one", at: [answer, request],
        observed: "no P-CSCF in the \(told.type.name)", expected: "one address or more")
    }
  }
}

extension Flow {
  /// The answer with the same sequence number, from where the request went.
  fileprivate func answer(to request: Int, _ asked: GTPMessage) -> Int? {
    tunnelMessages(.create, isRequest: false).first { index in
      messages[index].message.access?.gtp?.sequence == asked.sequence
        && messages[index].message.source.address == messages[request].message.destination.address
    }
  }
}
