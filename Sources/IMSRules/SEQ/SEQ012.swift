import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let SEQ012 = Rule(
    "SEQ012", .error, "Answer to the challenge reached another S-CSCF",
    clauses: [.ts24229("5.3.1.2"), .ts29228("6.1.1.1")], since: "0.2",
    why: """
      Only the S-CSCF that challenged knows the vector. An answer that reaches another one can but be challenged again.
      """,
    traps: """
      One logical S-CSCF may have several addresses that share state: names are compared first; where only the address \
      differs it is a warning. An answer that the challenger did not take, and that went to another one then, reached the right \
      one first.
      """,
    when: .challenged, needs: [.message(status: nil, on: [.h2])],
    trigger: .severalServers,
    flagged: [
      Example(
        "the second UAA names another server",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S2: REGISTER sip:hims.net       ←
        """)
    ],
    clean: [
      Example(
        "one S-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        """),
      Example(
        "the challenger first, and another one when that is gone",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 401 Unauthorized
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 503 Service Unavailable
        I -> S2: REGISTER sip:hims.net
        """),
    ]
  ) { flow, report in
    var challenger: Int?
    for round in flow.rounds.indices {
      // It reached the challenger, who may have been gone by then: the next one was selected (TS 24.229 §5.3.1.3).
      var hasReached = false
      for number in flow.rounds[round].transactions where flow.transactions[number].hop == .h2 {
        guard let request = flow.transactions[number].requests.first else { continue }
        if let challenger, flow.answersChallenge(request) {
          let difference = OtherServer(challenger, request, flow)
          if difference == nil { hasReached = true }
          if let difference, !hasReached {
            report(
              "the answer went to \(difference.second), the challenge came from \(difference.first)",
              at: [request, challenger],
              observed: difference.second, expected: difference.first, severity: difference.nameDiffers ? nil : .warning
            )
          }
        }
        if flow.transactions[number].finals.contains(where: { flow.messages[$0].status == 401 }) {
          challenger = request
        }
      }
    }
  }
}

private struct OtherServer {
  var first: String
  var second: String
  var nameDiffers: Bool

  /// Nil when both requests went to one server: same name in the Request-URI, or same address.
  init?(_ challenged: Int, _ answered: Int, _ flow: Flow) {
    guard flow.messages[challenged].message.destination != flow.messages[answered].message.destination else {
      return nil
    }
    let addresses = [challenged, answered].map { flow.messages[$0].message.destination }
    let names = [challenged, answered].map { flow.sip($0)?.requestURI.flatMap { SIPURI($0)?.host.lowercased } }
    let known = names.compactMap(\.self)
    nameDiffers = known.count == 2 && known[0] != known[1]
    let shown = zip(names, addresses).map { "\($0?.string ?? "S-CSCF") (\($1))" }
    first = shown[0]
    second = shown[1]
  }
}
