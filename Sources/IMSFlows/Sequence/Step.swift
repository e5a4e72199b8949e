package import IMSDiameter
package import IMSSIP

/// One row of the documented sequence: which message is due, where, and how binding it is.
package struct Step: Sendable, Equatable {
  package enum Presence: String, Sendable { case mandatory, conditional }

  package enum What: Sendable, Equatable {
    case register
    case challenge
    case granted
    /// A final response to REGISTER that is neither a grant nor a challenge.
    case refusal
    case request(CommandCode)
    case answer(CommandCode)
    case query
    case resolution
    /// A SIP request of another method.
    case message(Method)
    /// A 2xx to it.
    case accepted(Method)
    /// GTP-C or DHCP.
    case access(isRequest: Bool)

    /// What is owed to it, of a question on Cx.
    var answer: What? {
      if case .request(let command) = self { .answer(command) } else { nil }
    }
  }

  /// Identifier of the row in the documented sequence; a request and its answer on Cx share one.
  package let id: String
  /// The same, flat.
  let name: StepName
  package var hop: Hop
  package var what: What
  package var label: String
  /// What a variant expects it to say: "exp 5001", "403 Forbidden". It is never held against what was seen.
  package var detail = ""
  package var presence: Presence
  package var clause: String
  package var from: Role
  package var to: Role

  package var isReply: Bool {
    switch what {
    case .register, .request, .query, .message: false
    case .challenge, .granted, .refusal, .answer, .resolution, .accepted: true
    case .access(let isRequest): !isRequest
    }
  }

  /// - Parameters:
  ///   - ends: who asks whom here; nil for client and server of the hop.
  init(
    _ id: String, _ hop: Hop, _ what: What, _ label: String, _ presence: Presence, _ clause: String,
    ends: (client: Role, server: Role)? = nil
  ) {
    self.id = id
    name = StepName(id)
    self.hop = hop
    self.what = what
    self.label = label
    self.presence = presence
    self.clause = clause
    let ends = ends ?? hop.ends
    (from, to) = (ends.client, ends.server)
    if isReply { swap(&from, &to) }
  }
}

/// The rows that a variant has in place of the main sequence's, as differences.
extension [Step] {
  /// Without the rows of these names.
  func without(_ ids: String...) -> [Step] { filter { !ids.contains($0.id) } }

  /// Without the rows of this hop.
  func without(_ hop: Hop) -> [Step] { filter { $0.hop != hop } }

  /// All rows of this name changed: how binding they are, by which clause.
  func with(
    _ id: String, _ presence: Step.Presence? = nil, clause: String? = nil, detail: String? = nil
  ) -> [Step] {
    map { row in
      guard row.id == id else { return row }
      var row = row
      row.presence = presence ?? row.presence
      row.clause = clause ?? row.clause
      row.detail = detail ?? row.detail
      return row
    }
  }

  /// Rows behind the last one of this name; at the end where there is none.
  func adding(_ rows: [Step], after id: String) -> [Step] {
    let place = lastIndex { $0.id == id }.map { $0 + 1 } ?? endIndex
    return self[..<place] + rows + self[place...]
  }

  /// From the first row to the last one of this name.
  func through(_ id: String) -> [Step] { Array(self[...(lastIndex { $0.id == id } ?? endIndex - 1)]) }
}
