import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX001 = Rule(
    "CX001", .error, "UAR incomplete",
    clauses: [.ts29228("6.1.1"), .ts29229("6.1.1")], since: "0.2",
    why: """
      The HSS decides by both identities and the visited network whether the UE may register, and where. A request without \
      one of them cannot be decided.
      """,
    traps: """
      Some I-CSCFs leave the visited network out of a de-registration: it is mandatory there too. Identities are judged by \
      their form only; that they are the right ones is IDN003's.
      """,
    when: .register, needs: [.exchange(.userAuthorization)], trigger: .oddUAR,
    flagged: [
      Example(
        "no visited network",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR               ←
          -Visited-Network-Identifier
        HSS -> I: UAA result 5005
        """),
      Example(
        "a private identity that is a URI",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR               ←
          User-Name: sip:name@hims.net
        HSS -> I: UAA
        """),
    ],
    clean: [
      Example(
        "complete, without a type for a registration",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        """)
    ]
  ) { flow, report in
    flow.forEachRequest(.userAuthorization) { index, uar, _ in
      let missing = uar.missing(AVPName.ofUAR)
      if !missing.isEmpty {
        report(
          "the UAR has no \(missing.joined(separator: ", no "))", at: [index],
          observed: "no \(missing.joined(separator: ", no "))",
          expected: "User-Name, Public-Identity and Visited-Network-Identifier")
      }
      if uar.visitedNetworkIdentifier?.isEmpty ?? false {
        report(
          "the UAR names no visited network", at: [index], observed: "an empty Visited-Network-Identifier",
          expected: "the identifier of the network that the UE is in")
      }
      if let impu = uar.publicIdentity, !impu.isPublicIdentity {
        report(
          "the public identity of the UAR is no URI", at: [index], observed: "Public-Identity \(impu)",
          expected: "a SIP or tel URI")
      }
      if let impi = uar.userName, impi.hasPrefixIgnoringCase("sip:") {
        report(
          "the private identity of the UAR is a URI", at: [index], observed: "User-Name \(impi)",
          expected: "user@realm")
      }
    }
  }
}
