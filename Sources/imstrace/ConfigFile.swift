import IMSBytes
import IMSFlows
import IMSRules
import IMSViews
import Yams

/// The file in which an operator says how its network is judged: YAML, read only where there is one. What is wrong with it is
/// one sentence with line and column, and nothing is run.
enum ConfigFile {
  /// Beside a capture, this name is found without being asked for.
  static let name = "imstrace.yaml"
  /// More is no configuration.
  static let limit = 1 << 20

  struct Failure: Error, CustomStringConvertible {
    var line: Int
    var column: Int
    var reason: String
    var description: String { "line \(line), column \(column): \(reason)" }
  }

  /// - Parameter base: what the file builds on, whatever it says itself.
  static func read(_ path: String, base: Profile?) throws -> Profile {
    let text = try TextFile.read(path)
    do throws(Failure) { return try profile(text, base: base) } catch { throw Problem(.usage, "\(path): \(error)") }
  }

  static func profile(_ text: String, base: Profile?) throws(Failure) -> Profile {
    guard text.utf8.count <= limit else {
      throw Failure(line: 1, column: 1, reason: "a configuration has at most \(limit) bytes")
    }
    return try ConfigReader.profile(try compose(text), base: base)
  }

  private static func compose(_ text: String) throws(Failure) -> Node? {
    do { return try Yams.compose(yaml: text) } catch let error as YamlError {
      switch error {
      case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        let place = context.map { "\($0.text), " } ?? ""
        throw Failure(line: mark.line, column: mark.column, reason: "no YAML: \(place)\(problem)")
      case .duplicatedKeysInMapping(let duplicates, let context):
        let names = duplicates.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw Failure(line: context.mark.line, column: context.mark.column, reason: "\(names) stands here twice")
      case .reader(let problem, let offset, _, _):
        let before = text.prefix(offset ?? 0)
        let line = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        throw Failure(line: max(1, line.count), column: (line.last?.count ?? 0) + 1, reason: "no YAML: \(problem)")
      default:
        throw Failure(line: 1, column: 1, reason: "no YAML")
      }
    } catch {
      throw Failure(line: 1, column: 1, reason: "no YAML: \(error)")
    }
  }
}

/// Reads the nodes of a configuration, each with its place, into a profile.
private struct ConfigReader {
  private var profile: Profile
  /// Rows of the sequence, those that this file adds among them.
  private var steps: [String] = MainSequence.names

  private static let keys = [
    "name", "title", "base", "severity", "rules", "select", "ignore", "suppress", "roles", "timers", "steps", "headers",
  ]

  static func profile(_ root: Node?, base: Profile?) throws(ConfigFile.Failure) -> Profile {
    let fields = try root.map { (node) throws(ConfigFile.Failure) in try Fields(node, "the configuration", keys: keys) }
    let named = try fields?["base"].map(baseProfile)
    var reader = ConfigReader(profile: base ?? named ?? .field)
    try fields.map { (fields) throws(ConfigFile.Failure) in try reader.read(fields) }
    return reader.profile
  }

  private init(profile: Profile) {
    self.profile = profile
    self.profile.name = "custom"
    self.profile.title = "\(profile.name), and what a configuration adds"
  }

  private static func baseProfile(_ node: Node) throws(ConfigFile.Failure) -> Profile {
    try choice(node, Profile.all.map { ($0.name, $0) }, "profile")
  }

  private mutating func read(_ fields: Fields) throws(ConfigFile.Failure) {
    if let node = fields["name"] { profile.name = try text(node) }
    if let node = fields["title"] { profile.title = try text(node) }
    if let node = fields["severity"] { profile.otherwise = try severity(node) }
    if let node = fields["steps"] { try readSteps(node) }
    if let node = fields["headers"] { profile.headers += try list(node).map(header) }
    if let node = fields["rules"] { try readRules(node) }
    if let node = fields["select"] { profile.select = try list(node).map(ruleBeginning) }
    if let node = fields["ignore"] { profile.ignore = try list(node).map(ruleBeginning) }
    if let node = fields["suppress"] { profile.suppressions += try list(node).map(suppression) }
    if let node = fields["roles"] { try readRoles(node) }
    if let node = fields["timers"] { try readTimers(node) }
  }

  // MARK: rules

  private mutating func readRules(_ node: Node) throws(ConfigFile.Failure) {
    for (key, value) in try pairs(node, "rules") {
      let rule = try ruleName(key, families: true)
      profile.rules[rule] = try setting(value)
    }
  }

  private func setting(_ node: Node) throws(ConfigFile.Failure) -> Profile.Setting {
    guard node.mapping != nil else {
      if node.scalar?.string == "off" {
        throw failure(node, "a rule is turned off for a reason: write {off: \"the reason\"}")
      }
      return Profile.Setting(severity: try severity(node))
    }
    let fields = try Fields(node, "a rule", keys: ["severity", "peers", "off"])
    var setting = Profile.Setting()
    if let node = fields["severity"] { setting.severity = try severity(node) }
    if let node = fields["off"] { setting.off = try text(node) }
    if let node = fields["peers"] {
      for (key, value) in try pairs(node, "peers") {
        setting.peers.append(Profile.PeerSeverity(peer: try peer(key), severity: try severity(value)))
      }
    }
    return setting
  }

