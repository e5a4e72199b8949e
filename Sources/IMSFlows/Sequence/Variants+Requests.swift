import IMSDiameter
import IMSSIP

// What a registered UE asks for, and what its network does of itself.

extension Variant {
  static let requests: [Variant] = [
    Variant(
      .v2, "refresh", "Re-registration without re-authentication", "TS 24.229 5.1.1.4",
      told: "a REGISTER of a registered UE that is granted at once",
      [
        SequencePass(
          "Re-registration", .granted,
          MainSequence.grantedPass.with("E1", clause: "TS 24.229 5.1.1.4.1")
            // The S-CSCF may keep it for itself that nothing changes.
            .with("E5", .conditional, clause: "TS 29.228 6.1.2, TS 23.228 5.2.2.4"))
      ]),
    Variant(
      .v3, "reauthentication", "Re-registration with re-authentication", "TS 24.229 5.1.1.5.1",
      told: "a REGISTER of a registered UE that is challenged",
      [
        SequencePass(
          "Re-registration Attempt in the Old Associations", .challenged,
          MainSequence.challengedPass.with("B1", clause: "TS 24.229 5.1.1.4.1")),
        .local("New IPsec Security Associations"),
        SequencePass(
          "Re-registration in the New Associations", .granted,
          MainSequence.grantedPass.with("E5", .conditional, clause: "TS 29.228 6.1.2, TS 23.228 5.2.2.4")),
      ]),
    Variant(
      .v4, "deregistration", "De-registration by the UE", "TS 24.229 5.1.1.6",
      told: "a REGISTER with an expiry of 0",
      [
        SequencePass(
          "De-registration", .granted,
          MainSequence.grantedPass.with("E1", clause: "TS 24.229 5.1.1.6").with("E6", clause: "TS 24.229 5.4.1.4"))
      ]),
  ]

  static let byNetwork: [Variant] = [
    Variant(
      .v5a, "network-deregistration", "De-registration by the HSS", "TS 29.228 6.1.3", told: "an RTR",
      [
        SequencePass(
          "De-registration by the HSS", .other,
          [
            Step(
              "T1", .c2, .request(.registrationTermination), "RTR", .mandatory, "TS 29.228 6.1.3",
              ends: (.hss, .scscf)),
            Step(
              "T1", .c2, .answer(.registrationTermination), "RTA", .mandatory, "TS 29.228 6.1.3", ends: (.hss, .scscf)),
          ] + notification)
      ]),
    Variant(
      .v5b, "timer-deregistration", "De-registration by the S-CSCF's timer", "TS 24.229 5.4.1.5",
      told: "a SAR of type 4 or 6 without a REGISTER",
      [SequencePass("De-registration by the S-CSCF", .other, assignment + notification)]),
    Variant(
      .v5c, "administrative-deregistration", "De-registration by the operator", "TS 24.229 5.4.1.5",
      told: "a SAR of type 8 without a REGISTER",
      [SequencePass("De-registration by the S-CSCF", .other, assignment + notification)]),
    Variant(
      .v5d, "network-reauthentication", "Re-authentication that the network asks for", "TS 24.229 5.4.1.6",
      told: "a NOTIFY with the event shortened",
      [
        SequencePass("Shortened Registration", .other, notification),
        SequencePass(
          "Re-registration Attempt in the Old Associations", .challenged,
          MainSequence.challengedPass.with("B1", clause: "TS 24.229 5.1.1.5.3")),
        SequencePass("Re-registration in the New Associations", .granted, MainSequence.grantedPass),
      ]),
  ]

  private static let assignment = [
    Step("T1", .c2, .request(.serverAssignment), "SAR", .mandatory, "TS 29.228 6.1.2"),
    Step("T1", .c2, .answer(.serverAssignment), "SAA", .mandatory, "TS 29.228 6.1.2"),
  ]

  /// To those who subscribed to the registration event.
  private static let notification = [
    Step("T2", .h1, .message(.notify), "NOTIFY", .conditional, "TS 24.229 5.4.1.5", ends: (.scscf, .pcscf)),
    Step("T2", .h0, .message(.notify), "NOTIFY", .conditional, "RFC 3261 16.6", ends: (.pcscf, .ue)),
    Step("T2", .h0, .accepted(.notify), "200 OK", .conditional, "TS 24.229 5.1.1.7", ends: (.pcscf, .ue)),
    Step("T2", .h1, .accepted(.notify), "200 OK", .conditional, "RFC 3261 16.7", ends: (.scscf, .pcscf)),
  ]
}
