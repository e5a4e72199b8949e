package import IMSBytes
package import IMSFlows
package import IMSRules

/// A profile as the YAML that a configuration file holds: on top of `strict`, so that nothing is left unsaid.
package enum ProfileView {
  package static func yaml(_ profile: Profile) -> String {
    var lines = ["name: \(quoted(profile.name))", "title: \(quoted(profile.title))", "base: strict"]
    if let severity = profile.otherwise { lines.append("severity: \(severity.rawValue)") }
    lines += block("rules", profile.rules.sorted { $0.key < $1.key }.flatMap { setting($0.key, $0.value) })
    if !profile.select.isEmpty { lines.append("select: \(list(profile.select))") }
    if !profile.ignore.isEmpty { lines.append("ignore: \(list(profile.ignore))") }
    lines += block("suppress", profile.suppressions.map(suppression))
    lines += block("roles", profile.roles.map(role))
    lines += block("timers", timers(profile.customs.timers))
    lines += block("steps", profile.customs.steps.map(step))
    lines += block("headers", profile.headers.map(header))
    return lines.map { $0 + "\n" }.joined()
  }

  private static func block(_ key: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["\(key):"] + lines.map { "  " + $0 }
  }

  private static func setting(_ rule: String, _ setting: Profile.Setting) -> [String] {
    if let severity = setting.severity, setting.peers.isEmpty, setting.off == nil {
      return ["\(rule): \(severity.rawValue)"]
    }
    var fields: [(String, String)] = []
    if let severity = setting.severity { fields.append(("severity", severity.rawValue)) }
    if !setting.peers.isEmpty {
      let peers = setting.peers.map { "\(quoted($0.peer.description)): \($0.severity.rawValue)" }
      fields.append(("peers", "{\(peers.joined(separator: ", "))}"))
    }
    if let off = setting.off { fields.append(("off", quoted(off))) }
    return ["\(rule): \(flow(fields))"]
  }

  private static func suppression(_ entry: Suppressions.Entry) -> String {
    var fields = [("rule", entry.rule)]
    if let peer = entry.peer { fields.append(("peer", quoted(peer.description))) }
    if let step = entry.step { fields.append(("step", quoted(step))) }
    return "- " + flow(fields + [("reason", quoted(entry.reason))])
  }

  private static func role(_ line: Hosts.Line) -> String {
    let role = quoted(line.role.rawValue)
    let value = line.name.isEmpty ? role : flow([("role", role), ("name", quoted(line.name))])
    return "\(quoted(line.address)): \(value)"
  }

  /// Those that are not the standards'.
  private static func timers(_ timers: Timers) -> [String] {
    TimerName.allCases.compactMap { name in
      let value = timers[keyPath: name.path]
      return value == Timers.standard[keyPath: name.path] ? nil : "\(name.rawValue): \(seconds(value))"
    }
  }

  private static func step(_ change: StepChange) -> String {
    switch change {
    case .presence(let id, let presence): return "\(quoted(id)): \(presence.word)"
    case .added(let step, let name):
      let fields = [
        ("after", quoted(name)), ("hop", step.hop.rawValue), ("message", quoted(step.message)),
        ("presence", step.presence.word),
      ]
      return "\(quoted(step.id)): \(flow(fields))"
    }
  }

  private static func header(_ rule: HeaderRule) -> String {
    let demand =
      switch rule.demand {
      case .present: ("must", "present")
      case .absent: ("must", "absent")
      case .contains(let part): ("contains", quoted(part))
      }
    return "- "
      + flow([
        ("rule", rule.id), ("severity", rule.severity.rawValue), ("title", quoted(rule.title)),
        ("message", quoted(rule.subject.text)), ("hop", rule.hop.rawValue), ("header", quoted(rule.header)), demand,
      ])
  }

  // MARK: YAML

  private static func flow(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + "}"
  }

  private static func list(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }

  /// Between double quotes YAML reads what JSON reads.
  private static func quoted(_ text: String) -> String {
    var json = JSONWriter()
    json.string(text)
    return json.text
  }

  /// "32", "0.5".
  private static func seconds(_ interval: Interval) -> String {
    let thousandths = interval.nanoseconds / 1_000_000
    let digits = String(thousandths % 1000)
    let decimals = String(repeating: "0", count: 3 - digits.count) + digits
    return "\(thousandths / 1000)" + (thousandths % 1000 == 0 ? "" : ".\(decimals)")
  }
}

/// The timers as a configuration names them.
package enum TimerName: String, Sendable, CaseIterable {
  case finalResponse = "final-response"
  case finalResponseUE = "final-response-ue"
  case awaitAuthentication = "await-authentication"
  case awaitDigest = "await-digest"

  package var path: WritableKeyPath<Timers, Interval> {
    switch self {
    case .finalResponse: \.finalResponse
    case .finalResponseUE: \.finalResponseUE
    case .awaitAuthentication: \.awaitAuthentication
    case .awaitDigest: \.awaitDigest
    }
  }
}

extension Step.Presence {
  fileprivate var word: String { self == .mandatory ? "mandatory" : "optional" }
}
