import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE006 = Rule(
    "RTE006", .error, "200 without Service-Route",
    clauses: [.ts24229("5.4.1.2.2F"), .rfc(3608, "6")], since: "0.1",
    why: "The 200 tells the UE where its later requests must go; without a Service-Route they miss the S-CSCF.",
    traps: """
      A border element may replace the list by its own URI: accepted. De-registrations, fetches and emergency registrations, \
      whose calls the P-CSCF routes by itself, need none.
      """,
    when: .grantedNormally, needs: [.message(status: 200...299, on: Hop.sip)], trigger: .noServiceRoute,
    flagged: [
      Example(
        "no Service-Route in the 200",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK      ←
          -Service-Route
        """)
    ],
    clean: [
      Example(
        "the 200 names the S-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    let bare = flow.grants().filter { index in
      guard let sip = flow.sip(index), sip.grantedExpiry != 0 else { return false }
      return !sip.hasElement(.serviceRoute)
    }
    // One finding, at the node farthest from the UE that sent it so: the others only pass it on.
    guard let origin = flow.farthest(of: bare) else { return }
    // A REGISTER that only asks, or takes away, gets none: which it was nothing shows.
    guard let round = flow.round(of: origin), flow.firstRequest(of: round) != nil else {
      return report.unobservable(.noStart, on: flow.messages[origin].hop)
    }
    let impu = flow.impu?.string ?? "the subscriber"
    report(
      "no Service-Route in the 200 for \(impu)", at: [origin] + bare.filter { $0 != origin },
      observed: "200 without Service-Route on \(flow.messages[origin].hop?.rawValue ?? "SIP")",
      expected: "Service-Route with the URI of the S-CSCF")
  }
}
