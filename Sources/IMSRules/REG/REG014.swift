import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let REG014 = Rule(
    "REG014", .error, "Third-party REGISTER content wrong",
    clauses: [.ts24229("5.4.1.7")], since: "0.2",
    why: """
      The S-CSCF registers the subscriber at an application server in its own name: From and Contact are its own, Expires is what \
      it granted. With another Contact the server talks past it.
      """,
    traps: """
      Whether the To is an identity of the subscriber and the expiry the granted one stands in another registration: not \
      judged. A Contact with the sender's address is its own, whatever From says.
      """,
    when: .thirdParty, needs: [.message(status: nil, on: [.a1])],
    flagged: [
      Example(
        "the contact of the UE",
        """
        S -> AS: REGISTER sip:as1.hims.net      ←
          Contact: <sip:10.10.0.2:5060>
        AS -> S: 200 OK
        """),
      Example(
        "no Expires",
        """
        S -> AS: REGISTER sip:as1.hims.net      ←
          -Expires
        AS -> S: 200 OK
        """),
    ],
    clean: [
      Example(
        "in the name of the S-CSCF",
        """
        S -> AS: REGISTER sip:as1.hims.net
        AS -> S: 200 OK
        """)
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      guard let request = transaction.requests.first, let sip = flow.sip(request) else { continue }
      let source = flow.messages[request].message.source.address
      let isOwn = sip.contacts.contains { contact in
        contact.address == source || sip.from.map { contact.uri.host.equalsIgnoringCase($0.uri.host) } ?? false
      }
      if !isOwn {
        report(
          "the Contact of the third-party REGISTER is not the S-CSCF's", at: [request],
          observed: "Contact: \(sip.contacts.list)", expected: sip.from?.uriText.string ?? "the URI of the S-CSCF")
      }
      if sip.requestedExpiry == nil {
        report(
          "no expiry in the third-party REGISTER", at: [request], observed: "neither Expires nor expires",
          expected: "Expires as granted to the UE")
      }
    }
  }
}
