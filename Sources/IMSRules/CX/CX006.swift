import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let CX006 = Rule(
    "CX006", .error, "Selected S-CSCF is not the one of the UAA",
    clauses: [.ts24229("5.3.1.2"), .ts29228("6.7")], since: "0.2",
    why: """
      The HSS names the S-CSCF that serves the subscriber. At another one there is neither the vector of the challenge nor \
      the registration.
      """,
    traps: """
      Judged by the name in the Request-URI or the topmost Route. An address in its place says nothing against the name. Where \
      an S-CSCF is selected anew after a failure the first choice alone is judged.
      """,
    when: .register, needs: [.exchange(.userAuthorization), .message(status: nil, on: [.h2])], trigger: .otherTarget,
    flagged: [
      Example(
        "named is one, asked is another",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 2002
          Server-Name: sip:scscf9.hims.net:6060
        I -> S: REGISTER            ←
        """)
    ],
    clean: [
      Example(
        "the one that was named",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 2002
          Server-Name: sip:SCSCF1.hims.net
        I -> S: REGISTER
        """),
      Example(
        "capabilities: any",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 2001
        I -> S: REGISTER
        """),
    ]
  ) { flow, report in
    var named: [(round: Int, answer: Int, server: SentBy)] = []
    flow.forEachExchange(.userAuthorization) { uaa in
      guard let round = uaa.round, uaa.answered.isSuccess, let server = uaa.answered.serverName?.server else { return }
      named.append((round, uaa.answer, server))
    }
    for answer in named {
      guard let index = flow.firstRequest(of: answer.round, on: .h2), let sip = flow.sip(index) else { continue }
      let chosen = [sip.requestURI.flatMap { SIPURI($0)?.sentBy }, sip.route.first?.uri.sentBy].compactMap(\.self)
      // Another REGISTER's UAA may be meant where clocks are apart: then nothing is certain.
      if chosen.contains(where: { host in IPAddress(host.host) != nil || named.contains { $0.server.names(host) } }) {
        continue
      }
      guard let first = chosen.first else { continue }
      report(
        "the REGISTER went to another S-CSCF than the HSS named", at: [index, answer.answer],
        observed: first.text, expected: answer.server.text)
    }
  }
}

extension SentBy {
  fileprivate var text: String { port.map { "\(host):\($0)" } ?? "\(host)" }
}
