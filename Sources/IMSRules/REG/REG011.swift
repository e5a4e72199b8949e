import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG011 = Rule(
    "REG011", .error, "De-registration not honoured",
    clauses: [.ts24229("5.4.1.4"), .rfc(3261, "10.3")], since: "0.2",
    why: """
      The 200 to an expiry of zero no longer lists the contact, or with zero. A registrar that still lists it sends calls to a \
      UE that has gone.
      """,
    traps: """
      Other contacts of the identity may stay. Only the answer is judged: what the network still sends to the binding is not \
      kept with the registration. One finding, on the hop farthest from the UE.
      """,
    when: .deregistered, needs: [.transaction(on: Hop.sip)],
    flagged: [
      Example(
        "still there",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0
        P -> UE: 200 OK         ←
          Contact: <sip:10.10.0.2:5060>;expires=3000
        """),
      Example(
        "of all, one is left",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: *
          Expires: 0
        P -> UE: 200 OK         ←
          Contact: <sip:10.10.0.7:5060>;expires=3000
        """),
    ],
    clean: [
      Example(
        "gone, another one stays",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0
        P -> UE: 200 OK
          Contact: <sip:10.10.0.2:5060>;expires=0, <sip:10.10.0.7:5060>;expires=3000
        """),
      Example(
        "gone",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=0
        P -> UE: 200 OK
          -Contact
        """),
    ]
  ) { flow, report in
    let kept = flow.grants().filter { flow.keptContact(in: $0) != nil }
    guard let origin = flow.farthest(of: kept), let contact = flow.keptContact(in: origin) else { return }
    report(
      "the 200 still lists the contact", at: [origin] + kept.filter { $0 != origin }, observed: contact.raw.string,
      expected: "no such contact, or expires=0")
  }
}

extension Flow {
  /// The contact that the request took away and the response still has.
  fileprivate func keptContact(in response: Int) -> NameAddr? {
    guard let asked = request(of: response).flatMap({ sip($0) }), let answer = sip(response),
      asked.takesAway
    else { return nil }
    return answer.contacts.first { contact in
      (contact.expires ?? answer.expires ?? 0) > 0
        && (asked.contacts.isEmpty || asked.contacts.contains { $0.isSameContact(as: contact) })
    }
  }
}
