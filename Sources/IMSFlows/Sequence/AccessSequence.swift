import IMSAccess

/// The rows of the documented sequence before the first REGISTER (phase A) that a capture of the core can show: all of
/// them conditional. Attach and activation toward the UE (A1 to A4, A7) travel ciphered.
package enum AccessSequence {
  /// From the SGSN or the MME on.
  static let bearer: [Step] = [
    Step(
      "A5", .g1, .access(isRequest: true), "Create PDP Context or Create Session Request", .conditional,
      "TS 29.060 7.3.1, TS 29.274 7.2.1"),
    Step(
      "A6", .g1, .access(isRequest: false), "Create PDP Context or Create Session Response", .conditional,
      "TS 29.060 7.3.2, TS 29.274 7.2.2"),
  ]

  /// P-CSCF discovery without the gateway.
  static let discovery: [Step] = [
    Step("A8", .d0, .access(isRequest: true), "DHCP request", .conditional, "RFC 3361 3, RFC 3319 3"),
    Step("A8", .d0, .access(isRequest: false), "DHCP answer", .conditional, "RFC 3361 3, RFC 3319 3"),
  ]

  package static let rows: [Step] = bearer + discovery

  /// The row that a message on this hop is; nil for what comes later to the same connection. Between MME and S-GW travels
  /// what travels between S-GW and P-GW.
  static func step(of access: AccessMessage, on hop: Hop?) -> String? {
    if let gtp = access.gtp, gtp.type.procedure != .create { return nil }
    let place = hop == .s11 ? .g1 : hop
    return rows.first { $0.hop == place && $0.what == .access(isRequest: access.isRequest) }?.id
  }
}
