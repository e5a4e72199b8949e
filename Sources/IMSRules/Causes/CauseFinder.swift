import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

/// Finds the candidate causes of a registration that did not end well: facts of the registration, and what some rules say of
/// it, whether they were selected or not.
struct CauseFinder {
  let flow: Flow
  /// The last REGISTER of the UE with all that it caused; nil without SIP.
  let round: Int?
  /// The refusal of the node farthest from the UE, in that round.
  let refusal: Int?
  private(set) var found: [FailureCause] = []

  init(_ flow: Flow) {
    self.flow = flow
    round = flow.rounds.indices.last
    refusal = round.flatMap { flow.refusal(in: $0) }
  }

  /// The best shown first, and among those in the order of `FailureCause.ID`; empty for one that ended well or whose end
  /// was not captured.
  static func causes(of flow: Flow) -> [FailureCause] {
    if flow.outcome.isGood { return [] }
    var finder = CauseFinder(flow)
    if flow.outcome == .partial {
      finder.findClosedAnswer()
      return finder.found
    }
    finder.findNetwork()
    finder.findAuthentication()
    finder.findCx()
    finder.findServer()
    finder.findProxy()
    if finder.found.isEmpty { finder.addUnknown() }
    let order = FailureCause.Evidence.allCases.flatMap { evidence in
      FailureCause.ID.allCases.compactMap { id in finder.found.first { $0.id == id && $0.evidence == evidence } }
    }
    return Array(order.prefix(FlowReport.causeLimit))
  }

  // MARK: what is asked

  /// One candidate of a kind is enough: the first that is found.
  mutating func add(
    _ id: FailureCause.ID, _ evidence: FailureCause.Evidence, _ sentence: String, at messages: [Int],
    frames: [IssueLog.FrameReference] = []
  ) {
    if found.contains(where: { $0.id == id }) { return }
    let frames = frames + messages.map { flow.recorders.first(of: flow.messages[$0].message.firstSighting) }
    found.append(
      FailureCause(
        id: id, evidence: evidence, sentence: Reporter.redacted(sentence), messages: messages, frames: frames))
  }

  /// What a rule says of the last REGISTER of the UE, or of what came before it where `anywhere` is true.
  func violation(
    of rule: Rule, anywhere: Bool = false, where fits: (Reporter.Violation) -> Bool = { _ in true }
  ) -> Reporter.Violation? {
    rule.violations(in: flow).first { violation in
      (anywhere || violation.messages.contains { isInLastRound($0) }) && fits(violation)
    }
  }

  func isInLastRound(_ index: Int) -> Bool {
    if let number = flow.index.transaction(of: index) { return flow.transactions[number].round == round }
    return flow.exchanges.contains {
      ($0.request == index || $0.answer == index) && ($0.round == round || round == nil)
    }
  }

  func node(_ index: Int) -> String { flow.sender(of: index) ?? "network" }
  func hop(_ index: Int) -> String { flow.messages[index].hop?.rawValue ?? "an unknown hop" }

  /// "the S-CSCF refused with 403 Forbidden on H2"; "sent" where it may have been told to by a node that was not captured.
  func act(_ refusal: Int) -> String {
    let verb = flow.mayHavePassedOn(refusal) ? "sent" : "refused with"
    return "the \(node(refusal)) \(verb) \(name(refusal)) on \(hop(refusal))"
  }

  /// "403 Forbidden", "REGISTER", "UAR".
  func name(_ index: Int) -> String {
    if let diameter = flow.diameter(index) { return diameter.name }
    guard let sip = flow.sip(index) else { return "message" }
    guard let status = sip.status else { return sip.methodName }
    let reason = sip.reason?.string ?? ""
    return reason.isEmpty ? "\(status)" : "\(status) \(reason)"
  }

  /// Did a message of this round pass the hop?
  func passed(_ hop: Hop) -> Bool {
    guard let round else { return false }
    return flow.rounds[round].transactions.contains { flow.transactions[$0].hop == hop }
  }

  /// The final response that came from the next hop in this round.
  func finalBehind(_ hop: Hop) -> Int? {
    guard let round, let next = Hop.sip.first(where: { $0 > hop }) else { return nil }
    return flow.finals(of: round, on: next).first
  }

  /// What hides that nothing passed the hop, from a message until the refusal, or for as long as an answer takes.
  func obstacle(to hop: Hop, since index: Int) -> Unobservable? {
    let start = flow.messages[index].time
    let end = refusal.map { max(flow.messages[$0].time, start) } ?? start + flow.customs.timers.finalResponse
    return flow.obstacle(to: hop, from: start, for: end - start)
  }

  private mutating func addUnknown() {
    // Whoever refused behind it did so for want of an answer.
    if let silent = silentTransaction, let taken = silent.responses.last,
      refusal.map({ (flow.messages[$0].hop ?? .h0) < silent.hop }) ?? true
    {
      let ends = silent.hop.ends
      if let back = finalBehind(silent.hop) {
        return add(
          .unknown, .indicated,
          "the \(ends.server.rawValue) got \(name(back)) on \(hop(back)) and sent no answer on \(silent.hop.rawValue)",
          at: [back, taken])
      }
      return add(
        .unknown, .indicated,
        "the \(ends.server.rawValue) took the REGISTER on \(silent.hop.rawValue) with \(name(taken)) and answered no more",
        at: [taken])
    }
    if let refusal {
      if flow.mayHavePassedOn(refusal) {
        return add(
          .unknown, .possible, "\(act(refusal)); why was not observable: what lies behind it was not captured",
          at: [refusal])
      }
      if flow.messages[refusal].from == .scscf, flow.view(of: .c2).state == .blind {
        return add(
          .unknown, .possible, "\(act(refusal)); why was not observable: no Cx of the S-CSCF was captured then",
          at: [refusal])
      }
      return add(.unknown, .shown, "why \(act(refusal)) shows nowhere", at: [refusal])
    }
    add(.unknown, .possible, "nothing that was captured says why", at: flow.messages.indices.suffix(1).map { $0 })
  }
}

extension Rule {
  /// What it finds in one registration, whoever selected it; nothing where it does not apply or cannot judge.
  fileprivate func violations(in flow: Flow) -> [Reporter.Violation] {
    guard case .registration(let check) = check, when.holds(flow),
      needs.allSatisfy({ $0.isScope || $0.unmet(by: flow) == nil })
    else { return [] }
    var reporter = Reporter(flow.messages)
    check(flow, &reporter)
    return reporter.violations
  }
}
