package import IMSBytes

/// CSeq (RFC 3261 §20.16).
package struct CSeq: Hashable, Sendable {
  package let number: UInt32
  package let method: Text

  package init?(_ value: Text) {
    guard let parts = value.read({ SpanText.cseq($0, 0..<$0.byteCount) }) else { return nil }
    number = parts.number
    method = value.part(Part(parts.method))
  }
}
