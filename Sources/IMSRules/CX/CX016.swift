import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX016 = Rule(
    "CX016", .warning, "Second UAA does not point back to the challenging S-CSCF",
    clauses: [.ts29228("6.1.1.1"), .ts29228("6.3.1")], since: "0.2",
    why: """
      The MAR left the name of the S-CSCF with the HSS, so that the answer to the challenge finds the server that knows the \
      vector. Where the HSS does not say it, the I-CSCF chooses again.
      """,
    traps: """
      The right name is enough, whatever the result is called. A question for capabilities selects anew on purpose. No UAR at \
      all is SEQ005's.
      """,
    when: .authenticated, needs: [.exchange(.userAuthorization), .exchange(.multimediaAuth)], trigger: .otherServer,
    flagged: [
      Example(
        "capabilities again",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 2001       ←
        """),
      Example(
        "another name",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 2002       ←
          Server-Name: sip:scscf9.hims.net:6060
        """),
    ],
    clean: [
      Example(
        "the name of the MAR",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 2002
        """)
    ]
  ) { flow, report in
    var assigned: (index: Int, name: Text)?
    var asked: [(index: Int, time: Timestamp, name: Text)] = []
    flow.forEachExchange(.multimediaAuth) { maa in
      guard maa.answered.isSuccess, let name = maa.asked.serverName else { return }
      asked.append((maa.request, flow.messages[maa.answer].time, name))
    }
    guard !asked.isEmpty else { return }
    flow.forEachExchange(.userAuthorization) { uaa in
      guard uaa.answered.isSuccess, uaa.asked.userAuthorizationType != 2 else { return }
      assigned = asked.last { $0.time < flow.messages[uaa.request].time }.map { ($0.index, $0.name) }
      guard let assigned, let server = assigned.name.server else { return }
      let name = uaa.answered.serverName
      if let other = name?.server, other.names(server) { return }
      report(
        name == nil
          ? "the HSS does not name the S-CSCF that challenged"
          : "the HSS names another S-CSCF than the one that challenged",
        at: [uaa.answer, assigned.index],
        observed: name.map { "Server-Name \($0)" } ?? "\(uaa.answered.resultText ?? "no result"), no Server-Name",
        expected: "Server-Name \(assigned.name)", severity: name == nil ? nil : .error)
    }
  }
}
