import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG008 = Rule(
    "REG008", .error, "Contact * misused",
    clauses: [.rfc(3261, "10.2.2"), .ts24229("5.1.1.6")], since: "0.2",
    why: """
      Contact: * takes all bindings of an identity away. With an expiry other than zero, or beside another contact, it means \
      nothing, and the registrar refuses it.
      """,
    traps: "One finding for a REGISTER, on the first hop that shows it.",
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .wildcardContact,
    flagged: [
      Example(
        "with time left",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Contact: *
          Expires: 3600
        """),
      Example(
        "beside another contact",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Contact: *, <sip:10.10.0.2:5060>
          Expires: 0
        """),
    ],
    clean: [
      Example(
        "all bindings, now",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: *
          Expires: 0
        """)
    ]
  ) { flow, report in
    for index in flow.outermostRequests {
      guard let sip = flow.sip(index), sip.has(.contact), sip.isWildcardContact else { continue }
      if sip.contacts.isEmpty, sip.expires == 0 { continue }
      report(
        sip.contacts.isEmpty ? "Contact: * without Expires: 0" : "Contact: * beside another contact", at: [index],
        observed: "Contact: \(sip.list(.contact).map(\.string).joined(separator: ", "))"
          + (sip.expires.map { ", Expires: \($0)" } ?? ""), expected: "Contact: * alone, Expires: 0")
    }
  }
}
