/// A Diameter command code (RFC 6733 §3.1 and TS 29.229 §6.1); its meaning depends on the application.
@usableFromInline package struct CommandCode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var rawValue: UInt32
  @usableFromInline package init(rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable package static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }

  package static let capabilitiesExchange = CommandCode(rawValue: 257)
  package static let deviceWatchdog = CommandCode(rawValue: 280)
  package static let disconnectPeer = CommandCode(rawValue: 282)
  package static let userAuthorization = CommandCode(rawValue: 300)
  package static let serverAssignment = CommandCode(rawValue: 301)
  package static let locationInfo = CommandCode(rawValue: 302)
  package static let multimediaAuth = CommandCode(rawValue: 303)
  package static let registrationTermination = CommandCode(rawValue: 304)
  package static let pushProfile = CommandCode(rawValue: 305)
}

/// A Diameter Application-Id.
package struct ApplicationID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let base = ApplicationID(rawValue: 0)
  /// Cx and Dx (TS 29.229).
  package static let cx = ApplicationID(rawValue: 16_777_216)
}
