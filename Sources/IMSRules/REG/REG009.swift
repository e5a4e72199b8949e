import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let REG009 = Rule(
    "REG009", .error, "Protected REGISTER without the protected server port",
    clauses: [.ts24229("5.1.1.5.1"), .ts24229("5.1.1.2.2"), .ts33203("7.1")], since: "0.2",
    why: """
      Behind the challenge the UE listens on its protected server port alone. A Contact with another port leads every later \
      request, a Via with another one the 200, to where nobody is.
      """,
    traps: """
      Over TCP the response comes back on the connection: the port of the Via is not judged. Nor is anything where the UE asked \
      for encapsulation in UDP, which a translator needs.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddProtection,
    flagged: [
      Example(
        "the Contact names the unprotected port",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          Contact: <sip:10.10.0.2:5060>;expires=600000
        """),
      Example(
        "the Via names the client port",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 10.10.0.2:40001;branch=z9hG4bKue2
        """),
    ],
    clean: [
      Example(
        "the protected server port in both",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    flow.noteUnseenAnswers(&report)
    for answer in flow.facts.protectedAnswers {
      guard let sip = flow.sip(answer.request) else { continue }
      let offered = sip.securityClient.filter { $0.isIPsec && !$0.isOfMedia }
      let ports = offered.compactMap(\.portS)
      if ports.isEmpty || offered.contains(where: { $0.mod?.containsIgnoringCase("udp") ?? false }) { continue }
      let expected = "port-s \(ports.map(String.init).joined(separator: " or "))"
      if let contact = sip.boundContact, !(contact.uri.port.map { ports.contains($0) } ?? false) {
        report(
          "the Contact of the protected REGISTER names another port", at: [answer.request, answer.challenge],
          observed: contact.uriText.string, expected: expected)
      }
      guard flow.messages[answer.request].message.transport == .udp, let top = sip.via.first,
        !ports.contains(top.sentBy.port ?? top.defaultPort)
      else { continue }
      report(
        "the Via of the protected REGISTER names another port", at: [answer.request, answer.challenge],
        observed: top.summary, expected: expected)
    }
  }
}
