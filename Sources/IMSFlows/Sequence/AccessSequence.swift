import IMSAccess

/// The rows of the documented sequence before the first REGISTER (phase A) that a capture of the core can show: all of
/// them conditional. Attach and activation toward the UE (A1 to A4, A7) travel ciphered.
package enum AccessSequence {
  package struct Row: Sendable {
    /// Identifier of the row in the documented sequence.
    package var id: String
    package var hops: [Hop]
    package var isRequest: Bool
    package var label: String
    package var clause: String
  }

  package static let rows: [Row] = [
    Row(
      id: "A5", hops: [.s11, .g1], isRequest: true, label: "Create PDP Context or Create Session Request",
      clause: "TS 29.060 7.3.1, TS 29.274 7.2.1"),
    Row(
      id: "A6", hops: [.s11, .g1], isRequest: false, label: "Create PDP Context or Create Session Response",
      clause: "TS 29.060 7.3.2, TS 29.274 7.2.2"),
    // P-CSCF discovery without the gateway.
    Row(id: "A8", hops: [.d0], isRequest: true, label: "DHCP request", clause: "RFC 3361, RFC 3319"),
    Row(id: "A8", hops: [.d0], isRequest: false, label: "DHCP answer", clause: "RFC 3361, RFC 3319"),
  ]

  /// The row that a message on this hop is; nil for what comes later to the same connection.
  static func step(of access: AccessMessage, on hop: Hop?) -> String? {
    if let gtp = access.gtp, gtp.type.procedure != .create { return nil }
    return rows.first { row in hop.map { row.hops.contains($0) } ?? false && row.isRequest == access.isRequest }?.id
  }
}
