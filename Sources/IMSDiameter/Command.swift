/// A Diameter command code (RFC 6733 §3.1 and TS 29.229 §6.1); its meaning depends on the application.
@frozen @usableFromInline package struct CommandCode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var rawValue: UInt32
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

  // In line: they are compared again and again.

  @inlinable package static func == (left: CommandCode, right: CommandCode) -> Bool { left.rawValue == right.rawValue }

  @inlinable package static var capabilitiesExchange: CommandCode { CommandCode(rawValue: 257) }
  @inlinable package static var deviceWatchdog: CommandCode { CommandCode(rawValue: 280) }
  @inlinable package static var disconnectPeer: CommandCode { CommandCode(rawValue: 282) }
  @inlinable package static var userAuthorization: CommandCode { CommandCode(rawValue: 300) }
  @inlinable package static var serverAssignment: CommandCode { CommandCode(rawValue: 301) }
  @inlinable package static var locationInfo: CommandCode { CommandCode(rawValue: 302) }
  @inlinable package static var multimediaAuth: CommandCode { CommandCode(rawValue: 303) }
  @inlinable package static var registrationTermination: CommandCode { CommandCode(rawValue: 304) }
  @inlinable package static var pushProfile: CommandCode { CommandCode(rawValue: 305) }
}

/// A Diameter Application-Id.
@frozen @usableFromInline package struct ApplicationID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var rawValue: UInt32
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable package static func == (left: ApplicationID, right: ApplicationID) -> Bool {
    left.rawValue == right.rawValue
  }

  @inlinable package static var base: ApplicationID { ApplicationID(rawValue: 0) }
  /// Cx and Dx (TS 29.229).
  @inlinable package static var cx: ApplicationID { ApplicationID(rawValue: 16_777_216) }
}
