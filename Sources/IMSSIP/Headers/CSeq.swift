package import IMSBytes

/// CSeq (RFC 3261 §20.16).
package struct CSeq: Hashable, Sendable {
  package let number: UInt32
  package let method: Text

  package init?(_ value: Text) {
    var scanner = Scanner(value)
    scanner.skipLWS()
    guard let digits = scanner.take(while: ASCII.isDigit)?.number, let number = UInt32(exactly: digits) else {
      return nil
    }
    scanner.skipLWS()
    guard let method = scanner.token() else { return nil }
    self.number = number
    self.method = method
  }
}
