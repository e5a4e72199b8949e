import IMSDiameter

/// The documented registration, row by row (TS 24.228 §6.2, TS 23.228 §5.2.2.3): a pass without valid credentials that
/// ends in a challenge, and a pass that is granted. A refresh without re-authentication is a granted pass alone. What
/// variants have otherwise stands in `Variants+….swift`.
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

  /// A refusal on its way to the UE, in place of a challenge or a grant.
  static func refusal(_ detail: String, _ clause: String) -> [Step] {
    [
      Step("R1", .h2, .refusal, "final response", .mandatory, clause),
      Step("R2", .h1, .refusal, "final response", .mandatory, clause),
      Step("R3", .h0, .refusal, "final response", .mandatory, "RFC 3261 16.7"),
    ].with("R1", detail: detail).with("R2", detail: detail).with("R3", detail: detail)
  }

  /// What is due in this round, in this network.
  package static func pass(of round: Int, in flow: Flow) -> [Step] {
    flow.customs.steps.applied(to: documentedPass(of: round, in: flow))
  }

  /// What would have been due, had all gone well, whatever became of it.
  static func intendedPass(of round: Int, in flow: Flow) -> [Step] {
    flow.customs.steps.applied(to: pass(endingIn: SequencePass.End(of: round, in: flow)))
  }

  private static func pass(endingIn end: SequencePass.End) -> [Step] {
    end == .granted || end == .answerRefused ? grantedPass : challengedPass
  }

  /// That of the first of the registration's variants which knows rounds that end so.
  private static func documentedPass(of round: Int, in flow: Flow) -> [Step] {
    let end = SequencePass.End(of: round, in: flow)
    // The tables of variants are made when the first is asked for; most registrations are none.
    for id in flow.variants where id != .main {
      // What one REGISTER went through another one need not.
      if id == .v10, !flow.isReselected(in: round) { continue }
      if let pass = Variant.of(id).passes.first(where: { $0.end == end }) { return pass.steps }
    }
    return pass(endingIn: end)
  }
}
