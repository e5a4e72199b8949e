import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET004 = Rule(
    "NET004", .error, "UE address inconsistent",
    clauses: [.ts24229("5.1.1.2.1"), .ts33203("7.1")], since: "0.2",
    why: """
      Calls reach the UE at the address of its Contact. One that is not its own leads them elsewhere, and the security \
      associations, which hold for the source, do not cover it.
      """,
    traps: """
      Judged where no translation lies between: the sent-by of the UE is the address that the packet came from. A name in the \
      Contact is not judged, nor are further contacts.
      """,
    when: .register, needs: [.message(status: nil, on: [.h0])], trigger: .foreignContact,
    flagged: [
      Example(
        "a Contact elsewhere",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Contact: <sip:10.99.0.9:5060>
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "its own",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """),
      Example(
        "a name",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:ue.example.net:5060>
        P -> UE: 401 Unauthorized
        """),
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round, on: .h0), let sip = flow.sip(index), sip.via.count == 1,
        let via = sip.via.first, let contact = sip.boundContact?.uri.host
      else { continue }
      let source = flow.messages[index].message.source.address
      guard IPAddress(via.sentBy.host) == source, let named = IPAddress(contact), named != source else { continue }
      report(
        "the Contact of the UE is another address than its own", at: [index], observed: "Contact host \(contact)",
        expected: "\(source)")
    }
  }
}
