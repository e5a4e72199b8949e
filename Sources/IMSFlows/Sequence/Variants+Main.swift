import IMSDiameter
import IMSSIP

// The main sequence, what goes before it, and what follows it of itself.

extension Variant {
  static let main: [Variant] = [
    Variant(
      .main, "ims-aka", "Registration with IMS AKA and IPsec", "TS 24.228 6.2",
      told: "an initial registration that none of the others is",
      [
        SequencePass("Unauthenticated IMS Registration Attempt", .challenged, MainSequence.challengedPass),
        .local("IPsec Security Association Establishment"),
        SequencePass("Authenticated IMS Registration", .granted, MainSequence.grantedPass),
      ]),
    Variant(
      .access, "discovery", "Bearer and P-CSCF discovery", "TS 23.228 5.1.1",
      told: "GTP-C or DHCP before the first REGISTER",
      [
        SequencePass("PDP Context or PDN Connection", .other, AccessSequence.bearer),
        SequencePass("P-CSCF Discovery without the Gateway", .other, AccessSequence.discovery),
      ]),
    Variant(
      .v1, "combined-nodes", "I-CSCF and S-CSCF in one node", "TS 23.228 5.2.2.3",
      told: "UAR and MAR or SAR from one address, and no REGISTER between I-CSCF and S-CSCF",
      [
        SequencePass(
          "Unauthenticated IMS Registration Attempt", .challenged,
          MainSequence.challengedPass.without(.h2).without(.d2).with("C2", clause: "TS 24.229 5.4.1.2.1")),
        .local("IPsec Security Association Establishment"),
        SequencePass(
          "Authenticated IMS Registration", .granted,
          MainSequence.grantedPass.without(.h2).without(.d2).with("E7", clause: "TS 24.229 5.4.1.2.2")),
      ]),
  ]

  /// With what equipment and for what a subscriber registers, and what follows a registration.
  static let settings: [Variant] = [
    Variant(
      .v18, "emergency", "Emergency registration", "TS 24.229 5.1.6.2",
      told: "a Contact whose URI has the parameter sos",
      [
        SequencePass(
          "Unauthenticated Emergency Registration Attempt", .challenged,
          MainSequence.challengedPass.with("B1", clause: "TS 24.229 5.1.6.2")
            .with("B4", clause: "TS 29.228 6.1.1, annex G")),
        .local("IPsec Security Association Establishment"),
        SequencePass(
          "Authenticated Emergency Registration", .granted,
          MainSequence.grantedPass.with("E1", clause: "TS 24.229 5.1.6.2")
            .with("E3", clause: "TS 29.228 6.1.1, annex G").with("E6", clause: "TS 24.229 5.4.8.2")),
      ]),
    Variant(
      .v19, "border-elements", "Border elements between P-CSCF and I-CSCF", "TS 24.229 5.10",
      told: "one REGISTER several times between the P-CSCF and the I-CSCF, with a Via more each time",
      [
        SequencePass(
          "Unauthenticated IMS Registration Attempt", .challenged,
          MainSequence.challengedPass.with("B3", clause: "TS 24.229 5.2.2.1, 5.10.2.1, 5.10.3.1")),
        .local("IPsec Security Association Establishment"),
        SequencePass(
          "Authenticated IMS Registration", .granted,
          MainSequence.grantedPass.with("E2", clause: "TS 24.229 5.2.2.1, 5.10.2.1, 5.10.3.1")),
      ]),
    Variant(
      .v20, "multiple-registrations", "Multiple registrations with outbound", "RFC 5626 4.2",
      told: "a Contact with reg-id",
      [
        SequencePass(
          "Unauthenticated IMS Registration Attempt", .challenged,
          MainSequence.challengedPass.with("B1", clause: "TS 24.229 5.1.1.2, RFC 5626 4.2")
            .with("B3", clause: "TS 24.229 5.2.2.1, RFC 5626 5.1")),
        .local("IPsec Security Association Establishment"),
        SequencePass(
          "Authenticated IMS Registration", .granted,
          MainSequence.grantedPass.with("E2", clause: "TS 24.229 5.2.2.1, RFC 5626 5.1")
            .with("E6", clause: "TS 24.229 5.4.1.2.2, RFC 5626 6")),
        SequencePass(
          "First Hop Lacks Outbound Support", .refused,
          MainSequence.challengedPass.through("B6")
            + MainSequence.refusal("439 First Hop Lacks Outbound Support", "RFC 5626 6")),
      ]),
    Variant(
      .v21, "fetch", "Fetching the bindings", "RFC 3261 10.2.3",
      told: "a REGISTER without Contact",
      [SequencePass("Bindings", .granted, MainSequence.grantedPass.without("E5").with("E1", clause: "RFC 3261 10.2.3"))]
    ),
    Variant(
      .thirdParty, "third-party-registration", "Third-party registration at an application server",
      "TS 24.229 5.4.1.7", told: "a REGISTER whose From is the S-CSCF",
      [
        SequencePass(
          "Third-party Registration", .granted,
          [
            Step("F1", .a1, .register, "REGISTER", .mandatory, "TS 24.229 5.4.1.7"),
            Step("F2", .a1, .granted, "200 OK", .mandatory, "TS 24.229 5.7.1.1"),
          ])
      ]),
    Variant(
      .event, "reg-event", "Subscription to the registration event", "TS 24.229 5.1.1.3",
      told: "SUBSCRIBE and NOTIFY of the package reg",
      [
        SequencePass(
          "Subscription of the UE", .other,
          [
            Step("F3", .h0, .message(.subscribe), "SUBSCRIBE", .mandatory, "TS 24.229 5.1.1.3"),
            Step("F3", .h1, .message(.subscribe), "SUBSCRIBE", .mandatory, "TS 24.229 5.2.6", ends: (.pcscf, .scscf)),
            Step("F3", .h1, .accepted(.subscribe), "200 OK", .mandatory, "TS 24.229 5.4.2.1.1", ends: (.pcscf, .scscf)),
            Step("F3", .h0, .accepted(.subscribe), "200 OK", .mandatory, "RFC 3261 16.7"),
            Step("F4", .h1, .message(.notify), "NOTIFY", .mandatory, "TS 24.229 5.4.2.1.2", ends: (.scscf, .pcscf)),
            Step("F4", .h0, .message(.notify), "NOTIFY", .mandatory, "RFC 3680 4.7", ends: (.pcscf, .ue)),
            Step("F4", .h0, .accepted(.notify), "200 OK", .mandatory, "TS 24.229 5.1.1.3", ends: (.pcscf, .ue)),
            Step("F4", .h1, .accepted(.notify), "200 OK", .mandatory, "RFC 3261 16.7", ends: (.scscf, .pcscf)),
          ]),
        SequencePass(
          "Subscription of the P-CSCF", .other,
          [
            Step("F5", .h1, .message(.subscribe), "SUBSCRIBE", .mandatory, "TS 24.229 5.2.3", ends: (.pcscf, .scscf)),
            Step("F5", .h1, .accepted(.subscribe), "200 OK", .mandatory, "TS 24.229 5.4.2.1.1", ends: (.pcscf, .scscf)),
            Step("F6", .h1, .message(.notify), "NOTIFY", .mandatory, "TS 24.229 5.4.2.1.2", ends: (.scscf, .pcscf)),
            Step("F6", .h1, .accepted(.notify), "200 OK", .mandatory, "TS 24.229 5.2.3", ends: (.scscf, .pcscf)),
          ]),
      ]),
  ]
}
