import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX011 = Rule(
    "CX011", .error, "SAR incomplete",
    clauses: [.ts29228("6.1.2"), .ts29229("6.1.3")], since: "0.2",
    why: """
      The SAR tells the HSS who serves whom, why, and whether the profile is wanted. What it leaves out the HSS cannot store.
      """,
    traps: """
      A de-registration may name several public identities, or none beside the private one. A SAR for an unregistered user \
      needs no private identity.
      """,
    when: .register, needs: [.exchange(.serverAssignment)], trigger: .oddSAR,
    flagged: [
      Example(
        "no Server-Name",
        """
        I -> S: REGISTER
        S -> HSS: SAR             ←
          -Server-Name
        HSS -> S: SAA result 5005
        """),
      Example(
        "two public identities for a registration",
        """
        I -> S: REGISTER
        S -> HSS: SAR             ←
          Public-Identity: sip:name@hims.net
          Public-Identity: sip:other@hims.net
        HSS -> S: SAA result 5009
        """),
    ],
    clean: [
      Example(
        "a de-registration of the private identity",
        """
        I -> S: REGISTER
          Contact: <sip:10.10.0.2:5060>;expires=0
        S -> HSS: SAR
          Server-Assignment-Type: 5
          -Public-Identity
        HSS -> S: SAA
        """)
    ]
  ) { flow, report in
    flow.forEachRequest(.serverAssignment) { index, sar, _ in
      var missing = sar.missing(AVPName.ofSAR)
      let type = sar.serverAssignmentType ?? 1
      let isDeregistration = (4...8).contains(type) || type == 11
      let identities = sar.count(.publicIdentity)
      let hasName = sar.has(.userName)
      if identities == 0, !(isDeregistration && hasName) { missing.append("Public-Identity") }
      if !hasName, type != 3, !(isDeregistration && identities > 0) { missing.append("User-Name") }
      if !missing.isEmpty {
        report(
          "the SAR has no \(missing.joined(separator: ", no "))", at: [index],
          observed: "no \(missing.joined(separator: ", no "))",
          expected: "identities, Server-Name, Server-Assignment-Type and User-Data-Already-Available")
      }
      if identities > 1, [0, 1, 2, 3, 9, 10].contains(type) {
        report(
          "the SAR assigns \(identities) public identities at once", at: [index],
          observed: "\(identities) Public-Identity AVPs, Server-Assignment-Type \(type)", expected: "one")
      }
    }
  }
}
