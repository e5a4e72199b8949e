import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG001 = Rule(
    "REG001", .error, "200 does not list the registered contact",
    clauses: [.rfc(3261, "10.3"), .ts24229("5.4.1.2.2F")], since: "0.2",
    why: """
      The 200 lists every contact of the identity. A UE that does not find its own there is not registered, whatever the status \
      says, and begins again.
      """,
    traps: """
      Compared on one hop, as URI without parameters, or by +sip.instance where another URI was written. One finding, on the hop \
      farthest from the UE.
      """,
    when: .granted, needs: [.transaction(on: Hop.sip)], trigger: .otherContact,
    flagged: [
      Example(
        "another address",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=600
        P -> UE: 200 OK         ←
          Contact: <sip:10.10.0.9:5060>;expires=600
        """),
      Example(
        "none",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK         ←
          -Contact
        """),
    ],
    clean: [
      Example(
        "with a parameter more, beside another one",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=600
        P -> UE: 200 OK
          Contact: <sip:10.10.0.8:5060>;expires=60, <sip:10.10.0.2;transport=udp>;expires=600
        """)
    ]
  ) { flow, report in
    let unlisted = flow.grants().filter { response in
      guard let request = flow.request(of: response), let own = flow.sip(request)?.boundContact,
        let answer = flow.sip(response)
      else { return false }
      return answer.contact(like: own) == nil
    }
    guard let origin = flow.farthest(of: unlisted), let request = flow.request(of: origin) else { return }
    report(
      "the contact of the UE is not in the 200", at: [origin, request] + unlisted.filter { $0 != origin },
      observed: "Contact: \(flow.sip(origin)?.contacts.list ?? "none")",
      expected: "\(flow.sip(request)?.boundContact?.uriText ?? "") among them")
  }
}
