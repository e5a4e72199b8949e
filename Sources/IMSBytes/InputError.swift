/// Why an input cannot be read: for the person who gave its name.
package struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    /// The system refused to open or read it (no such file, is a directory, permission denied, …), or it is
    /// compressed and damaged before its first record.
    case unreadable
    case empty
    /// The program was told to stop before its first packet.
    case interrupted
    /// The first bytes are those of no capture format; up to 16 of them.
    case notACapture(first: [UInt8])
  }

  package var kind: Kind
  /// As it was given; "standard input" for "-".
  package var path: String
  /// One sentence without a full stop.
  package var reason: String

  package init(_ kind: Kind, path: String, reason: String) {
    self.kind = kind
    self.path = path
    self.reason = reason
  }

  package static func interrupted(_ path: String) -> InputError {
    InputError(.interrupted, path: path, reason: "was interrupted before its first packet")
  }

  package var description: String { "\(path): \(reason)" }
}
