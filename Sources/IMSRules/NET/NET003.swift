import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET003 = Rule(
    "NET003", .warning, "UE uses a P-CSCF that was not offered",
    clauses: [.ts24229("5.1.1.2.1"), .ts24229("B.2.2.1"), .ts23228("5.1.1")], since: "0.2",
    why: """
      The gateway named the P-CSCFs of this network. A UE that goes to another one was configured by hand, or does not read \
      what it is told.
      """,
    traps: """
      A load balancer or a translation between changes the address that is seen; a static configuration may be wanted. Which of \
      several offered ones is taken is the UE's choice, and DHCP may offer others.
      """,
    when: .overBearer, needs: [.message(status: nil, on: [.h0])],
    flagged: [
      Example(
        "another one",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context      ←
          P-CSCF: 10.20.0.99
        UE -> P: REGISTER sip:hims.net        ←
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "the second of two",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
          P-CSCF: 10.20.0.99, 10.20.0.10
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    let answers = flow.tunnelMessages(.create, isRequest: false)
    // DHCP may name others (TS 24.229 §B.2.2.1); the legs of one connection name the same.
    var offered: [String] = []
    for message in flow.messages.compactMap(\.message.access) where !message.isRequest {
      for server in message.pcscf where !offered.contains(server) { offered.append(server) }
    }
    // A name is no address: where it leads DNS alone would tell.
    guard let answer = answers.last, !offered.isEmpty, offered.allSatisfy({ IPAddress(Text($0)) != nil }),
      let register = flow.registerMessages.first(where: { flow.messages[$0].hop == .h0 && flow.messages[$0].isRequest })
    else { return }
    let used = flow.messages[register].message.destination.address
    if offered.contains(where: { IPAddress(Text($0)) == used }) { return }
    report(
      "the UE registers at a P-CSCF that the gateway did not name", at: [register, answer], observed: "\(used)",
      expected: offered.joined(separator: " or "))
  }
}
