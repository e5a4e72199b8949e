import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET005 = Rule(
    "NET005", .warning, "IMSI of the bearer differs from the IMPI",
    clauses: [.ts23003("13.3"), .ts33203("T.3")], since: "0.2",
    why: """
      The bearer belongs to one SIM, the registration to another: a UE with two, or somebody who registers with an identity \
      that is not his.
      """,
    traps:
      "An identity that is made of no IMSI (ISIM) is not compared. A device that lends its bearer to another looks the same.",
    when: .overBearer, needs: [.message(status: nil, on: Hop.sip)],
    flagged: [
      Example(
        "another SIM",
        """
        SGSN -> GGSN: Create PDP Context      ←
          IMSI: 001010000000009
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net        ←
          Authorization.username: "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "the same",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net
          Authorization.username: "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
        P -> UE: 401 Unauthorized
        """),
      Example(
        "an ISIM",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
    ]
  ) { flow, report in
    guard flow.rounds.indices.contains(0), let register = flow.firstRequest(of: 0),
      let username = flow.sip(register)?.authorization.lazy.compactMap(\.username).first(where: { !$0.isEmpty })
    else { return }
    let user = Text(username.bytes.prefix { $0 != UInt8(ascii: "@") })
    guard (14...15).contains(user.count), user.bytes.allSatisfy(ASCII.isDigit) else { return }
    for request in flow.tunnelMessages(.create, isRequest: true) {
      guard let imsi = flow.messages[request].message.access?.gtp?.imsi, imsi != user else { continue }
      return report(
        "the bearer belongs to another SIM than the registration", at: [request, register], observed: "IMSI \(imsi)",
        expected: "\(user)")
    }
  }
}
