import IMSBytes
import IMSDiameter
import IMSMessages

/// What went wrong with a registration, looked for where something did: one that did not end well, that took more than a
/// challenge and its answer, or in which something was sent again. A class, because a flow is passed on often.
package final class FlowTrouble: Sendable {
  /// What was lost between two capture points, in order of time.
  package let lost: [LostMessage]
  /// Of one that did not end well.
  package let stop: Stop?

  private init(lost: [LostMessage], stop: Stop?) { (self.lost, self.stop) = (lost, stop) }

  /// The index of the flow is made.
  convenience init(_ flow: Flow, _ ledger: Ledger) {
    let lost = LossFinder(flow, ledger).all()
    self.init(lost: lost, stop: StopReader(flow: flow, lost: lost).read())
  }
}

extension Flow {
  package var lost: [LostMessage] { trouble?.lost ?? [] }
  package var stop: Stop? { trouble?.stop }
}

/// Where a registration that did not end well stopped on its way: the last hop that had its message, the next that had not,
/// and why not.
package struct Stop: Sendable, Equatable {
  /// A message of the documented sequence in its place.
  package struct Place: Sendable, Equatable {
    package var step: String
    package var hop: Hop
    package var label: String
    package var from: Role
    package var to: Role

    init(_ step: Step) {
      (self.step, hop, label) = (step.id, step.hop, step.label)
      (from, to) = (step.from, step.to)
    }
  }

  package enum Reason: String, Sendable, CaseIterable {
    /// The hop was captured while it was due.
    case notSent
    /// It left its sender and was not seen at the receiver's capture point.
    case lost
    /// The hop was not captured then: it may have been sent.
    case notCaptured
    /// The hop was captured in ESP that no key opened.
    case unreadable
  }

  /// What was seen last, on the way in or back.
  package var last: Place
  /// Index of it in `Flow.messages`.
  package var message: Int
  /// What was due then. Of a lost message the same place: its receiver has not got it.
  package var next: Place
  package var reason: Reason
  /// What hid it, of what was not captured.
  package var obstacle: Unobservable?
}

/// Follows the last REGISTER of the UE through the documented sequence as far as the capture shows it.
struct StopReader {
  let flow: Flow
  /// What is known to be lost: `row` does not ask.
  var lost: [LostMessage] = []

  func read() -> Stop? {
    if flow.outcome.isGood || flow.kind == .thirdParty || flow.kind == .networkDeregistration { return nil }
    guard let round = flow.rounds.indices.last else { return readCx() }
    let steps = MainSequence.intendedPass(of: round, in: flow)
    let members = members(of: round)
    let reached = reached(of: steps, members)
    let seen = reached.map { row in members.filter { isAt(steps[row], $0) } } ?? []
    if let reached, let message = seen.last,
      isChallengeLost(round) || seen.allSatisfy({ index in lost.contains { $0.message == index } })
    {
      let place = Stop.Place(steps[reached])
      return Stop(last: place, message: message, next: place, reason: .lost)
    }
    return stop(behind: reached, of: steps, seen.last)
  }

  /// Without what came when the UE had been refused: that came to nothing.
  func members(of round: Int) -> [Int] {
    let members = Matcher.members(of: round, in: flow)
    guard flow.outcome == .rejected, let final = flow.lastView.final else { return members }
    return members.filter { flow.messages[$0].time <= flow.messages[final].time }
  }

  private func isAt(_ step: Step, _ message: Int) -> Bool {
    flow.messages[message].hop == step.hop && Matcher.matches(step.what, message, flow)
  }

  /// The last row that some of these messages are.
  func reached(of steps: [Step], _ members: [Int]) -> Int? {
    steps.indices.last { row in members.contains { isAt(steps[row], $0) } }
  }

  /// Without SIP the exchanges alone tell how far it came; what lies between them is another hop's.
  private func readCx() -> Stop? {
    let steps = MainSequence.challengedPass + MainSequence.grantedPass
    guard let exchange = flow.exchanges.last, let index = exchange.answer ?? exchange.request else { return nil }
    let reached = steps.lastIndex { step in
      step.name == flow.messages[index].stepName && Matcher.matches(step.what, index, flow)
    }
    return stop(behind: reached, of: steps, index)
  }

  private func stop(behind reached: Int?, of steps: [Step], _ message: Int?) -> Stop? {
    var rest = steps[((reached ?? -1) + 1)...]
    // Behind a challenge comes its answer.
    if rest.isEmpty, steps.last?.what == .challenge { rest = MainSequence.grantedPass[...] }
    guard let reached, let message,
      let next = rest.first(where: { $0.presence == .mandatory || $0.what == steps[reached].what.answer })
    else { return nil }
    var stop = Stop(last: Stop.Place(steps[reached]), message: message, next: Stop.Place(next), reason: .notSent)
    switch obstacle(to: next, since: flow.messages[message].time) {
    case .opaque: stop.reason = .unreadable
    case let obstacle?: (stop.reason, stop.obstacle) = (.notCaptured, obstacle)
    // The capture does not say how it ended: then it does not say that nothing more was sent.
    case nil: if flow.outcome == .partial { (stop.reason, stop.obstacle) = (.notCaptured, .noEnd) }
    }
    return stop
  }

  /// What forbids to say that it was not sent.
  private func obstacle(to step: Step, since: Timestamp) -> Unobservable? {
    // What the HSS refused at the I-CSCF goes no farther, whatever was captured behind.
    if step.hop == .h2, flow.outcome == .rejected, isRefusedByHSS { return nil }
    if flow.outcome == .rejected {
      // Until the refusal, and not one moment longer: its sender had made up its mind.
      return flow.obstacle(to: step.hop, from: since, for: max(.zero, flow.end - since))
    }
    let timers = flow.customs.timers
    return flow.obstacle(
      to: step.hop, from: since, for: flow.outcome == .abandoned ? timers.awaitDigest : timers.finalResponse)
  }

  private var isRefusedByHSS: Bool {
    let answers = flow.exchanges.compactMap(\.answer).filter { flow.messages[$0].command == .userAuthorization }
    return answers.last.map { !(flow.messages[$0].diameter?.isSuccess ?? true) } ?? false
  }
}