  private func suppression(_ node: Node) throws(ConfigFile.Failure) -> Suppressions.Entry {
    let fields = try Fields(node, "an entry of suppress", keys: ["rule", "peer", "step", "reason"])
    let rule = try ruleBeginning(fields.demanded("rule"))
    var entry = Suppressions.Entry(rule: rule, reason: try text(fields.demanded("reason")))
    if let node = fields["peer"] { entry.peer = try peer(node) }
    if let node = fields["step"] { entry.step = try step(node, orOf: Variant.stepNames) }
    return entry
  }

  private func header(_ node: Node) throws(ConfigFile.Failure) -> HeaderRule {
    let keys = ["rule", "severity", "title", "message", "hop", "header", "must", "contains"]
    let fields = try Fields(node, "an entry of headers", keys: keys)
    let nameNode = try fields.demanded("rule")
    let name = try text(nameNode)
    guard HeaderRule.isIdentifier(name), !Catalogue.families.contains(Rule.family(of: name)) else {
      throw failure(
        nameNode,
        "'\(name)' is no name for a rule of your own: two or three letters that no family has, and three digits")
    }
    guard !profile.headers.contains(where: { $0.id == name }) else { throw failure(nameNode, "'\(name)' is taken") }
    let subjectNode = try fields.demanded("message")
    guard let subject = HeaderRule.Subject(try text(subjectNode)) else {
      throw failure(subjectNode, "'\(try text(subjectNode))' is neither REGISTER nor a status")
    }
    let hops = Hop.sip.map { ($0.rawValue, $0) }
    let header = try text(fields.demanded("header"))
    let severity = try fields["severity"].map(severity) ?? .warning
    let title = try fields["title"].map(text) ?? "\(header) of the \(subject.text)"
    return HeaderRule(
      name, severity, title, subject, on: try choice(fields.demanded("hop"), hops, "hop"), header, try demand(fields))
  }

  private func demand(_ fields: Fields) throws(ConfigFile.Failure) -> HeaderRule.Demand {
    switch (fields["must"], fields["contains"]) {
    case (nil, let node?): return .contains(try text(node))
    case (let node?, nil): return try choice(node, [("present", .present), ("absent", .absent)], "demand")
    default: throw failure(fields.node, "either 'must' (present or absent) or 'contains' says what is demanded")
    }
  }

  // MARK: the network

  private mutating func readRoles(_ node: Node) throws(ConfigFile.Failure) {
    for (key, value) in try pairs(node, "roles") {
      let fields = value.mapping == nil ? nil : try Fields(value, "a node", keys: ["role", "name"])
      let role = try role(fields?.demanded("role") ?? value)
      let name = try fields?["name"].map(text) ?? ""
      let line = Hosts.Line(address: try text(key), role: role, name: name)
      var hosts = Hosts()
      guard hosts.add(line) else { throw failure(key, "'\(line.address)' is no address") }
      profile.roles.append(line)
    }
  }

  private mutating func readTimers(_ node: Node) throws(ConfigFile.Failure) {
    let fields = try Fields(node, "timers", keys: TimerName.allCases.map(\.rawValue))
    for name in TimerName.allCases {
      guard let node = fields[name.rawValue] else { continue }
      let text = try text(node)
      guard let seconds = Double(text), seconds >= 0.001, seconds <= 86_400 else {
        throw failure(node, "'\(text)' is no time: seconds from 0.001 to 86400")
      }
      profile.customs.timers[keyPath: name.path] = .milliseconds(Int64((seconds * 1000).rounded()))
    }
  }

  private mutating func readSteps(_ node: Node) throws(ConfigFile.Failure) {
    for (key, value) in try pairs(node, "steps") {
      let name = try text(key)
      guard value.mapping != nil else {
        let id = try step(key)
        let presences: [(String, Step.Presence)] = [("mandatory", .mandatory), ("optional", .conditional)]
        profile.customs.steps.append(.presence(id, try choice(value, presences, "word")))
        continue
      }
      guard Step.isIdentifier(name) else {
        throw failure(key, "'\(name)' is no name for a step: one to four letters and digits")
      }
      guard !steps.contains(name) else { throw failure(key, "the sequence has a step '\(name)' already") }
      try add(name, value)
      steps.append(name)
    }
  }

