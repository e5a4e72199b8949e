import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA008 = Rule(
    "DIA008", .error, "Session handling",
    clauses: [.ts29229("5.3"), .rfc(6733, "8.8"), .rfc(6733, "8.11")], since: "0.2",
    why: """
      Cx keeps no sessions: each procedure has a Session-Id of its own, which the answer repeats, and says that no state is \
      kept. A server that believes otherwise keeps state for every registration until it has no room.
      """,
    traps: """
      The form of the Session-Id is not judged. One Session-Id for two procedures is a warning. Session-Id stands first by \
      RFC 6733; several peers put it elsewhere: a warning.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddSession,
    flagged: [
      Example(
        "another session in the answer",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          Session-Id: another;1;2
        """),
      Example(
        "state is kept",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
          Auth-Session-State: 0
        HSS -> S: MAA
        """),
    ],
    clean: [
      Example(
        "a session each",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        """)
    ]
  ) { flow, report in
    var sessions: [(id: Text, index: Int)] = []
    for exchange in flow.exchanges {
      let asked = exchange.request.flatMap { flow.diameter($0) }
      if let index = exchange.request, let request = asked {
        SessionFault.report(request, index, &report)
        if let id = request.sessionID {
          if let other = sessions.first(where: { $0.id == id }), flow.isOther(index, than: other.index) {
            report(
              "two procedures have one Session-Id", at: [index, other.index], observed: "\(id) again",
              expected: "a new one", severity: .warning)
          }
          sessions.append((id, index))
        }
      }
      guard let index = exchange.answer, let answer = flow.diameter(index) else { continue }
      SessionFault.report(answer, index, &report)
      if let asked, let id = asked.sessionID, let given = answer.sessionID, given != id {
        report(
          "the \(answer.name) has another Session-Id than the request", at: [index, exchange.request ?? index],
          observed: "\(given)", expected: "\(id)")
      }
    }
  }
}

private enum SessionFault {
  static func report(_ message: DiameterMessage, _ index: Int, _ report: inout Reporter) {
    let first = message.headers.first
    if first.map({ $0.code != AVPName.sessionID.code || $0.vendor != 0 }) ?? true {
      let isThere = message.sessionID != nil
      report(
        isThere
          ? "the Session-Id of the \(message.name) does not stand first" : "the \(message.name) has no Session-Id",
        at: [index], observed: "first AVP: \(first.flatMap { message.avps.avp($0).definition?.name } ?? "unknown")",
        expected: "Session-Id first",
        severity: isThere ? .warning : nil)
    }
    guard let state = message.authSessionState, state != 1 else { return }
    report(
      "the \(message.name) says that session state is kept", at: [index], observed: "Auth-Session-State \(state)",
      expected: "1 NO_STATE_MAINTAINED")
  }
}

extension Flow {
  /// Another request, not the same one sent again over a connection of its own.
  fileprivate func isOther(_ index: Int, than other: Int) -> Bool {
    guard let first = diameter(other), let second = diameter(index) else { return false }
    return first.command != second.command || first.endToEnd != second.endToEnd
  }
}
