package import IMSFlows

/// How strictly the catalogue is applied, and what an operator's network does in its own way. A value: YAML prints it and
/// reads it.
package struct Profile: Sendable, Equatable {
  /// What becomes of one rule.
  package struct Setting: Sendable, Equatable {
    /// How much the rule matters; nil leaves it as written. What the rule itself calls milder stays milder.
    package var severity: Severity?
    /// Where it matters otherwise, the first that fits.
    package var peers: [PeerSeverity] = []
    /// Why it is not run.
    package var off: String?

    package init(severity: Severity? = nil, peers: [PeerSeverity] = [], off: String? = nil) {
      self.severity = severity
      self.peers = peers
      self.off = off
    }
  }

  package struct PeerSeverity: Sendable, Equatable {
    package var peer: Peer
    package var severity: Severity

    package init(peer: Peer, severity: Severity) {
      self.peer = peer
      self.severity = severity
    }
  }

  package var name: String
  package var title: String
  /// The severity of every rule that `rules` does not name; nil leaves them as written.
  package var otherwise: Severity?
  /// By identifier, or by family for all its rules that are not named themselves.
  package var rules: [String: Setting] = [:]
  /// Rules and families that are run, and that are not: with `--select` and `--ignore`, the options win.
  package var select: [String] = []
  package var ignore: [String] = []
  package var suppressions: [Suppressions.Entry] = []
  /// What nodes are: it wins over inference, and an option over it.
  package var roles: [Hosts.Line] = []
  package var customs = Customs()
  /// Headers that this network demands or forbids.
  package var headers: [HeaderRule] = []

  package init(
    _ name: String, _ title: String, otherwise: Severity? = nil, rules: [String: Setting] = [:],
    headers: [HeaderRule] = []
  ) {
    self.name = name
    self.title = title
    self.otherwise = otherwise
    self.rules = rules
    self.headers = headers
  }

  /// Nil where the rule is as written.
  package func setting(of rule: Rule) -> Setting? { rules[rule.id] ?? rules[rule.family] }

  /// Of a finding that the rule weighs as its title does, at whatever node.
  package func severity(of rule: Rule) -> Severity { severity(of: rule, written: rule.severity) }

  /// - Parameters:
  ///   - written: how the rule weighs this case.
  ///   - messages: what the finding points at, in `flow`.
  func severity(of rule: Rule, written: Severity, at messages: [Int] = [], in flow: Flow? = nil) -> Severity {
    let setting = setting(of: rule)
    let peer = flow.flatMap { flow in setting?.peers.first { $0.peer.isEnd(of: messages, in: flow) } }
    guard let set = peer?.severity ?? setting?.severity ?? otherwise else { return written }
    return written < rule.severity ? min(set, written) : set
  }
}

extension Profile {
  /// The catalogue as written.
  package static let strict = Profile("strict", "every rule as the standards have it")

  /// What is common in the field and harmless is a warning.
  package static let field = Profile(
    "field", "deviations that are common in working networks are warnings", rules: lowered { _ in true })

  /// For abbreviated teaching traces: only a branch without magic cookie is an error.
  package static let seed = Profile(
    "seed", "abbreviated teaching traces: what they leave out is only noted", otherwise: .info,
    rules: ["VIA001": Setting(severity: .error)])

  /// Voice over LTE as GSMA PRD IR.92 profiles it: what it demands of AKA and IPsec is not common practice to be lenient with,
  /// and the UE tells its instance and the telephony service (§2.2.1).
  package static let gsmaIR92 = Profile(
    "gsma-ir92", "as field, but IPsec and the service of the UE as GSMA IR.92 demands them",
    rules: lowered { $0.family != "SEC" },
    headers: [
      HeaderRule(
        "GSM001", .warning, "Contact without the identifier of the telephony service", .register, on: .h0, "Contact",
        .contains("urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel")),
      HeaderRule(
        "GSM002", .warning, "Contact without an instance identifier", .register, on: .h0, "Contact",
        .contains("+sip.instance")),
    ])

  package static let all: [Profile] = [.strict, .field, .seed, .gsmaIR92]

  package static func named(_ name: String) -> Profile? { all.first { $0.name == name } }

  /// The severities that rules themselves propose for the field.
  static func lowered(where isLowered: (Rule) -> Bool) -> [String: Setting] {
    var settings: [String: Setting] = [:]
    for rule in Catalogue.rules where isLowered(rule) {
      if let severity = rule.fieldSeverity { settings[rule.id] = Setting(severity: severity) }
    }
    return settings
  }
}
