import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let SEC009 = Rule(
    "SEC009", .error, "Challenge answered outside the security association",
    clauses: [.ts24229("5.1.1.5.1"), .ts24229("5.2.2.2"), .ts33203("7.1")], since: "0.2",
    why: """
      UE and P-CSCF agreed on IPsec, and the answer went in clear all the same: nothing on the radio side of the P-CSCF is \
      protected, and the network believes it is.
      """,
    traps: """
      A host that records before encryption or behind decryption shows protected messages in clear: on the agreed ports they \
      are no finding, nor where the same packet was seen in ESP. A REGISTER that asks for resynchronisation goes in clear by \
      right.
      """,
    when: .securityAgreed,
    needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddProtection,
    flagged: [
      Example(
        "to another port than the P-CSCF named",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; q=0.5; alg=hmac-sha-1-96; ealg=null; spi-c=1000; spi-s=1001; port-c=5100; port-s=6666
        UE -> P: REGISTER sip:hims.net        ←
        P -> UE: 200 OK
        """)
    ],
    clean: [
      Example(
        "recorded before encryption, on the agreed ports",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
      Example(
        "resynchronisation",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Authorization.auts: "uoU/PBKc38GEyuSusq8="
        P -> UE: 401 Unauthorized
        """),
      Example(
        "no agreement",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          -Security-Server
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
    ]
  ) { flow, report in
    flow.noteUnseenAnswers(&report)
    for answer in flow.facts.protectedAnswers {
      let message = flow.messages[answer.request].message
      let sightings = message.transmissions.flatMap(\.sightings)
      if sightings.contains(where: { $0.spi != 0 }) { continue }
      let server = flow.sip(answer.challenge)?.securityServer ?? []
      // A TLS association is agreed on in the same list.
      if server.contains(where: { $0.mechanism.isToken("tls") }), message.transport == .tcp { continue }
      let ports = server.compactMap(\.portS)
      if ports.contains(message.destination.port) { continue }
      let isGranted = flow.rounds[answer.round].transactions.flatMap { flow.transactions[$0].responses }.contains {
        (200..<300).contains(flow.messages[$0].status)
      }
      report(
        "the answer to the challenge went in clear" + (isGranted ? ", and the network accepted it" : ""),
        at: [answer.request, answer.challenge],
        observed: "\(message.source) → \(message.destination), \(sightings.first?.layers.text ?? "")",
        expected: "ESP to port \(ports.map { "\($0)" }.joined(separator: " or "))")
    }
  }
}
