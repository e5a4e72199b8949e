import IMSDiameter
import IMSFlows
import IMSMessages
import Synchronization

/// A rule of registrations with its needs as the engine asks for them. A class, because each is passed on for each
/// registration.
final class PreparedRule: Sendable {
  let rule: Rule
  let check: @Sendable (Flow, inout Reporter) -> Void
  /// What must have been captured for it to run, and for it to pass.
  let needs: [Need]
  let scopes: [Need]
  /// Where what it judges was sent.
  let hops: HopSet

  init(_ rule: Rule, _ check: @escaping @Sendable (Flow, inout Reporter) -> Void) {
    self.rule = rule
    self.check = check
    var (needs, scopes, hops): ([Need], [Need], HopSet) = ([], [], HopSet([]))
    for need in rule.needs {
      if need.isScope { scopes.append(need) } else { needs.append(need) }
      hops.formUnion(need.hopSet)
    }
    (self.needs, self.scopes, self.hops) = (needs, scopes, hops)
  }
}

/// The rules of registrations among some rules, made ready when the first registration is to be judged.
final class PreparedRules: Sendable {
  private let all: [Rule]
  private let made = Mutex<RuleTable?>(nil)

  init(_ rules: [Rule]) { all = rules }

  var table: RuleTable {
    made.withLock { made in
      if let made { return made }
      let table = RuleTable(all)
      made = table
      return table
    }
  }
}

/// Rules by their numbers, and what many of them have in common: each condition, need and trigger is asked once for all the
/// rules that have it.
final class RuleTable: Sendable {
  let rules: [PreparedRule]
  let names: [String]
  private let conditions: [(key: Condition, rules: RuleSet)]
  private let needs: [(key: PreparedNeed, rules: RuleSet)]
  private let scopes: [(key: PreparedNeed, rules: RuleSet)]
  /// By the numbers of the triggers.
  private let triggers: [RuleSet]
  /// Those without trigger.
  private let steady: RuleSet
  let none: RuleSet
  let all: RuleSet

  init(_ all: [Rule]) {
    let rules = all.compactMap { rule in
      if case .registration(let check) = rule.check { PreparedRule(rule, check) } else { nil }
    }
    self.rules = rules
    names = rules.map(\.rule.id)
    none = RuleSet(count: rules.count)
    self.all = RuleSet(count: rules.count, isFull: true)
    var conditions = Groups<Condition>(none)
    var needs = Groups<PreparedNeed>(none)
    var scopes = Groups<PreparedNeed>(none)
    var triggers = [RuleSet](repeating: none, count: Trigger.allCases.count)
    var steady = none
    for (number, prepared) in rules.enumerated() {
      conditions.add(number, prepared.rule.when)
      for need in prepared.needs { needs.add(number, PreparedNeed(need)) }
      for need in prepared.scopes { scopes.add(number, PreparedNeed(need)) }
      if let trigger = prepared.rule.trigger {
        triggers[Int(trigger.rawValue)].insert(number)
      } else {
        steady.insert(number)
      }
    }
    self.conditions = conditions.groups
    self.needs = needs.groups
    self.scopes = scopes.groups
    self.triggers = triggers
    self.steady = steady
  }

  /// Some rules for each key, in the order in which the keys come.
  private struct Groups<Key: Equatable> {
    private(set) var groups: [(key: Key, rules: RuleSet)] = []
    private let none: RuleSet

    init(_ none: RuleSet) { self.none = none }

    mutating func add(_ number: Int, _ key: Key) {
      for place in groups.indices where groups[place].key == key { return groups[place].rules.insert(number) }
      groups.append((key, none))
      groups[groups.count - 1].rules.insert(number)
    }
  }

  /// Those that apply to a registration.
  func applicable(to flow: Flow) -> RuleSet {
    var applicable = none
    for index in conditions.indices where conditions[index].key.holds(flow) {
      applicable.formUnion(conditions[index].rules)
    }
    return applicable
  }

  /// Those that could have something to say of it.
  func triggered(by found: TriggerSet) -> RuleSet {
    var triggered = steady
    found.forEach { if $0 < triggers.count { triggered.formUnion(triggers[$0]) } }
    return triggered
  }

  /// Those with something they need, and those with something of their scope, that does not lie open: the need says why.
  func unmet(by flow: Flow) -> (needs: RuleSet, scopes: RuleSet) {
    var unmet = (needs: none, scopes: none)
    for index in needs.indices where !needs[index].key.isMet(by: flow) { unmet.needs.formUnion(needs[index].rules) }
    for index in scopes.indices where !scopes[index].key.isMet(by: flow) {
      unmet.scopes.formUnion(scopes[index].rules)
    }
    return unmet
  }
}

/// A need as sets of hops: what most registrations meet is told by a few comparisons.
struct PreparedNeed: Equatable, Sendable, BitwiseCopyable {
  private enum Kind: Equatable, Sendable, BitwiseCopyable {
    case start, other
    /// Of a status from the first to the second.
    case message(Int, Int, HopSet)
    case transaction(HopSet)
    case exchange(CommandCode)
    case view(HopSet)
  }

  private let kind: Kind

  init(_ need: Need) {
    let hops = need.hopSet
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

  /// What is asked for lies open. Where not, `Need.unmet` says what that means.
  func isMet(by flow: Flow) -> Bool {
    switch kind {
    case .start: flow.startSeen
    case .message(let low, let high, let hops):
      flow.index.seen.contains { hops.contains($0.hop) && $0.status >= low && $0.status <= high }
    case .transaction(let hops): !flow.index.answeredHops.isDisjoint(with: hops)
    case .exchange(let command): flow.index.answeredCommands.contains { $0.rawValue == command.rawValue }
    case .view(let hops): flow.index.observableHops.isSuperset(of: hops)
    case .other: false
    }
  }
}
