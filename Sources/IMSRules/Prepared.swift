import IMSDiameter
import IMSFlows
import IMSMessages
import Synchronization

/// A rule of registrations with its needs as sets of hops: what most registrations meet is told by a few comparisons. A
/// class, because each is passed on for each registration.
final class PreparedRule: Sendable {
  let rule: Rule
  /// Of the rule, and its condition.
  let id: String
  let when: Condition
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
    id = rule.id
    when = rule.when
    self.check = check
    self.condition = condition
    var needs: [PreparedNeed] = []
    var scopes: [PreparedNeed] = []
    var hops = HopSet([])
    for (place, need) in rule.needs.enumerated() {
      let prepared = PreparedNeed(need, at: place)
      if need.isScope { scopes.append(prepared) } else { needs.append(prepared) }
      hops.formUnion(prepared.hops)
    }
    (self.needs, self.scopes, self.hops) = (needs, scopes, hops)
  }
}

/// The rules of registrations among some rules, made ready when the first registration is to be judged.
final class PreparedRules: Sendable {
  private let all: [Rule]
  private let made = Mutex<(rules: [PreparedRule], conditions: Int)?>(nil)

  init(_ rules: [Rule]) { all = rules }

  var rules: (rules: [PreparedRule], conditions: Int) {
    made.withLock { made in
      if let made { return made }
      let prepared = prepare()
      made = prepared
      return prepared
    }
  }

  private func prepare() -> (rules: [PreparedRule], conditions: Int) {
    var conditions: [ObjectIdentifier: Int] = [:]
    conditions.reserveCapacity(64)
    let rules = all.compactMap { rule -> PreparedRule? in
      guard case .registration(let check) = rule.check else { return nil }
      let number = conditions[ObjectIdentifier(rule.when), default: conditions.count]
      conditions[ObjectIdentifier(rule.when)] = number
      return PreparedRule(rule, check, condition: number)
    }
    return (rules, conditions.count)
  }
}

struct PreparedNeed: Sendable, BitwiseCopyable {
  private enum Kind: Sendable, BitwiseCopyable {
    case start, other
    /// Of a status from the first to the second.
    case message(Int, Int, HopSet)
    case transaction(HopSet)
    case exchange(CommandCode)
    case view(HopSet)
  }

  /// Of the need, among those of its rule.
  private let place: Int
  private let kind: Kind
  /// `Need.hops`.
  let hops: HopSet

  init(_ need: Need, at place: Int) {
    self.place = place
    switch need {
    case .message(_, let named), .transaction(let named), .everyHop(let named): hops = HopSet(named)
    case .absence(let hop): hops = HopSet([hop])
    case .start, .exchange, .vector, .everyPair, .sharedPackets: hops = HopSet(need.hops)
    }
    kind =
      switch need {
      case .start: .start
      case .message(let status, _): .message(status?.lowerBound ?? 0, status?.upperBound ?? .max, hops)
      case .transaction: .transaction(hops)
      case .exchange(let command): .exchange(command)
      case .vector: .exchange(.multimediaAuth)
      case .absence, .everyHop, .everyPair: .view(hops)
      case .sharedPackets: .other
      }
  }

  /// Nil when the need of this rule is met.
  func unmet(by flow: Flow, of rule: @autoclosure () -> Rule) -> Unmet? {
    let isMet =
      switch kind {
      case .start: flow.startSeen
      case .message(let low, let high, let hops):
        flow.index.seen.contains { hops.contains($0.hop) && $0.status >= low && $0.status <= high }
      case .transaction(let hops): !flow.index.answeredHops.isDisjoint(with: hops)
      case .exchange(let command): flow.index.answeredCommands.contains { $0.rawValue == command.rawValue }
      case .view(let hops): flow.index.observableHops.isSuperset(of: hops)
      case .other: false
      }
    return isMet ? nil : rule().needs[place].unmet(by: flow)
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
