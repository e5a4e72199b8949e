package import IMSBytes

/// `name-addr` or `addr-spec` with header parameters (RFC 3261 §20.10, §25.1): From, To, Contact, Route, Path, …
package struct NameAddr: Hashable, Sendable {
  package let raw: Text
  private let parts: SpanText.NameAddrParts
  private let uriParts: SpanText.URIParts
  private let tagPart: Part?

  /// Nil when there is no URI or a quote or bracket is not closed.
  package init?(_ element: Text) {
    let read: (SpanText.NameAddrParts, SpanText.URIParts, tag: Part?)? = element.read { span in
      guard let parts = SpanText.nameAddr(span, 0..<span.byteCount),
        let uri = SpanText.uri(span.extracting(parts.uri.range))
      else { return nil }
      let tag = SpanText.parameter("tag", span, parts.parameters.range) ?? nil
      return (parts, uri, tag.map { Part($0) })
    }
    guard let read else { return nil }
    raw = element
    (parts, uriParts, tagPart) = read
  }

  /// Without quotes; nil when absent or empty.
  package var displayName: Text? {
    parts.name.map { raw.part($0).unquoted }.flatMap { $0.isEmpty ? nil : $0 }
  }
  package var uri: SIPURI { SIPURI(uriText, uriParts) }
  /// As on the wire, without brackets.
  package var uriText: Text { raw.part(parts.uri) }
  package var parameters: Parameters { Parameters(raw.part(parts.parameters)) }

  package var tag: Text? { tagPart.map { raw.part($0).unquoted } }
}
