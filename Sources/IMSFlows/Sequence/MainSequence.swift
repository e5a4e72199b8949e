import IMSBytes
package import IMSDiameter
import IMSSIP

/// One row of the documented sequence: which message is due, where, and how binding it is.
package struct Step: Sendable, Equatable {
  package enum Presence: Sendable { case mandatory, conditional }

  package enum What: Sendable, Equatable {
    case register
    case challenge
    case granted
    case request(CommandCode)
    case answer(CommandCode)
    case query
    case resolution
  }

  /// Identifier of the row in the documented sequence; a request and its answer on Cx share one.
  package var id: String
  package var hop: Hop
  package var what: What
  package var label: String
  package var presence: Presence
  package var clause: String

  /// The row's message travels from the hop's client to its server?
  private var forward: Bool {
    switch what {
    case .register, .request, .query: true
    case .challenge, .granted, .answer, .resolution: false
    }
  }

  package var isReply: Bool { !forward }
  package var from: Role { forward ? hop.ends.client : hop.ends.server }
  package var to: Role { forward ? hop.ends.server : hop.ends.client }

  init(_ id: String, _ hop: Hop, _ what: What, _ label: String, _ presence: Presence, _ clause: String) {
    self.id = id
    self.hop = hop
    self.what = what
    self.label = label
    self.presence = presence
    self.clause = clause
  }
}

/// The documented registration, row by row (TS 24.228 §6.2, TS 23.228 §5.2.2.3): a pass without valid credentials that
/// ends in a challenge, and a pass that is granted. A refresh without re-authentication is a granted pass alone.
package enum MainSequence {
  package static let challengedPass: [Step] = [
    Step("B1", .h0, .register, "REGISTER", .mandatory, "TS 24.229 5.1.1.2"),
    Step("B2", .d1, .query, "DNS query", .conditional, "TS 24.229 5.2.2.1"),
    Step("B2", .d1, .resolution, "DNS answer", .conditional, "RFC 3263 4.1"),
    Step("B3", .h1, .register, "REGISTER", .mandatory, "TS 24.229 5.2.2.1"),
    Step("B4", .c1, .request(.userAuthorization), "UAR", .mandatory, "TS 29.228 6.1.1"),
    Step("B4", .c1, .answer(.userAuthorization), "UAA", .mandatory, "TS 29.228 6.1.1"),
    Step("B5", .d2, .query, "DNS query", .conditional, "TS 24.229 5.3.1.2"),
    Step("B5", .d2, .resolution, "DNS answer", .conditional, "RFC 3263 4.1"),
    Step("B6", .h2, .register, "REGISTER", .mandatory, "TS 24.229 5.3.1.2"),
    Step("B7", .c2, .request(.multimediaAuth), "MAR", .conditional, "TS 29.228 6.3"),
    Step("B7", .c2, .answer(.multimediaAuth), "MAA", .conditional, "TS 29.228 6.3"),
    Step("C1", .h2, .challenge, "401 Unauthorized", .mandatory, "TS 24.229 5.4.1.2.1"),
    Step("C2", .h1, .challenge, "401 Unauthorized", .mandatory, "RFC 3261 16.7"),
    Step("C3", .h0, .challenge, "401 Unauthorized", .mandatory, "TS 24.229 5.2.2.2"),
  ]

  package static let grantedPass: [Step] = [
    Step("E1", .h0, .register, "REGISTER", .mandatory, "TS 24.229 5.1.1.5.1"),
    Step("B2", .d1, .query, "DNS query", .conditional, "TS 24.229 5.2.2.1"),
    Step("B2", .d1, .resolution, "DNS answer", .conditional, "RFC 3263 4.1"),
    Step("E2", .h1, .register, "REGISTER", .mandatory, "TS 24.229 5.2.2.1"),
    Step("E3", .c1, .request(.userAuthorization), "UAR", .mandatory, "TS 29.228 6.1.1"),
    Step("E3", .c1, .answer(.userAuthorization), "UAA", .mandatory, "TS 29.228 6.1.1"),
    Step("B5", .d2, .query, "DNS query", .conditional, "TS 24.229 5.3.1.2"),
    Step("B5", .d2, .resolution, "DNS answer", .conditional, "RFC 3263 4.1"),
    Step("E4", .h2, .register, "REGISTER", .mandatory, "TS 24.229 5.3.1.2"),
    Step("E5", .c2, .request(.serverAssignment), "SAR", .mandatory, "TS 29.228 6.1.2"),
    Step("E5", .c2, .answer(.serverAssignment), "SAA", .mandatory, "TS 29.228 6.1.2"),
    Step("E6", .h2, .granted, "200 OK", .mandatory, "TS 24.229 5.4.1.2.2"),
    Step("E7", .h1, .granted, "200 OK", .mandatory, "RFC 3261 16.7"),
    Step("E8", .h0, .granted, "200 OK", .mandatory, "TS 24.229 5.2.2.2"),
  ]

  /// What is due in this round, in this network.
  package static func pass(of round: Int, in flow: Flow) -> [Step] {
    flow.customs.steps.applied(to: documentedPass(of: round, in: flow))
  }

  /// A round is a granted pass when its credentials answer something and it was not simply challenged again.
  private static func documentedPass(of round: Int, in flow: Flow) -> [Step] {
    var isChallenged = false
    for number in flow.rounds[round].transactions {
      for index in flow.transactions[number].responses {
        let status = flow.messages[index].status
        if (200..<300).contains(status) { return grantedPass }
        if status == 401 { isChallenged = true }
      }
    }
    if isChallenged { return challengedPass }
    let answers = flow.rounds[round].transactions.contains { number in
      flow.transactions[number].requests.contains { index in
        flow.messages[index].sip?.authorization.contains { !($0.response?.isEmpty ?? true) && $0.auts == nil } ?? false
      }
    }
    return answers ? grantedPass : challengedPass
  }
}
