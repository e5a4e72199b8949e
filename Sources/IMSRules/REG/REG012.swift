import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG012 = Rule(
    "REG012", .warning, "Contact rewritten or bindings accumulate",
    clauses: [.ts24229("5.2.2.1"), .ts24229("5.4.1.2.2"), .rfc(5626, "6")], since: "0.2",
    why: """
      The Contact is where the UE is reached. A proxy that writes another hides that from the S-CSCF; a registrar that keeps the \
      old contact of an instance beside its new one sends calls to both.
      """,
    traps: """
      Parameters that a proxy adds to the URI, as alias, are no other contact. Border elements that begin a request of their own \
      write one by right. Several flows of one instance have a reg-id each (RFC 5626), and its \
      emergency registration stands beside the normal one.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .alteredContact,
    flagged: [
      Example(
        "the P-CSCF writes another",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=600000
        P -> I: REGISTER sip:hims.net        ←
          Contact: <sip:10.10.0.9:5060>;expires=600000
        """),
      Example(
        "an old one of the same instance",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK                      ←
          Contact: <sip:10.10.0.2:40002>;expires=3600;+sip.instance="<urn:gsma:imei:1>", <sip:10.10.0.7:5060>;expires=30;+sip.instance="<urn:gsma:imei:1>"
        """),
    ],
    clean: [
      Example(
        "a parameter more",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=600000
        P -> I: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060;alias=10.10.0.2~5060~1>;expires=600000
        """),
      Example(
        "two flows of one instance",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
          Contact: <sip:10.10.0.2:40002>;expires=3600;reg-id=1;+sip.instance="<urn:gsma:imei:1>", <sip:10.10.0.7:5060>;expires=30;reg-id=2;+sip.instance="<urn:gsma:imei:1>"
        """),
    ]
  ) { flow, report in
    for pair in Need.HopPair.sip {
      let rewritten = flow.proxiedPairs(pair).first { copies in
        guard !copies.alike.contains(.contact), let before = flow.sip(copies.inner)?.contacts,
          let after = flow.sip(copies.outer)?.contacts
        else {
          return false
        }
        return before.count != after.count || !zip(before, after).allSatisfy { $0.isSameContact(as: $1) }
      }
      guard let rewritten else { continue }
      report(
        "the \(flow.messages[rewritten.outer].from?.rawValue ?? "proxy") rewrote the Contact",
        at: [rewritten.outer, rewritten.inner],
        observed: "Contact: \(flow.sip(rewritten.outer)?.contacts.list ?? "none")",
        expected: flow.sip(rewritten.inner)?.contacts.list ?? "none")
    }
    let crowded = flow.grants().filter { flow.staleContact(in: $0) != nil }
    guard let origin = flow.farthest(of: crowded), let stale = flow.staleContact(in: origin) else { return }
    report(
      "two contacts of one instance in the 200", at: [origin] + crowded.filter { $0 != origin },
      observed: stale.raw.string, expected: "one contact of an instance, or a reg-id each")
  }
}

extension Flow {
  /// A contact that has its instance, and its reg-id or none, in common with one before it.
  fileprivate func staleContact(in response: Int) -> NameAddr? {
    guard let contacts = sip(response)?.contacts, contacts.count > 1 else { return nil }
    for (place, contact) in contacts.enumerated() {
      guard let instance = contact.instance else { continue }
      let isStale = contacts[..<place].contains { other in
        other.instance == instance && other.parameters["reg-id"] == contact.parameters["reg-id"]
          && other.uri.parameters.has("sos") == contact.uri.parameters.has("sos")
      }
      if isStale { return contact }
    }
    return nil
  }
}
