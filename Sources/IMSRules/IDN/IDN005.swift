import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN005 = Rule(
    "IDN005", .error, "Visited-Network-Identifier differs from P-Visited-Network-ID",
    clauses: [.ts24229("5.3.1.2"), .ts29228("6.1.1.1"), .rfc(7315, "4.3")], since: "0.2",
    why: """
      The HSS decides by the visited network whether roaming is allowed. An I-CSCF that tells another one lets subscribers in \
      where they may not be, or keeps them out of their home.
      """,
    traps: """
      Quotes and case do not matter; of several identifiers each will do. A REGISTER without the header says nothing: what the \
      I-CSCF puts in its place is its own.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1]), .exchange(.userAuthorization)],
    trigger: .otherVisitedNetwork,
    flagged: [
      Example(
        "another network",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net         ←
        I -> HSS: UAR                         ←
          Visited-Network-Identifier: elsewhere.net
        HSS -> I: UAA
        """)
    ],
    clean: [
      Example(
        "in quotes",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          P-Visited-Network-ID: "VIMS.net"
        I -> HSS: UAR
          Visited-Network-Identifier: vims.net
        HSS -> I: UAA
        """)
    ]
  ) { flow, report in
    flow.forEachRequest(.userAuthorization) { index, uar, round in
      guard let round, let asked = uar.visitedNetworkIdentifier, !asked.isEmpty,
        let register = flow.firstRequest(of: round, on: .h1), let sip = flow.sip(register),
        sip.has(.pVisitedNetworkID)
      else { return }
      let told = sip.list(.pVisitedNetworkID).map { element in
        Text(element.bytes.prefix { $0 != UInt8(ascii: ";") }).trimmedLWS.unquoted
      }
      if told.contains(where: { $0.equalsIgnoringCase(asked.unquoted) }) { return }
      report(
        "the UAR names another visited network than the REGISTER", at: [index, register],
        observed: "Visited-Network-Identifier \(asked)",
        expected: told.map(\.string).joined(separator: " or "))
    }
  }
}
