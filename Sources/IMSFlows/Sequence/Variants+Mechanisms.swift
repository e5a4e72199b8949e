import IMSDiameter

// Registrations that prove the UE's identity otherwise than by IMS AKA with IPsec.

extension Variant {
  /// With Cx of another scheme, and credentials of another annex.
  private static func digest(_ between: SequencePass?, annex: String) -> [SequencePass] {
    let challenged = MainSequence.challengedPass.with("B1", clause: "TS 24.229 5.1.1.2, \(annex)")
      .with("B7", clause: "TS 29.228 6.3, \(annex)").with("C1", clause: "TS 24.229 5.4.1.2.1, \(annex)")
    return [SequencePass("Unauthenticated IMS Registration Attempt", .challenged, challenged)]
      + (between.map { [$0] } ?? []) + [
        SequencePass(
          "Authenticated IMS Registration", .granted,
          MainSequence.grantedPass.with("E1", clause: "TS 24.229 5.1.1.5, \(annex)"))
      ]
  }

  /// One pass without a challenge; the HSS says by what the UE is known.
  private static func unchallenged(_ presence: Step.Presence?, _ clause: String) -> SequencePass {
    let asked = MainSequence.challengedPass.through("B7").with("B1", clause: clause)
    let vectors = presence.map { asked.with("B7", $0, clause: "TS 29.228 6.3, \(clause)") }
    return SequencePass(
      "IMS Registration without a Challenge", .granted,
      (vectors ?? asked.without("B7")) + MainSequence.grantedPass.filter { ["E5", "E6", "E7", "E8"].contains($0.id) })
  }

  static let mechanisms: [Variant] = [
    Variant(
      .v14, "giba", "GPRS-IMS-bundled authentication", "TS 33.203 annex T",
      told: "Early-IMS-Security on Cx: no Authorization, no Security-Client, no challenge",
      [
        unchallenged(.mandatory, "TS 33.203 annex T"),
        SequencePass(
          "Refused IMS Registration", .refused,
          MainSequence.challengedPass.through("B7") + MainSequence.refusal("403 Forbidden", "TS 33.203 annex T")),
      ]),
    Variant(
      .v15, "sip-digest", "SIP Digest without TLS", "TS 33.203 annex N",
      told: "a challenge of MD5 or SHA-256, or SIP Digest on Cx", digest(nil, annex: "TS 33.203 annex N")),
    Variant(
      .v16, "sip-digest-tls", "SIP Digest with TLS", "TS 33.203 annex O",
      told: "tls in Security-Client or integrity-protected",
      digest(.local("TLS session"), annex: "TS 33.203 annex O")),
    Variant(
      .v17a, "nass-bundled", "NASS-IMS-bundled authentication", "TS 33.203 annex R",
      told: "NASS-Bundled on Cx", [unchallenged(.mandatory, "TS 33.203 annex R")]),
    Variant(
      .v17b, "trusted-node", "Authentication by a trusted node", "TS 33.203 annex U",
      told: "integrity-protected=\"auth-done\"", [unchallenged(nil, "TS 33.203 annex U")]),
    Variant(
      .v17c, "aka-over-tls", "AKAv2 over TLS", "TS 33.203 annex X", told: "integrity-protected=\"tls-connected\"",
      [.local("TLS session")] + digest(nil, annex: "TS 33.203 annex X")),
  ]
}
