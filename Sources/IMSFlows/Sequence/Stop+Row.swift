import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

extension Stop {
  /// The row of the sequence at which it stopped.
  struct Row {
    /// `stoppedHere`: the step that was due and never came, behind its message, or that was refused, in its message.
    var deviation: Deviation
    var text: String
  }
}

extension Stop.Row {
  fileprivate init(neverCame step: Step, after message: Int?) {
    deviation = Deviation(.stoppedHere, step, message: message)
    text = "\(step.id): \(step.label) (\(step.from.rawValue) → \(step.to.rawValue)) never came"
  }

  fileprivate init(refused message: Int, _ label: String, from: Role, to: Role, step: String?, text: String, hop: Hop) {
    deviation = Deviation(
      kind: .stoppedHere, step: step ?? "", clause: Variant.clause(of: step, on: hop), hop: hop, from: from, to: to,
      label: label, message: message)
    self.text = (step.map { "\($0): " } ?? "") + text
  }
}

extension StopReader {
  /// Nil where it came to its end, or where that could not be seen.
  func row() -> Stop.Row? {
    guard [.rejected, .unanswered, .abandoned].contains(flow.outcome), flow.startSeen,
      // The sequence ends before a third party is told.
      flow.kind != .thirdParty || flow.outcome == .rejected, let round = flow.rounds.indices.last
    else { return nil }
    if flow.outcome == .rejected, let refused = refusal(in: round) { return refused }
    // How it was refused is no way on.
    let steps = MainSequence.pass(of: round, in: flow).filter { $0.what != .refusal }
    let members = members(of: round)
    let reached = reached(of: steps, members) ?? -1
    if flow.outcome == .rejected, reached == steps.count - 1 { return nil }
    if let challenge = steps.last, isChallengeLost(round) { return Stop.Row(neverCame: challenge, after: members.last) }
    if flow.outcome == .abandoned || reached == steps.count - 1, steps.last?.what == .challenge {
      let answer = MainSequence.grantedPass.first {
        Matcher.isObservable($0.hop, in: round, of: flow) && $0.presence == .mandatory
      }
      return answer.map { Stop.Row(neverCame: $0, after: members.last) }
    }
    // Whoever was asked owes an answer, whether he had to be asked or not.
    let asked = reached < 0 ? nil : steps[reached].what.answer
    let due = steps[(reached + 1)...].first {
      Matcher.isObservable($0.hop, in: round, of: flow) && ($0.presence == .mandatory || $0.what == asked)
    }
    return due.map { Stop.Row(neverCame: $0, after: members.last) }
  }

  /// The UE asked again when it had been challenged, and did not answer.
  func isChallengeLost(_ round: Int) -> Bool {
    guard flow.outcome == .abandoned, let final = flow.lastView.final else { return false }
    return flow.isAskedAgain(behind: final)
  }

  /// The step that was refused: a negative Cx answer, else the REGISTER of the hop farthest in that was answered with a
  /// refusal, unless that refusal itself only reports that something behind it stayed silent.
  private func refusal(in round: Int) -> Stop.Row? {
    let exchanges = flow.decidingExchanges(of: round)
    if exchanges.contains(where: flow.isUnanswered) { return nil }
    for exchange in exchanges {
      guard let answer = exchange.answer, let diameter = flow.messages[answer].message.diameter, !diameter.isSuccess
      else { continue }
      let placed = flow.messages[answer]
      return Stop.Row(
        refused: answer, diameter.name, from: placed.from ?? .hss, to: placed.to ?? exchange.hop.ends.client,
        step: placed.step, text: "\(diameter.name) (HSS → \(placed.to?.rawValue ?? "CSCF")) refused",
        hop: exchange.hop)
    }
    let refused = flow.rounds[round].transactions.map { flow.transactions[$0] }.filter { transaction in
      transaction.responses.contains { flow.messages[$0].facts.isRefusal && flow.messages[$0].status != 407 }
    }
    guard let deepest = refused.max(by: { $0.hop < $1.hop }), let request = deepest.requests.first else { return nil }
    let deeper = flow.rounds[round].transactions.contains { flow.transactions[$0].hop > deepest.hop }
    if deeper { return nil }
    let ends = deepest.hop.ends
    return Stop.Row(
      refused: request, "REGISTER", from: ends.client, to: ends.server, step: flow.messages[request].step,
      text: "REGISTER (\(ends.client.rawValue) → \(ends.server.rawValue)) refused", hop: deepest.hop)
  }
}
