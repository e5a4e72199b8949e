package import IMSBytes

/// The timers that decide when a missing message is missing (TS 24.229 table 7.7.1 and 7.8.1, RFC 3261 §17.1.2). A network
/// may have others.
package struct Timers: Sendable, Equatable {
  /// Timer F = 64·T1 in the core and for a UE that uses the RFC's T1 of 500 ms.
  package var finalResponse = Interval.seconds(32)
  /// Timer F of a UE with T1 = 2 s.
  package var finalResponseUE = Interval.seconds(128)
  /// reg-await-auth: how long a challenge waits for its answer.
  package var awaitAuthentication = Interval.seconds(240)
  /// The same for SIP Digest, where nothing prescribes more than the transaction's own time.
  package var awaitDigest = Interval.seconds(32)

  /// As the standards have them.
  package static let standard = Timers()
  /// How long a registration stays open for what trails behind its last final answer.
  package static let linger = Interval.seconds(5)
  /// How far apart two captures' clocks may be, for nesting a Cx exchange in a SIP step.
  package static let clockSlack = Interval.seconds(2)

  package init() {}
}
