import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX007 = Rule(
    "CX007", .error, "MAR incomplete",
    clauses: [.ts29228("6.3"), .ts29229("6.1.7")], since: "0.2",
    why: """
      The MAR asks for vectors of one private identity and leaves the name of the S-CSCF with the HSS, so that the answer to \
      the challenge finds it. Without these AVPs neither can be done.
      """,
    traps: """
      The scheme may be the word "Unknown". Multimedia-Auth of SWx is another application. More AVPs in the item are no \
      fault.
      """,
    when: .register, needs: [.exchange(.multimediaAuth)], trigger: .oddMAR,
    flagged: [
      Example(
        "no Server-Name",
        """
        I -> S: REGISTER
        S -> HSS: MAR            ←
          -Server-Name
        HSS -> S: MAA result 5005
        """),
      Example(
        "an item without a scheme",
        """
        I -> S: REGISTER
        S -> HSS: MAR            ←
          -SIP-Authentication-Scheme
        HSS -> S: MAA
        """),
    ],
    clean: [
      Example(
        "scheme Unknown",
        """
        I -> S: REGISTER
        S -> HSS: MAR
          SIP-Authentication-Scheme: Unknown
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    flow.forEachRequest(.multimediaAuth) { index, mar, _ in
      let missing = mar.missing(AVPName.ofMAR)
      if !missing.isEmpty {
        report(
          "the MAR has no \(missing.joined(separator: ", no "))", at: [index],
          observed: "no \(missing.joined(separator: ", no "))",
          expected: "User-Name, Public-Identity, SIP-Number-Auth-Items, SIP-Auth-Data-Item and Server-Name")
      }
      if let item = mar.first(.sipAuthDataItem), item.children.first(.sipAuthenticationScheme) == nil {
        report(
          "the MAR asks for no scheme", at: [index], observed: "SIP-Auth-Data-Item without SIP-Authentication-Scheme",
          expected: "a scheme, or Unknown")
      }
      if mar.numberOfAuthItems == 0 {
        report("the MAR asks for no vector", at: [index], observed: "SIP-Number-Auth-Items 0", expected: "1 or more")
      }
    }
  }
}
