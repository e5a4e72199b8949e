import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG002 = Rule(
    "REG002", .info, "Requested expiry differs from 600000 s",
    clauses: [.ts24229("5.1.1.2.1")], since: "0.2",
    why: """
      A UE of 3GPP asks for 600000 s and takes what the network grants. Another value is an operator's profile, or a client that \
      was not made for IMS; without any the registrar chooses.
      """,
    traps: "Operators' profiles ask for less. Judged for AKA only, on the first REGISTER that Gm shows.",
    when: .registeringWithAKA, needs: [.message(status: nil, on: [.h0])], trigger: .oddRequestedExpiry,
    flagged: [
      Example(
        "an hour",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Contact: <sip:10.10.0.2:5060>;expires=3600
        P -> UE: 401 Unauthorized
        """),
      Example(
        "none",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Contact: <sip:10.10.0.2:5060>
        P -> UE: 401 Unauthorized
        """),
    ],
    clean: [
      Example(
        "600000 s, in Expires",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>
          Expires: 600000
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    guard let first = flow.transactions.first(where: { $0.hop == .h0 })?.requests.first, let sip = flow.sip(first),
      sip.requestedExpiry != 600_000
    else { return }
    let asked = sip.requestedExpiry
    report(
      asked.map { "the UE asks for \($0) s" } ?? "the UE asks for no expiry", at: [first],
      observed: asked.map { "expires \($0)" } ?? "neither expires nor Expires", expected: "600000",
      severity: asked == nil ? .warning : nil)
  }
}
