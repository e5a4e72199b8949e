import IMSDiameter

/// What a network does in its own way: its timers, and where its sequence is another than the documented one.
package struct Customs: Sendable, Equatable {
  package var timers = Timers.standard
  package var steps: [StepChange] = []

  package init() {}
}

/// A change of the documented sequence.
package enum StepChange: Sendable, Equatable {
  /// All rows of this name are as binding as that.
  case presence(String, Step.Presence)
  /// A row behind the last one of this name, in each pass that has it.
  case added(Step, after: String)

  /// The row that it is about.
  package var id: String {
    switch self {
    case .presence(let id, _): id
    case .added(let step, _): step.id
    }
  }
}

extension [StepChange] {
  func applied(to steps: [Step]) -> [Step] {
    if isEmpty { return steps }
    var steps = steps
    for change in self {
      switch change {
      case .presence(let id, let presence):
        for index in steps.indices where steps[index].id == id { steps[index].presence = presence }
      case .added(let step, let name):
        if let place = steps.lastIndex(where: { $0.id == name }) { steps.insert(step, at: place + 1) }
      }
    }
    return steps
  }
}

extension Step {
  /// A row that a network adds. Nil for a message that the sequence does not know, or not on this hop.
  package init?(_ id: String, on hop: Hop, message: String, _ presence: Presence) {
    let messages: [(String, [Hop], What)] = [
      ("REGISTER", Hop.sip, .register), ("401", Hop.sip, .challenge), ("200", Hop.sip, .granted),
      ("UAR", Hop.cx, .request(.userAuthorization)), ("UAA", Hop.cx, .answer(.userAuthorization)),
      ("MAR", Hop.cx, .request(.multimediaAuth)), ("MAA", Hop.cx, .answer(.multimediaAuth)),
      ("SAR", Hop.cx, .request(.serverAssignment)), ("SAA", Hop.cx, .answer(.serverAssignment)),
      ("DNS query", [.d1, .d2], .query), ("DNS answer", [.d1, .d2], .resolution),
    ]
    guard let row = messages.first(where: { $0.0 == message }), row.1.contains(hop) else { return nil }
    self.init(id, hop, row.2, Step.labels[message] ?? message, presence, "")
  }

  private static let labels = ["401": "401 Unauthorized", "200": "200 OK"]

  /// As `init` reads it.
  package var message: String {
    switch what {
    case .register: "REGISTER"
    case .challenge: "401"
    case .granted: "200"
    case .request, .answer, .query, .resolution, .refusal, .message, .accepted, .access: label
    }
  }

  /// One to four letters and digits, as the rows of the sequence have.
  package static func isIdentifier(_ text: String) -> Bool {
    (1...4).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }
}

extension MainSequence {
  /// The row that this message is already, in a pass that also has the row `name`.
  package static func row(like step: Step, besides name: String) -> Step? {
    [challengedPass, grantedPass].lazy.filter { $0.contains { $0.id == name } }.joined()
      .first { $0.hop == step.hop && $0.what == step.what }
  }

  /// Each name once, in the order of the sequence.
  package static let names: [String] = {
    var names: [String] = []
    for step in challengedPass + grantedPass where !names.contains(step.id) { names.append(step.id) }
    return names
  }()
}
