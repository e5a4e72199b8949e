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
      I-CSCF puts in its place is its own. A border element may write another network; what counts is the REGISTER that came to \
      the I-CSCF, and where its Vias tell that it was not captured there, nothing is compared.
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
        let register = flow.request(of: round, before: index), let sip = flow.sip(register),
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

extension Flow {
  /// The REGISTER that the I-CSCF asked for with this UAR: the last on H1. Nil when what the I-CSCF sent on tells that it came over a
  /// node that was not captured.
  fileprivate func request(of round: Int, before question: Int) -> Int? {
    var last: Int?
    for number in rounds[round].transactions where transactions[number].hop == .h1 {
      // By a clock that is behind the question may come first.
      guard let request = transactions[number].requests.first,
        messages[request].time <= messages[question].time + .seconds(1)
      else { continue }
      if last.map({ messages[$0].facts.viaCount < messages[request].facts.viaCount }) ?? true { last = request }
    }
    guard let last else { return nil }
    let isRelayed = pairs(Need.HopPair(.h1, .h2)).contains { pair in
      pair.inner == last && messages[pair.outer].facts.viaCount > messages[last].facts.viaCount + 1
    }
    return isRelayed ? nil : last
  }
}
