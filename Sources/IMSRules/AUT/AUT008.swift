import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT008 = Rule(
    "AUT008", .error, "Realm, username or uri not consistent with the challenge",
    clauses: [.ts24229("5.1.1.5.1"), .rfc(7616, "3.4")], since: "0.2",
    why: """
      Realm, username and uri are hashed into the response. Where they are not those of the challenge and of the request, a \
      right key gives a wrong answer.
      """,
    traps: """
      The realm may be any name that the network chose. The uri is held against the Request-URI on Gm alone, by its host: \
      P-CSCFs change its parameters; with SIP Digest it is \
      a warning, as is opaque that is not returned.
      """,
    when: .authenticated, needs: [.message(status: 401...401, on: Hop.sip)],
    trigger: .otherCredentials,
    flagged: [
      Example(
        "another realm",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.realm: "elsewhere.net"
        """),
      Example(
        "another user",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.username: "somebody@hims.net"
        """),
    ],
    clean: [
      Example(
        "as the challenge has it",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for answer in flow.facts.answeredChallenges {
      guard let request = answer.request, let given = flow.credentials(of: answer), !(given.response?.isEmpty ?? true),
        let asked = flow.challenges(of: answer).first(where: { $0.nonce == given.nonce })
      else { continue }
      if let realm = given.realm, let due = asked.realm, realm != due {
        report(
          "the answer is for another realm", at: [request, answer.challenge], observed: "realm \(realm)",
          expected: "realm \(due)")
      }
      if let due = asked.opaque, !due.isEmpty, given.opaque != due {
        report(
          "the answer does not return opaque", at: [request, answer.challenge],
          observed: given.opaque.map { "opaque \($0)" } ?? "no opaque", expected: "opaque \(due)", severity: .warning)
      }
      let first = flow.firstRequest(of: answer.round).flatMap { flow.sip($0)?.authorization.first?.username }
      if let username = given.username, let first, !first.isEmpty, first != username {
        report(
          "the answer is another user's", at: [request], observed: "username \(username)", expected: "username \(first)"
        )
      }
      if flow.messages[request].hop == .h0, let named = given.uri, let asked = flow.sip(request)?.requestURI,
        named != asked, let uri = SIPURI(named), let target = SIPURI(asked), !uri.host.equalsIgnoringCase(target.host)
      {
        report(
          "the digest is computed for another URI", at: [request], observed: "uri \(given.uri ?? "")",
          expected: "the Request-URI, host \(target.host)",
          severity: flow.mechanism == .aka ? nil : .warning)
      }
    }
  }
}
