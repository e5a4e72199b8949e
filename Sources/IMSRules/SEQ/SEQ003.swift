import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ003 = Rule(
    "SEQ003", .error, "REGISTER without a final response",
    clauses: [.rfc(3261, "17.1.2"), .ts24229("7.7")], since: "0.1",
    why: """
      A request that nobody answers leaves its sender waiting for Timer F. The deepest hop without an answer is where to \
      look.
      """,
    traps: """
      A capture that ends before Timer F proves nothing. Over IPsec and TCP the response takes other ports or another \
      connection: it is matched by branch, never by addresses. A response with another Via stack is VIA005's. A node that \
      has refused toward its own sender has given up: nothing more is due, unless the answer still comes. An answer that was \
      sent and lost on its way is no fault of a node: it is told as information, where both ends were captured.
      """,
    when: .register, needs: [.everyHop(Hop.sip)],
    trigger: .openTransaction,
    flagged: [
      Example(
        "the I-CSCF never answers",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
        wait 200s
        UE -> P: OPTIONS sip:hims.net
        """)
    ],
    clean: [
      Example(
        "each hop is answered",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        S -> I: 403 Forbidden
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      // The deepest hop without an answer is the culprit; the ones before it wait for it.
      var deepest: Transaction?
      for number in flow.rounds[round].transactions where Unanswered.isOpen(number, flow) {
        let transaction = flow.transactions[number]
        if deepest.map({ $0.hop < transaction.hop }) ?? true { deepest = transaction }
      }
      guard let culprit = deepest else {
        flow.noteLostAnswer(to: round, &report)
        continue
      }
      guard let request = culprit.requests.first else { continue }
      switch Unanswered.window(of: culprit, request, flow) {
      case .gaveUp, .elapsed: break
      case .obstacle(let reason):
        report.unobservable(reason, on: culprit.hop)
        continue
      }
      let copies = flow.messages[request].message.retransmissions.count
      let provisional = culprit.responses.last.flatMap { flow.sip($0)?.status }
      report(
        "no final response to the REGISTER\(flow.rounds[round].cseqText) on \(culprit.hop.title)",
        at: [request],
        observed: "\(copies) retransmissions, last from the peer: \(provisional.map { "\($0)" } ?? "nothing")",
        expected: "a final response within Timer F")
    }
  }
}

/// When a missing final response is missing.
enum Unanswered {
  enum Window {
    case elapsed
    case gaveUp
    case obstacle(Unobservable)
  }

  /// Neither a response with the matching branch nor any final one of the same Call-ID and CSeq on that hop.
  static func isOpen(_ number: Int, _ flow: Flow) -> Bool {
    let transaction = flow.transactions[number]
    guard !transaction.requests.isEmpty, transaction.finals.isEmpty else { return false }
    return !flow.transactions.contains {
      $0.hop == transaction.hop && $0.round == transaction.round && !$0.finals.isEmpty
    }
  }

  static func window(of transaction: Transaction, _ request: Int, _ flow: Flow) -> Window {
    let start = flow.messages[request].time
    let wait = transaction.hop == .h0 ? flow.timerF(ofUE: request) : flow.customs.timers.finalResponse
    if let loss = flow.loss(on: transaction.hop, from: start, to: start + wait) { return .obstacle(loss) }
    if gaveUp(transaction, flow) { return .gaveUp }
    return flow.obstacle(to: transaction.hop, from: start, for: wait).map { .obstacle($0) } ?? .elapsed
  }

  /// The sender of the request has itself refused toward the UE.
  private static func gaveUp(_ transaction: Transaction, _ flow: Flow) -> Bool {
    flow.transactions.contains { outer in
      outer.round == transaction.round && outer.hop < transaction.hop
        && outer.hop.ends.server == transaction.hop.ends.client
        && flow.finals(of: outer).contains { (flow.sip($0)?.status ?? 0) >= 300 }
    }
  }
}

extension Flow {
  /// Of the hops on which every final response to a REGISTER was lost, the deepest: the nodes before it wait for that one.
  fileprivate func noteLostAnswer(to round: Int, _ report: inout Reporter) {
    if lost.isEmpty { return }
    for hop in Hop.sip.reversed() {
      let finals = finals(of: round, on: hop)
      guard let last = finals.last, let loss = lost.first(where: { $0.message == last }),
        finals.allSatisfy({ final in lost.contains { $0.message == final } }), let request = request(of: last)
      else { continue }
      report(
        "the final response to the REGISTER\(rounds[round].cseqText) was lost on \(hop.title)", at: [last, request],
        observed: "\(messages[last].status) of the \(loss.from.rawValue), which the \(loss.to.rawValue) never got",
        expected: "a final response within Timer F", severity: .info)
      return
    }
  }
}
