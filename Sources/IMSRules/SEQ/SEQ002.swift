import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ002 = Rule(
    "SEQ002", .warning, "Challenge never answered",
    clauses: [.ts24229("5.1.1.5.1"), .ts24229("5.4.1.2.1"), .ts33203("6.1.2")], since: "0.2",
    why: """
      The UE got a challenge and did nothing with it: it holds the network for false, lacks a security agreement that it \
      wants, or is out of reach.
      """,
    traps: """
      240 s must have been recorded. A UE that begins a new registration meanwhile does what it has to when it cannot use \
      the challenge. What travels in ESP that was not opened may be the answer. Where Mw alone was captured, the UE may \
      have answered and the P-CSCF have kept it.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: [.h0, .h1])],
    flagged: [
      Example(
        "silence",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          -Security-Server
        wait 300s
        UE -> P: OPTIONS sip:hims.net
        """)
    ],
    clean: [
      Example(
        "the capture ends",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        wait 100s
        UE -> P: OPTIONS sip:hims.net
        """)
    ]
  ) { flow, report in
    guard flow.outcome == .abandoned, let hop = [Hop.h0, .h1].first(where: { flow.challenge(on: $0) != nil }),
      let challenge = flow.challenge(on: hop)
    else { return }
    let time = flow.messages[challenge].time
    // It tried, and the P-CSCF did not listen; or the challenge never came.
    if flow.failure != nil || flow.isAskedAgain(behind: challenge) { return }
    // Closed before its time: the UE began anew.
    if flow.closedAt < time + flow.customs.timers.awaitAuthentication { return }
    if let obstacle = flow.obstacle(to: hop, from: time, for: flow.customs.timers.awaitAuthentication) {
      return report.unobservable(obstacle, on: hop)
    }
    let closed = flow.esp.map { $0.closed } ?? 0
    report(
      hop == .h0 ? "the UE never answered the challenge" : "no answer to the challenge came as far as \(hop.title)",
      at: [challenge],
      observed: "no REGISTER for 240 s" + (closed > 0 ? ", \(closed) ESP packets that were not read" : ""),
      expected: "a REGISTER with the response")
  }
}

extension Flow {
  /// The last 401 on a hop.
  fileprivate func challenge(on hop: Hop) -> Int? {
    registerMessages.last { messages[$0].status == 401 && messages[$0].hop == hop }
  }
}
