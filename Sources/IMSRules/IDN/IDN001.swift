import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN001 = Rule(
    "IDN001", .error, "To and From address-of-record differ",
    clauses: [.ts24229("5.1.1.2.1"), .rfc(3261, "10.2")], since: "0.2",
    why: """
      A UE registers its own identity: both headers name it. Who registers somebody else is a third party, and none is meant \
      on Gm.
      """,
    traps: """
      Compared as addresses of record: without port, parameters and display name. The registration that an S-CSCF makes at an \
      application server is another procedure.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .otherIdentity,
    flagged: [
      Example(
        "for somebody else",
        """
        UE -> P: REGISTER sip:hims.net        ←
          From: <sip:other@hims.net>;tag=1
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "in another spelling",
        """
        UE -> P: REGISTER sip:hims.net
          From: "Me" <sip:name@HIMS.net:5060>;tag=1
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round), let sip = flow.sip(index), let from = sip.from?.uri,
        let to = sip.to?.uri, from.addressOfRecordFingerprint != to.addressOfRecordFingerprint
      else { continue }
      report(
        "the REGISTER is from one identity for another", at: [index], observed: "From \(from.addressOfRecord())",
        expected: "\(to.addressOfRecord()), as To has it")
    }
  }
}
