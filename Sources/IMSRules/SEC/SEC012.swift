import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let SEC012 = Rule(
    "SEC012", .error, "200 to a protected REGISTER sent in clear (or on a wrong SA)",
    clauses: [.ts33203("7.1"), .ts24229("5.2.2.2")], since: "0.2",
    why: """
      A UE that sent its REGISTER through the association takes no answer from outside: it never learns that it is \
      registered, and everybody on the way could have written the answer.
      """,
    traps: """
      A host that records before encryption shows the answer in clear: to a port that the UE named for the association it is \
      no finding. Refusals may come on the old associations.
      """,
    when: .securityAgreed, needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddProtection,
    flagged: [
      Example(
        "to a port that the UE did not name",
        """
        UE -> P: REGISTER sip:hims.net
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=3; spi-s=4; port-c=7062; port-s=7064
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
        P -> UE: 200 OK                       ←
        """)
    ],
    clean: [
      Example(
        "to the protected port",
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
      let request = flow.messages[answer.request].message
      let server = flow.sip(answer.challenge)?.securityServer ?? []
      let isProtected =
        request.sightings.contains { $0.spi != 0 } || server.contains { $0.portS == request.destination.port }
      guard isProtected,
        let grant = flow.finals(of: answer.round, on: .h0).first(where: {
          (200..<300).contains(flow.messages[$0].status)
        }),
        let client = flow.request(of: answer.challenge).flatMap({ flow.sip($0)?.securityClient }), !client.isEmpty
      else { continue }
      let message = flow.messages[grant].message
      let sightings = message.transmissions.flatMap(\.sightings)
      if sightings.contains(where: { $0.spi != 0 }) { continue }
      if client.contains(where: { $0.portS == message.destination.port || $0.portC == message.destination.port }) {
        continue
      }
      report(
        "the 200 to a protected REGISTER went outside the association", at: [grant, answer.request],
        observed: "\(message.source) → \(message.destination)",
        expected: "ESP to port \(client.compactMap(\.portS).map { "\($0)" }.joined(separator: " or "))")
    }
  }
}
