import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP

extension Rule {
  static let SEQ007 = Rule(
    "SEQ007", .error, "Registration granted without Server-Assignment",
    clauses: [.ts24229("5.4.1.2.2"), .ts29228("6.1.2")], since: "0.1",
    why: """
      The Server-Assignment tells the HSS which S-CSCF serves the subscriber and brings the service profile. Without it \
      terminating calls do not find the S-CSCF.
      """,
    traps: """
      A refresh may leave it out (noted only). A de-registration needs it only when the last contact goes. Some S-CSCFs send \
      it after the 200: 2 s are allowed.
      """,
    when: .grantedOrDeregistered, needs: [.message(status: 200...299, on: [.h1, .h2]), .absence(on: .c2)],
    flagged: [
      Example(
        "the S-CSCF asks for a vector but never assigns itself",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 200 OK              ←
        I -> P: 200 OK
        P -> UE: 200 OK
        wait 6s
        UE -> P: OPTIONS sip:hims.net
        """)
    ],
    clean: [
      Example(
        "SAR and SAA before the 200",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    if flow.index.answeredCommands.contains(.serverAssignment) { return }
    let grants = flow.grants(on: [.h2]) + flow.grants(on: [.h1])
    guard let grant = grants.first else { return }
    // Its REGISTER was lost: the SAR may stand before all that was seen of it.
    guard flow.request(of: grant) != nil else { return report.unobservable(.loss, on: flow.messages[grant].hop ?? .h2) }
    let assignments = flow.exchanges(of: .serverAssignment)
    if assignments.contains(where: { $0.request != nil && $0.answer != nil }) { return }
    // The HSS is told when the last contact goes.
    if flow.kind == .deregistration, let kept = flow.sip(grant)?.contacts, !kept.isEmpty { return }
    if let obstacle = flow.obstacle(to: .c2, from: flow.messages[grant].time, for: .zero) {
      return report.unobservable(obstacle, on: .c2)
    }
    let request = assignments.compactMap(\.request).first
    let severity: Severity =
      switch flow.kind {
      case .refresh: .info
      case .deregistration: .warning
      default: .error
      }
    report(
      request == nil ? "200 without any Server-Assignment" : "200 although the SAR was not answered",
      at: [grant] + [request].compactMap(\.self),
      observed: request == nil ? "no SAR of this subscriber on C2" : "a SAR without SAA",
      expected: "SAR and SAA 2001 before the 200", severity: severity)
  }
}
