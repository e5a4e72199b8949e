/// What a decoder could not read: where it stopped and why. Everything before `offset` was understood.
///
/// Damage is data: an issue travels with the result of a decoder and never ends the analysis.
package struct DecodeIssue: Error, Hashable, Sendable, CustomStringConvertible {
  /// The protocol that stopped, in the spelling of the report ("IPv4", "TCP", "SIP", "Diameter").
  package var layer: String
  /// One sentence without a full stop: what was wrong with the bytes.
  package var reason: String
  /// Offset in bytes from the first byte that this layer was given.
  package var offset: Int

  package init(_ layer: String, _ reason: String, at offset: Int) {
    self.layer = layer
    self.reason = reason
    self.offset = offset
  }

  package var description: String { "\(layer): \(reason) at offset \(offset)" }
}
