import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let SEQ001 = Rule(
    "SEQ001", .error, "Registration accepted without a challenge",
    clauses: [.ts24229("5.4.1.2.1"), .ts24229("5.4.1.2.2"), .ts33203("6.1.1")], since: "0.1",
    why: """
      An initial registration proves the subscriber's identity by answering a challenge. A 200 to a REGISTER that answers \
      none lets anybody take over the public identity.
      """,
    traps: """
      A capture that begins after the initial registration shows refreshes only: no verdict without the start. GIBA and \
      NASS-bundled authentication do not challenge; where Cx was not captured and the REGISTER has no Authorization, GIBA \
      cannot be told from no authentication at all: a warning.
      """,
    when: .grantedInitially, needs: [.transaction(on: Hop.sip), .start],
    trigger: .unchallenged,
    flagged: [
      Example(
        "the first REGISTER is granted at once",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER sip:hims.net
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
        I -> P: 200 OK
        P -> UE: 200 OK      ←
        """)
    ],
    clean: [
      Example(
        "the 200 answers a response to the challenge",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    let challenged = flow.registerMessages.contains { [401, 407].contains(flow.sip($0)?.status) }
    guard let grant = flow.grants().last, let request = flow.request(of: grant), !challenged else { return }
    let credentials = flow.sip(request)?.authorization ?? []
    guard !credentials.contains(where: { !($0.response?.isEmpty ?? true) }) else { return }
    let trusted = credentials.compactMap(\.integrityProtected).first { value in
      ["yes", "tls-yes", "ip-assoc-yes", "auth-done"].contains { value.equalsIgnoringCase(Text($0)) }
    }
    guard trusted == nil else { return }
    let known = flow.before.map { $0.registered ? "registered before in this capture" : "not registered" }
    let header = flow.sip(request)?.first(.authorization)?.string
    let maybeGIBA = credentials.isEmpty && flow.view(of: .c2).state == .blind
    report(
      maybeGIBA ? "granted without a challenge: unchallenged or GIBA" : "granted without a challenge",
      at: [grant, request], observed: "Authorization: \(header ?? "none"); subscriber \(known ?? "not seen before")",
      expected: "401 with a challenge before the 200", severity: maybeGIBA ? .warning : nil)
  }
}
