import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX008 = Rule(
    "CX008", .error, "S-CSCF name inconsistent within the registration",
    clauses: [.ts29228("6.1.2"), .ts29228("6.3"), .ts29228("8.1")], since: "0.2",
    why: """
      The HSS compares the name in the SAR with the one that the MAR left. A server that calls itself differently each time is \
      two servers to the HSS: it refuses, or sends calls elsewhere.
      """,
    traps: """
      Compared are requests of one Diameter node: another node is SEQ012's. A port that one of them leaves out is no \
      difference, parameters are none.
      """,
    when: .register, needs: [.exchange(.serverAssignment)], trigger: .oddServerName,
    flagged: [
      Example(
        "another name in the SAR",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> S: REGISTER
        S -> HSS: SAR             ←
          Server-Name: sip:scscf-b.hims.net:6060
        HSS -> S: SAA
        """),
      Example(
        "a name that is no URI",
        """
        I -> S: REGISTER
        S -> HSS: SAR             ←
          Server-Name: scscf1.hims.net
        HSS -> S: SAA
        """),
    ],
    clean: [
      Example(
        "the same name with a parameter",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> S: REGISTER
        S -> HSS: SAR
          Server-Name: sip:scscf1.hims.net:6060;transport=udp
        HSS -> S: SAA
        """)
    ]
  ) { flow, report in
    var known: [(index: Int, host: Text, server: SentBy)] = []
    for exchange in flow.exchanges {
      guard let index = exchange.request,
        flow.messages[index].command == .multimediaAuth || flow.messages[index].command == .serverAssignment,
        let request = flow.diameter(index), let name = request.serverName
      else { continue }
      guard let server = name.server else {
        report(
          "the S-CSCF gives the HSS a name that is no SIP URI", at: [index], observed: "Server-Name \(name)",
          expected: "sip:host[:port]")
        continue
      }
      guard let host = request.originHost else { continue }
      if let other = known.last(where: { $0.host.equalsIgnoringCase(host) }), !other.server.names(server) {
        report(
          "one S-CSCF gives the HSS two names", at: [index, other.index], observed: "Server-Name \(name)",
          expected: "\(flow.diameter(other.index)?.serverName?.string ?? "")")
      }
      known.append((index, host, server))
    }
  }
}
