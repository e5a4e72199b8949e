import IMSDiameter

// What is documented of registrations that fail: in the proof of who the UE is, and before any S-CSCF is asked for one.

extension Variant {
  private static let challenge = SequencePass(
    "Unauthenticated IMS Registration Attempt", .challenged, MainSequence.challengedPass)

  static let failures: [Variant] = [
    Variant(
      .v6a, "authentication-failure", "Wrong answer to the challenge", "TS 24.229 5.4.1.2.3A",
      told: "a response to the challenge that is refused or challenged again",
      [
        challenge, .local("IPsec Security Association Establishment"),
        SequencePass(
          "Refused IMS Registration", .answerRefused,
          // Type 9, of an identity that was not registered.
          MainSequence.grantedPass.through("E5").with("E5", .conditional, clause: "TS 29.228 6.1.2.1")
            + MainSequence.refusal("403 Forbidden", "TS 24.229 5.4.1.2.3A")),
      ]),
    Variant(
      .v6b, "unreadable-answer", "Wrong integrity key at the UE", "TS 33.203 6.1.2.2",
      told: "ESP behind the challenge, and nothing of it on Mw",
      [challenge, .local("What comes in ESP is not what the P-CSCF can check; the UE gives up after Timer F")]),
    Variant(
      .v6c, "network-authentication-failure", "Challenge that the UE refuses", "TS 24.229 5.1.1.5.3",
      told: "an empty response to a challenge, without AUTS",
      [
        challenge,
        SequencePass(
          "Refused IMS Registration", .refused,
          MainSequence.challengedPass.through("B6").with("B1", clause: "TS 24.229 5.1.1.5.3")
            + MainSequence.refusal("403 Forbidden", "TS 24.229 5.4.1.2.3A")),
      ]),
    Variant(
      .v6d, "authentication-timeout", "Challenge without an answer", "TS 24.229 5.4.1.2.1",
      told: "nothing for 240 s behind the challenge",
      [
        challenge,
        SequencePass(
          "Authentication Timeout", .other,
          // Type 10, unless the vectors were the S-CSCF's own.
          [
            Step("T1", .c2, .request(.serverAssignment), "SAR", .conditional, "TS 29.228 6.1.2.1"),
            Step("T1", .c2, .answer(.serverAssignment), "SAA", .conditional, "TS 29.228 6.1.2.1"),
          ]),
      ]),
    Variant(
      .v6e, "agreement-mismatch", "Agreement that the P-CSCF refuses", "TS 33.203 7.3.2.3",
      told: "an answer to the challenge that the P-CSCF refuses and does not send on",
      [
        challenge, .local("IPsec Security Association Establishment"),
        SequencePass(
          "Refused IMS Registration", .answerRefused,
          [
            Step("E1", .h0, .register, "REGISTER", .mandatory, "TS 24.229 5.1.1.5.1"),
            Step("R3", .h0, .refusal, "final response", .mandatory, "TS 24.229 5.2.2.2"),
          ].with("R3", detail: "494 Security Agreement Required")),
      ]),
    Variant(
      .v7, "resynchronisation", "Sequence number out of step", "TS 24.229 5.1.1.5.3",
      told: "a REGISTER with AUTS",
      [
        SequencePass(
          "Unauthenticated IMS Registration Attempt, and again with AUTS", .challenged,
          MainSequence.challengedPass.with("B7", clause: "TS 29.228 6.3, TS 33.203 6.1.3")),
        .local("IPsec Security Association Establishment"),
        SequencePass("Authenticated IMS Registration", .granted, MainSequence.grantedPass),
      ]),
  ]

  /// Refused by the I-CSCF on the word of the HSS.
  private static func refusedByHSS(_ result: String, _ status: String, _ clause: String) -> SequencePass {
    var asked = MainSequence.challengedPass.through("B4")
    if let answer = asked.indices.last { asked[answer].detail = result }
    return SequencePass(
      "Refused IMS Registration", .refused, asked + MainSequence.refusal(status, clause).without(.h2))
  }

  static let beforeTheServer: [Variant] = [
    Variant(
      .v8, "unknown-user", "User unknown, not his identity, or barred", "TS 29.228 6.1.1",
      told: "a UAA with 5001, 5002 or 5003",
      [refusedByHSS("exp 5001", "403 Forbidden", "TS 24.229 5.3.1.3")]),
    Variant(
      .v9, "roaming-not-allowed", "Roaming not allowed", "TS 29.228 6.1.1", told: "a UAA with 5004",
      [refusedByHSS("exp 5004", "403 Forbidden", "TS 24.229 5.3.1.3")]),
    Variant(
      .v10, "server-reselection", "S-CSCF reselection", "TS 24.229 5.3.1.3",
      told: "a REGISTER that the I-CSCF sends to several S-CSCFs",
      [
        SequencePass(
          "Unauthenticated IMS Registration Attempt", .challenged,
          MainSequence.challengedPass.adding(
            [
              // No answer within Timer F is as good.
              Step("B8", .h2, .refusal, "final response", .conditional, "TS 24.229 5.3.1.3"),
              Step("B9", .c1, .request(.userAuthorization), "UAR", .conditional, "TS 29.228 6.1.1"),
              Step("B9", .c1, .answer(.userAuthorization), "UAA", .conditional, "TS 29.228 6.1.1"),
              Step("B10", .h2, .register, "REGISTER", .conditional, "TS 24.229 5.3.1.3"),
            ], after: "B6"
          ).with("B8", detail: "480 or 3xx")),
        .local("IPsec Security Association Establishment"),
        SequencePass("Authenticated IMS Registration", .granted, MainSequence.grantedPass),
      ]),
    Variant(
      .v11, "interval-too-brief", "Interval too brief", "TS 24.229 5.4.1.2.1", told: "a 423",
      [
        SequencePass(
          "Refused Interval", .refused,
          MainSequence.challengedPass.through("B6") + MainSequence.refusal("423 Interval Too Brief", "RFC 3261 10.3")),
        SequencePass(
          "Unauthenticated IMS Registration Attempt", .challenged,
          MainSequence.challengedPass.with("B1", clause: "TS 24.229 5.1.1.2.1")),
        .local("IPsec Security Association Establishment"),
        SequencePass("Authenticated IMS Registration", .granted, MainSequence.grantedPass),
      ]),
    Variant(
      .v12, "proxy-reselection", "P-CSCF reselection", "TS 24.229 5.1.1.2.1",
      told: "a 305 of the P-CSCF",
      [
        SequencePass(
          "Refused by the First P-CSCF", .refused,
          [
            Step("B1", .h0, .register, "REGISTER", .mandatory, "TS 24.229 5.1.1.2"),
            Step("R3", .h0, .refusal, "final response", .mandatory, "TS 24.229 5.1.1.2.1"),
          ].with("R3", detail: "305 Use Proxy")),
        challenge, .local("IPsec Security Association Establishment"),
        SequencePass("Authenticated IMS Registration", .granted, MainSequence.grantedPass),
      ]),
    Variant(
      .v13, "hss-error", "HSS error or overload", "TS 29.228 8.1",
      told: "no UAA, or one with an error of the HSS or an agent",
      [refusedByHSS("error", "480 Temporarily Unavailable", "TS 24.229 5.3.1.3")]),
  ]
}
