/// A piece of a message's bytes that is read as text: shares the storage, copies nothing.
///
/// Comparison is byte-exact. `String` is made only for findings and views (`string`).
@usableFromInline package struct Text: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  @usableFromInline package var bytes: ArraySlice<UInt8>

  @inlinable package init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  @inlinable package init(_ bytes: [UInt8]) { self.bytes = bytes[...] }
  package init(_ string: String) { self.bytes = Array(string.utf8)[...] }
  @usableFromInline package init(stringLiteral value: String) { self.init(value) }

  @inlinable package var isEmpty: Bool { bytes.isEmpty }
  @inlinable package var count: Int { bytes.count }

  /// The text with control characters and invalid UTF-8 made visible, so that it can stand in any output.
  package var string: String {
    let text = String(decoding: bytes, as: UTF8.self)
    if !read({ Text.holdsControl($0) }) { return text }
    var result = ""
    result.reserveCapacity(bytes.count)
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
        result.append("\u{FFFD}")
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// U+0000 to U+001F, U+007F, and U+0080 to U+009F, which UTF-8 begins with C2.
  private static func holdsControl(_ span: RawSpan) -> Bool {
    var last: UInt8 = 0
    for index in 0..<span.byteCount {
      let byte = span.u8(index)
      if byte < 0x20 || byte == 0x7f || last == 0xc2 && byte >= 0x80 && byte < 0xa0 { return true }
      last = byte
    }
    return false
  }

  @usableFromInline package var description: String { string }

  /// ASCII letters compared without regard to case, every other byte exactly.
  package func equalsIgnoringCase(_ other: Text) -> Bool {
    bytes.count == other.bytes.count && hasPrefixIgnoringCase(other)
  }

  package func hasPrefix(_ prefix: Text) -> Bool {
    bytes.count >= prefix.bytes.count && Text(bytes.prefix(prefix.bytes.count)) == prefix
  }

  package func hasPrefixIgnoringCase(_ prefix: Text) -> Bool {
    read { bytes in prefix.read { bytes.spellsIgnoringCase($0) } }
  }

  /// Without spaces and tabs at both ends.
  package var trimmed: Text {
    guard let first = bytes.firstIndex(where: { !ASCII.isBlank($0) }),
      let last = bytes.lastIndex(where: { !ASCII.isBlank($0) })
    else { return Text(bytes.prefix(0)) }
    return Text(bytes[first...last])
  }

  package var lowercased: Text { Text(bytes.map(ASCII.lowercased)) }

  /// A decimal number without sign, nil for anything else or past `UInt64`.
  package var number: UInt64? {
    guard !bytes.isEmpty else { return nil }
    var value: UInt64 = 0
    for byte in bytes {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  @usableFromInline package static func == (left: Text, right: Text) -> Bool {
    left.bytes.count == right.bytes.count && left.read { bytes in right.read { bytes.isEqual(to: $0) } }
  }

  /// Reads the bytes as a span, with offsets from the first one.
  @inlinable package func read<Value>(_ body: (RawSpan) -> Value) -> Value {
    bytes.withUnsafeBytes { body(RawSpan(_unsafeBytes: $0)) }
  }
  @usableFromInline package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// The few ASCII classes that wire text needs.
@usableFromInline package enum ASCII {
  @inlinable @inline(__always) package static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  @inlinable @inline(__always) package static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  @inlinable @inline(__always) package static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
