import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG004 = Rule(
    "REG004", .error, "Expiry missing in the 200",
    clauses: [.rfc(3261, "10.3"), .ts24229("5.4.1.2.2F")], since: "0.2",
    why: """
      Each contact in the 200 says how long it is bound. A UE that is not told refreshes too late, or all the time.
      """,
    traps:
      "An Expires header beside a contact without expires says it well enough: a warning. One finding, where it began.",
    when: .granted, needs: [.message(status: 200...299, on: Hop.sip)], trigger: .noExpiry,
    flagged: [
      Example(
        "nowhere",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK         ←
          Contact: <sip:10.10.0.2:40002>
        """),
      Example(
        "in Expires alone",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK         ←
          Contact: <sip:10.10.0.2:40002>
          Expires: 3600
        """),
    ],
    clean: [
      Example(
        "with the contact",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    let silent = flow.grants().filter { index in
      flow.sip(index)?.contacts.contains { $0.expires == nil } ?? false
    }
    guard let origin = flow.farthest(of: silent), let sip = flow.sip(origin) else { return }
    report(
      "a contact without expires in the 200", at: [origin] + silent.filter { $0 != origin },
      observed: "Contact: \(sip.contacts.list)" + (sip.expires.map { ", Expires: \($0)" } ?? ""),
      expected: "expires with each contact", severity: sip.expires == nil ? nil : .warning)
  }
}
