package import IMSBytes

/// A challenge or credentials: scheme and comma-separated parameters (RFC 3261 §20.7, §20.44, RFC 3310, TS 24.229 §7.2A.1).
package struct Digest: Hashable, Sendable {
  /// `Digest`; empty in Authentication-Info, which has none.
  package let scheme: Text
  package let parameters: Parameters
  package let raw: Text

  package init?(_ value: Text) {
    var scanner = Scanner(value)
    scanner.skipLWS()
    guard let scheme = scanner.token() else { return nil }
    self.scheme = scheme
    parameters = Parameters(scanner.remainder.trimmedLWS, separator: 0x2c, atOnce: true)
    raw = value
  }

  /// Authentication-Info (RFC 7615): parameters alone.
  package init(withoutScheme value: Text) {
    scheme = Text(value.bytes.prefix(0))
    parameters = Parameters(value, separator: 0x2c)
    raw = value
  }

  /// The value without quotes; nil when missing.
  package subscript(_ name: StaticString) -> Text? { parameters[name] }
  @_disfavoredOverload
  package subscript(_ name: Text) -> Text? { parameters[name] }

  package var username: Text? { self["username"] }
  package var realm: Text? { self["realm"] }
  package var nonce: Text? { self["nonce"] }
  package var response: Text? { self["response"] }
  package var uri: Text? { self["uri"] }
  package var algorithm: Text? { self["algorithm"] }
  package var qop: Text? { self["qop"] }
  package var nc: Text? { self["nc"] }
  package var cnonce: Text? { self["cnonce"] }
  package var opaque: Text? { self["opaque"] }
  package var stale: Text? { self["stale"] }
  /// AKA resynchronisation (RFC 3310 §3.4).
  package var auts: Text? { self["auts"] }
  package var ik: Text? { self["ik"] }
  package var ck: Text? { self["ck"] }
  package var integrityProtected: Text? { self["integrity-protected"] }
  package var nextNonce: Text? { self["nextnonce"] }
  package var rspauth: Text? { self["rspauth"] }
}
