package import IMSBytes

/// Keeps keys out of every output. CK and IK travel in `ck` and `ik` of WWW-Authenticate between S-CSCF and P-CSCF
/// (TS 24.229 §5.4.1.2.1); a dump must show that they are there, never what they are.
package enum Redaction {
  /// The value on one line, with the value of every `ck` and `ik` parameter replaced by its length.
  ///
  /// In a header that carries no credentials, and inside a quoted string, only a value that is at least 16 hexadecimal
  /// digits long is taken for a key (in a header whose quotes do not pair, every value is): nothing there may have these names by right, but a broken message can.
  package static func redacted(headerValue: Text, of name: HeaderName) -> String {
    let bytes = headerValue.unfolded.bytes.map { $0 == 0x09 ? 0x20 : $0 }
    var output: [UInt8] = []
    let balanced = bytes.count { $0 == 0x22 } % 2 == 0
    var index = 0
    var quoted = false
    while index < bytes.count {
      if let key = keyParameter(bytes, at: index),
        name.isCredentials && !(quoted && balanced) || key.hexDigits >= 16
      {
        output += bytes[index..<key.value.lowerBound]
        output += Array(key.replacement.utf8)
        // The quote in front of it was passed over; the one behind it is met next.
        if bytes[key.value.lowerBound - 1] == 0x22 { quoted.toggle() }
        index = key.value.upperBound
        continue
      }
      if quoted, bytes[index] == 0x5c, index + 1 < bytes.count {
        output.append(bytes[index])
        index += 1
      } else if bytes[index] == 0x22 {
        quoted.toggle()
      }
      output.append(bytes[index])
      index += 1
    }
    return Text(output).string
  }

  private struct Key {
    /// Without the quotes.
    var value: Range<Int>
    var hexDigits: Int
    var replacement: String
  }

  /// The `ck` or `ik` parameter whose name begins at `index`.
  private static func keyParameter(_ bytes: [UInt8], at index: Int) -> Key? {
    guard index + 2 < bytes.count, bytes[index + 1] | 0x20 == 0x6b,
      bytes[index] | 0x20 == 0x63 || bytes[index] | 0x20 == 0x69,
      index == 0 || !ASCII.isToken(bytes[index - 1])
    else { return nil }
    var at = index + 2
    while at < bytes.count, ASCII.isLWS(bytes[at]) { at += 1 }
    guard at < bytes.count, bytes[at] == 0x3d else { return nil }
    at += 1
    while at < bytes.count, ASCII.isLWS(bytes[at]) { at += 1 }
    let value = valueRange(bytes, at: at)
    // What was redacted once stays as it is.
    guard !value.isEmpty, !bytes[value].starts(with: "‹".utf8) else { return nil }
    let isHex = bytes[value].allSatisfy { ASCII.hexValue($0) != nil }
    return Key(
      value: value, hexDigits: bytes[value].prefix { ASCII.hexValue($0) != nil }.count,
      replacement: isHex && value.count % 2 == 0 ? "‹\(value.count / 2) bytes›" : "‹key›")
  }

  private static func valueRange(_ bytes: [UInt8], at start: Int) -> Range<Int> {
    guard start < bytes.count else { return start..<start }
    var end = start
    guard bytes[start] == 0x22 else {
      while end < bytes.count, bytes[end] != 0x2c { end += 1 }
      while end > start, ASCII.isLWS(bytes[end - 1]) { end -= 1 }
      return start..<end
    }
    end = start + 1
    while end < bytes.count, bytes[end] != 0x22 { end += bytes[end] == 0x5c ? 2 : 1 }
    return (start + 1)..<min(end, bytes.count)
  }
}
