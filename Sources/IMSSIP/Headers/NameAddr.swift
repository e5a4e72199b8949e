package import IMSBytes

/// `name-addr` or `addr-spec` with header parameters (RFC 3261 §20.10, §25.1): From, To, Contact, Route, Path, …
package struct NameAddr: Hashable, Sendable {
  package let raw: Text
  private let parts: SpanText.NameAddrParts
  private let uriParts: SpanText.URIParts
  private let marks: SpanText.AddressMarks

  /// Nil when there is no URI or a quote or bracket is not closed.
  package init?(_ element: Text) {
    guard let read = element.read({ SpanText.address($0) }) else { return nil }
    raw = element
    (parts, uriParts, marks) = read
  }

  /// Without quotes; nil when absent or empty.
  package var displayName: Text? {
    parts.name.map { raw.part($0).unquoted }.flatMap { $0.isEmpty ? nil : $0 }
  }
  package var uri: SIPURI { SIPURI(uriText, uriParts) }
  /// As on the wire, without brackets.
  package var uriText: Text { raw.part(parts.uri) }
  package var parameters: Parameters { Parameters(raw.part(parts.parameters)) }

  package var hasTag: Bool { marks.tag != nil }
  package var tag: Text? { marks.tag.map { raw.part($0).unquoted } }
  /// The parameter `expires` of a Contact, where it is a number.
  package var expires: UInt64? { marks.expires.flatMap { raw.part($0).unquoted.number } }
}
