package import IMSBytes

/// A challenge or credentials: scheme and comma-separated parameters (RFC 3261 §20.7, §20.44, RFC 3310, TS 24.229 §7.2A.1).
package struct Digest: Hashable, Sendable {
  package let raw: Text
  private let name: Part
  private let rest: Part
  /// Credentials are asked for many of their parameters: they are found once.
  private let items: [SpanText.Parameter]

  package init?(_ value: Text) {
    guard let (token, rest) = value.read({ SpanText.tokenAndRest($0, separator: nil) }) else { return nil }
    self.init(value, name: token, rest: rest)
  }

  /// Authentication-Info (RFC 7615): parameters alone.
  package init(withoutScheme value: Text) { self.init(value, name: 0..<0, rest: 0..<value.count) }

  private init(_ value: Text, name: Range<Int>, rest: Range<Int>) {
    raw = value
    self.name = Part(name)
    self.rest = Part(rest)
    var items: [SpanText.Parameter] = []
    items.reserveCapacity(12)
    value.read { span in
      var at = rest.lowerBound
      while let piece = SpanText.piece(span, from: &at, to: rest.upperBound, separator: 0x2c, brackets: false) {
        items.append(SpanText.parameter(span, piece))
      }
    }
    self.items = items
  }

  /// `Digest`; empty in Authentication-Info, which has none.
  package var scheme: Text { raw.part(name) }
  package var parameters: Parameters { Parameters(raw.part(rest).trimmedLWS, separator: 0x2c) }

  /// The value without quotes; nil when missing.
  package subscript(_ name: StaticString) -> Text? {
    let count = UInt32(truncatingIfNeeded: name.utf8CodeUnitCount)
    let value: Part? = raw.read { span in
      for item in items where item.name.end - item.name.start == count {
        if span.spells(name, at: Int(item.name.start), ignoringCase: true) { return item.value }
      }
      return nil
    }
    return value.map { raw.part($0).unquoted }
  }
  @_disfavoredOverload
  package subscript(_ name: Text) -> Text? { parameters[name] }

  /// The first parameter that a copy of it has not, or has with another value; `free` may differ.
  package func firstChange(in copy: Digest, besides free: StaticString) -> Text? {
    raw.read { span in
      copy.raw.read { other in
        for index in items.indices {
          let item = items[index]
          if index < copy.items.count, item.isSame(span, as: copy.items[index], other) { continue }
          let name = raw.part(item.name)
          if !name.isToken(free), copy[name] != item.value.map({ raw.part($0).unquoted }) { return name }
        }
        return nil
      }
    }
  }

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
