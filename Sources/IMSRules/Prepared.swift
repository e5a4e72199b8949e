import IMSDiameter
import IMSFlows
import IMSMessages

/// A rule of registrations with its needs as sets of hops: what most registrations meet is told by a few comparisons.
struct PreparedRule: Sendable {
  let rule: Rule
  let check: @Sendable (Flow, inout Reporter) -> Void
  /// Place of its condition among those of all rules.
  let condition: Int
  /// What must have been captured for it to run, and for it to pass.
  let needs: [PreparedNeed]
  let scopes: [PreparedNeed]
  /// Where what it judges was sent.
  let hops: HopSet

  init(_ rule: Rule, _ check: @escaping @Sendable (Flow, inout Reporter) -> Void, condition: Int) {
    self.rule = rule
    self.check = check
    self.condition = condition
    needs = rule.needs.filter { !$0.isScope }.map { PreparedNeed($0) }
    scopes = rule.needs.filter(\.isScope).map { PreparedNeed($0) }
    hops = HopSet(rule.needs.flatMap(\.hops))
  }
}

struct PreparedNeed: Sendable {
  private enum Kind: Sendable {
    case start, other
    case message(ClosedRange<Int>?, HopSet)
    case transaction(HopSet)
    case exchange(CommandCode)
    case view(HopSet)
  }

  private let need: Need
  private let kind: Kind

  init(_ need: Need) {
    self.need = need
    kind =
      switch need {
      case .start: .start
      case .message(let status, let hops): .message(status, HopSet(hops))
      case .transaction(let hops): .transaction(HopSet(hops))
      case .exchange(let command): .exchange(command)
      case .absence, .everyHop, .everyPair: .view(HopSet(need.hops))
      case .sharedPackets: .other
      }
  }

  /// Nil when the need is met.
  func unmet(by flow: Flow) -> Unmet? {
    let isMet =
      switch kind {
      case .start: flow.startSeen
      case .message(let status, let hops):
        flow.index.seen.contains { hops.contains($0.hop) && (status?.contains($0.status) ?? true) }
      case .transaction(let hops): !flow.index.answeredHops.isDisjoint(with: hops)
      case .exchange(let command): flow.index.answeredCommands.contains { $0.rawValue == command.rawValue }
      case .view(let hops): flow.index.observableHops.isSuperset(of: hops)
      case .other: false
      }
    return isMet ? nil : need.unmet(by: flow)
  }
}

/// What the conditions of all rules say of one registration, each asked once.
struct Applicability {
  private var known: [Bool?]

  init(count: Int) { known = Array(repeating: nil, count: count) }

  mutating func holds(_ number: Int, _ condition: Condition, _ flow: Flow) -> Bool {
    if let holds = known[number] { return holds }
    let holds = condition.holds(flow)
    known[number] = holds
    return holds
  }
}
