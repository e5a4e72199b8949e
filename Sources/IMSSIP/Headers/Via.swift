package import IMSBytes

/// The host and port that a Via or a URI names. An IPv6 address keeps its brackets, as in the grammar.
package struct SentBy: Hashable, Sendable {
  package let host: Text
  package let port: UInt16?

  /// Equal for the same host and port in different spellings (RFC 3261 §18.1.2, §18.2.2): letters in
  /// either case, IPv6 literals by value, a missing port as `defaultPort`.
  package func fingerprint(defaultPort: UInt16 = 5060) -> Fingerprint {
    host.bytes.withUnsafeBytes { SentBy.fingerprint(host: RawSpan(_unsafeBytes: $0), port: port ?? defaultPort) }
  }

  static func fingerprint(host: RawSpan, port: UInt16) -> Fingerprint {
    var result = Fingerprint.empty
    if host.byteCount > 0, host.u8(0) == 0x5b, let address = Text(host.array).ipv6 {
      result.combine(address.high)
      result.combine(address.low)
    } else {
      result = Fingerprint(lowercasing: host)
    }
    result.combine(UInt64(port))
    return result
  }
}

/// One Via element (RFC 3261 §20.42): a hop of the request.
package struct Via: Hashable, Sendable {
  package let protocolName: Text
  package let version: Text
  package let transport: Text
  package let sentBy: SentBy
  package let parameters: Parameters
  package let raw: Text

  /// Nil when the element is not `name/version/transport host[:port]`.
  package init?(_ element: Text) {
    var scanner = Scanner(element)
    scanner.skipLWS()
    guard let name = scanner.token(), scanner.skip(0x2f), let version = scanner.token(), scanner.skip(0x2f),
      let transport = scanner.token()
    else { return nil }
    scanner.skipLWS()
    guard let sentBy = SentBy(&scanner) else { return nil }
    guard scanner.isAtEnd || scanner.skip(0x3b) else { return nil }
    protocolName = name
    self.version = version
    self.transport = transport
    self.sentBy = sentBy
    parameters = Parameters(scanner.remainder, atOnce: true)
    raw = element
  }

  package var branch: Text? { parameters["branch"] }
  package var received: Text? { parameters["received"] }
  /// Outer nil: no `rport`; inner nil: `rport` without a value, the request of RFC 3581.
  package var rport: Text?? { parameters.first("rport").map { $0.value } }

  package var defaultPort: UInt16 { transport.isToken("TLS") ? 5061 : 5060 }
}

extension SentBy {
  /// Reads `host [":" port]` with white space around the colon; what follows the port stays in the scanner.
  init?(_ scanner: inout Scanner) {
    let host: Text
    if scanner.rest.first == 0x5b {
      guard let end = scanner.rest.firstIndex(of: 0x5d), let literal = scanner.take(count: end + 1) else { return nil }
      host = literal
    } else {
      guard let name = scanner.take(while: { $0 != 0x3a && $0 != 0x3b && $0 != 0x2c && !ASCII.isLWS($0) }) else {
        return nil
      }
      host = name
    }
    guard scanner.skip(0x3a) else {
      self.init(host: host, port: nil)
      return
    }
    guard let digits = scanner.take(while: ASCII.isDigit), let number = digits.number,
      let port = UInt16(exactly: number)
    else { return nil }
    scanner.skipLWS()
    self.init(host: host, port: port)
  }
}

extension Scanner {
  /// The bytes up to the absolute index `end`.
  mutating func take(count end: Int) -> Text? {
    var limit = end - rest.startIndex
    return take { _ in
      limit -= 1
      return limit >= 0
    }
  }
}

extension Fingerprint {
  /// Of the bytes with ASCII letters in lower case; allocates nothing for a text of ordinary length.
  package init(lowercasing bytes: RawSpan) {
    let count = bytes.byteCount
    self = withUnsafeTemporaryAllocation(byteCount: max(1, count), alignment: 1) { buffer in
      for index in 0..<count { buffer[index] = ASCII.lowercased(bytes.u8(index)) }
      return Fingerprint(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
    }
  }

  package init(lowercasing text: Text) {
    self = text.bytes.withUnsafeBytes { Fingerprint(lowercasing: RawSpan(_unsafeBytes: $0)) }
  }
}
