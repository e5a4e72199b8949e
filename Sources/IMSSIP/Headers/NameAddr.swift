package import IMSBytes

/// `name-addr` or `addr-spec` with header parameters (RFC 3261 §20.10, §25.1): From, To, Contact, Route, Path, …
package struct NameAddr: Hashable, Sendable {
  /// Without quotes; nil when absent or empty.
  package let displayName: Text?
  package let uri: SIPURI
  /// As on the wire, without brackets.
  package let uriText: Text
  package let parameters: Parameters
  package let raw: Text

  /// Nil when there is no URI or a quote or bracket is not closed.
  package init?(_ element: Text) {
    var scanner = Scanner(element)
    scanner.skipLWS()
    var name: Text?
    if scanner.rest.first == 0x22 {
      guard let quoted = scanner.quotedString() else { return nil }
      name = quoted.unquoted
      scanner.skipLWS()
      guard scanner.rest.first == 0x3c else { return nil }
    } else if let bracket = scanner.rest.firstIndex(of: 0x3c) {
      name = scanner.take(count: bracket)?.trimmedLWS
    }
    let rest: Text
    if scanner.rest.first == 0x3c {
      guard let close = scanner.rest.firstIndex(of: 0x3e) else { return nil }
      uriText = Text(scanner.rest[(scanner.rest.startIndex + 1)..<close]).trimmedLWS
      rest = Text(scanner.rest[(close + 1)...]).trimmedLWS
    } else {
      // Without brackets the parameters after the URI belong to the header (§20.10).
      let end = scanner.rest.firstIndex(of: 0x3b) ?? scanner.rest.endIndex
      uriText = Text(scanner.rest[..<end]).trimmedLWS
      rest = Text(scanner.rest[end...]).trimmedLWS
    }
    guard let uri = SIPURI(uriText) else { return nil }
    self.uri = uri
    displayName = name.flatMap { $0.isEmpty ? nil : $0 }
    parameters = Parameters(rest, atOnce: true)
    raw = element
  }

  package var tag: Text? { parameters["tag"] }
}