  private mutating func add(_ name: String, _ node: Node) throws(ConfigFile.Failure) {
    let fields = try Fields(node, "an added step", keys: ["after", "hop", "message", "presence"])
    let presences: [(String, Step.Presence)] = [("mandatory", .mandatory), ("optional", .conditional)]
    let presence = try fields["presence"].map { (node) throws(ConfigFile.Failure) in try choice(node, presences, "word")
    }
    let after = try step(fields.demanded("after"))
    let hop = try choice(fields.demanded("hop"), Hop.allCases.map { ($0.rawValue, $0) }, "hop")
    let messageNode = try fields.demanded("message")
    let message = try text(messageNode)
    guard let step = Step(name, on: hop, message: message, presence ?? .mandatory) else {
      throw failure(messageNode, "'\(message)' is no message of the sequence on \(hop.rawValue)")
    }
    if let row = MainSequence.row(like: step, besides: after) {
      throw failure(messageNode, "step \(row.id) is that message already")
    }
    profile.customs.steps.append(.added(step, after: after))
  }

  // MARK: words

  private func ruleName(_ node: Node, families: Bool) throws(ConfigFile.Failure) -> String {
    let name = try text(node)
    let rules = profile.allRules.map(\.id) + (families ? Catalogue.families : [])
    if rules.contains(name) { return name }
    throw failure(node, "there is no rule '\(name)'" + hint(name, rules))
  }

  private func ruleBeginning(_ node: Node) throws(ConfigFile.Failure) -> String {
    let name = try text(node)
    if profile.allRules.contains(where: { $0.id.hasPrefix(name) }) { return name }
    return try ruleName(node, families: true)
  }

  private func step(_ node: Node, orOf others: [String] = []) throws(ConfigFile.Failure) -> String {
    let name = try text(node)
    if steps.contains(name) || others.contains(name) { return name }
    throw failure(node, "there is no step '\(name)'; 'imstrace diagram --seed' shows those of the sequence")
  }

  private func peer(_ node: Node) throws(ConfigFile.Failure) -> Peer {
    let name = try text(node)
    guard let peer = Peer(name) else { throw failure(node, "'\(name)' is neither a role nor an address") }
    return peer
  }

  private func role(_ node: Node) throws(ConfigFile.Failure) -> Role {
    let name = try text(node)
    guard let role = Role(spelling: name) else {
      throw failure(
        node, "unknown role '\(name)'; known roles: \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return role
  }

  private func severity(_ node: Node) throws(ConfigFile.Failure) -> Severity {
    try choice(node, Severity.allCases.reversed().map { ($0.rawValue, $0) }, "severity")
  }
}

/// A mapping whose keys are known.
private struct Fields {
  let node: Node
  private let what: String
  private var values: [String: Node] = [:]

  init(_ node: Node, _ what: String, keys: [String]) throws(ConfigFile.Failure) {
    self.node = node
    self.what = what
    for (key, value) in try pairs(node, what) {
      let name = try text(key)
      guard keys.contains(name) else {
        let known = hint(name, keys, or: "; known are \(keys.joined(separator: ", "))")
        throw failure(key, "\(what) has no key '\(name)'\(known)")
      }
      values[name] = value
    }
  }

  subscript(key: String) -> Node? { values[key] }

  func demanded(_ key: String) throws(ConfigFile.Failure) -> Node {
    guard let value = values[key] else { throw failure(node, "\(what) needs the key '\(key)'") }
    return value
  }
}

// MARK: - Nodes with their places

private func failure(_ node: Node, _ reason: String) -> ConfigFile.Failure {
  ConfigFile.Failure(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, reason: reason)
}

private func hint(_ word: String, _ words: [String], or otherwise: String = "") -> String {
  Suggestion.nearest(to: word, among: words).map { ": did you mean '\($0)'?" } ?? otherwise
}

private func pairs(_ node: Node, _ what: String) throws(ConfigFile.Failure) -> [(key: Node, value: Node)] {
  guard let mapping = node.mapping else { throw failure(node, "\(what): keys and values are expected here") }
  return mapping.map { ($0.key, $0.value) }
}

private func list(_ node: Node) throws(ConfigFile.Failure) -> [Node] {
  guard let sequence = node.sequence else { throw failure(node, "a list is expected here") }
  return Array(sequence)
}

private func text(_ node: Node) throws(ConfigFile.Failure) -> String {
  guard let text = node.scalar?.string, !text.isEmpty, !text.contains(where: \.isNewline) else {
    throw failure(node, "a line of text is expected here")
  }
  return text
}

private func choice<Value>(
  _ node: Node, _ choices: [(name: String, value: Value)], _ what: String
) throws(ConfigFile.Failure) -> Value {
  let name = try text(node)
  if let found = choices.first(where: { $0.name == name }) { return found.value }
  let names = choices.map(\.name)
  throw failure(node, "'\(name)' is no \(what)" + hint(name, names, or: ": \(names.joined(separator: ", "))"))
}

extension [Node] {
  fileprivate func map<Value>(
    _ transform: (Node) throws(ConfigFile.Failure) -> Value
  ) throws(ConfigFile.Failure) -> [Value] {
    var values: [Value] = []
    for node in self { values.append(try transform(node)) }
    return values
  }
}
