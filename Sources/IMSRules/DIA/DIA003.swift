import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSWire
import IMSSIP

extension Rule {
  static let DIA003 = Rule(
    "DIA003", .error, "Request without answer",
    clauses: [.rfc(6733, "5.5.4"), .rfc(6733, "6.2")], since: "0.2",
    why: """
      An HSS that does not answer stops the registration at the node that asks: its timer decides how long the UE waits.
      """,
    traps: """
      30 s must have been recorded, unless the node that asked has given up before: then it knows. An answer on another path \
      of the association counts.
      """,
    when: .register, needs: [.everyHop(Hop.cx)],
    flagged: [
      Example(
        "the HSS is silent and the I-CSCF gives up",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR              ←
        wait 5s
        I -> P: 480 Temporarily Unavailable
        P -> UE: 480 Temporarily Unavailable
        """)
    ],
    clean: [
      Example(
        "answered",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5001
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """)
    ]
  ) { flow, report in
    for exchange in flow.exchanges where exchange.answer == nil {
      guard let request = exchange.request, let diameter = flow.diameter(request) else { continue }
      if SilentHSS.isRepeated(request, flow) { continue }
      let time = flow.messages[request].time
      let loss = flow.loss(on: exchange.hop, from: time, to: time + .seconds(30))
      let knows = SilentHSS.gaveUp(exchange, after: time, flow)
      if let obstacle = loss ?? (knows ? nil : flow.obstacle(to: exchange.hop, from: time, for: .seconds(30))) {
        report.unobservable(obstacle, on: exchange.hop)
        continue
      }
      if let second = SilentHSS.failover(of: request, flow) {
        report(
          "the \(diameter.name) was answered by another peer alone", at: [request, second],
          observed: "no answer of \(flow.messages[request].message.destination.address), one of "
            + "\(flow.messages[second].message.destination.address)",
          expected: "an answer of the first peer", severity: .warning)
        continue
      }
      if let far = flow.farAnswer(of: exchange) {
        report(
          "the \(diameter.name) was answered to the agent, and that passed nothing on", at: [request, far],
          observed: "no answer on \(exchange.hop.rawValue) to the \(exchange.hop.ends.client.rawValue)",
          expected: "the answer of the HSS")
        continue
      }
      let copies = flow.messages[request].message.retransmissions.count
      report(
        "the \(diameter.name) was not answered", at: [request],
        observed: "no answer on \(exchange.hop.rawValue), \(copies) repetitions", expected: "an answer of the HSS")
    }
  }
}

private enum SilentHSS {
  /// Was it sent to that node once more, which answered then (RFC 6733 §3, T flag)?
  static func isRepeated(_ request: Int, _ flow: Flow) -> Bool {
    let peer = flow.messages[request].message.destination.address
    return answeredCopies(of: request, flow).contains { flow.messages[$0].message.destination.address == peer }
  }

  /// Where it went when this peer was silent: with the T flag, and as the same request (RFC 6733 §5.5.4).
  static func failover(of request: Int, _ flow: Flow) -> Int? {
    answeredCopies(of: request, flow).first { again in
      flow.messages[again].message.time > flow.messages[request].message.time
        && flow.diameter(again)?.isRetransmitted ?? false
    }
  }

  /// The same request once more: its End-to-End Id stays.
  private static func answeredCopies(of request: Int, _ flow: Flow) -> [Int] {
    let first = flow.messages[request].message
    return flow.exchanges.filter { $0.answer != nil }.compactMap(\.request).filter { again in
      let second = flow.messages[again].message
      return again != request && second.endToEnd == first.endToEnd && second.command == first.command
    }
  }

  /// The node that asked has itself refused the REGISTER for want of an answer, or forwarded it without one.
  static func gaveUp(_ exchange: Exchange, after time: Timestamp, _ flow: Flow) -> Bool {
    let here: Hop = exchange.hop == .c1 ? .h1 : .h2
    return flow.transactions.contains { transaction in
      guard transaction.round == exchange.round else { return false }
      if transaction.hop == here {
        return flow.finals(of: transaction).contains {
          flow.messages[$0].time >= time && [408, 480, 500, 504].contains(flow.sip($0)?.status ?? 0)
        }
      }
      return here == .h1 && transaction.hop == .h2 && transaction.requests.contains { flow.messages[$0].time > time }
    }
  }
}
