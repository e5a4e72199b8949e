import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET008 = Rule(
    "NET008", .error, "Transport failure",
    clauses: [.rfc(3261, "18.4"), .rfc(6733, "2.1")], since: "0.2",
    why: """
      The packet did not reach a listener, or the connection broke: the node behind the address is down, or nobody listens on \
      that port. No timer of SIP needs to be looked at.
      """,
    traps: """
      Reported where a message of a failed registration stayed without its answer, and the ICMP error, the reset or the abort \
      speaks of that very way. What breaks when everything was answered is harmless.
      """,
    when: .register, needs: [.everyHop(Hop.sip)],
    flagged: [
      Example(
        "nobody listens",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net         ←
        I -> P: ICMP port unreachable
        wait 40s
        P -> UE: 504 Server Time-out
        """)
    ],
    clean: [
      Example(
        "unreachable, and answered after a repetition",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: ICMP port unreachable
        wait 500ms
        P -> I: REGISTER (again)
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """)
    ]
  ) { flow, report in
    guard let failure = flow.failure, let event = failure.event else { return }
    let hit = flow.messages.indices.last { index in
      let message = flow.messages[index].message
      guard flow.messages[index].asks, flow.messages[index].isSIP || flow.messages[index].command != nil else {
        return false
      }
      return message.destination == event.destination && message.source.address == event.source.address
    }
    // What was never sent for want of a connection shows at the message before it.
    guard let index = hit ?? flow.registerMessages.last(where: { flow.messages[$0].isRequest }) else { return }
    report(
      "a message of the registration met a dead end: \(event.name)", at: [index],
      observed: "\(event.name) for \(event.destination), \(flow.frameText(failure))",
      expected: "a node that listens")
  }
}
