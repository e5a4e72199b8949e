/// Base 64 (RFC 4648 §4).
package enum Base64 {
  /// Nil for a character outside the alphabet, or a length that no octets have. Padding may be missing.
  package static func decode(_ text: Text) -> [UInt8]? { text.read { decode($0) } }

  private static func decode(_ span: RawSpan) -> [UInt8]? {
    var end = span.byteCount
    while end > 0, span.u8(end - 1) == UInt8(ascii: "=") { end -= 1 }
    guard end % 4 != 1 else { return nil }
    var isWhole = true
    let result = [UInt8](unsafeUninitializedCapacity: end / 4 * 3 + 3) { room, count in
      var bits: UInt32 = 0
      for index in 0..<end {
        guard let value = value(span.u8(index)) else {
          isWhole = false
          return
        }
        bits = bits << 6 | UInt32(value)
        // The characters of each four give nothing, then an octet each: of 12, 18 and 24 bits the upper 8 that are new.
        let place = index & 3
        if place == 0 { continue }
        room[count] = UInt8(truncatingIfNeeded: bits >> UInt32(6 - 2 * place))
        count += 1
      }
    }
    return isWhole ? result : nil
  }

  /// With padding.
  package static func encode(_ octets: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)
    var text = ""
    for start in stride(from: 0, to: octets.count, by: 3) {
      let group = octets[start..<min(start + 3, octets.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        text.unicodeScalars.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : "=")
      }
    }
    return text
  }

  @inline(__always)
  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5a: character - 0x41
    case 0x61...0x7a: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case 0x2b: 62
    case 0x2f: 63
    default: nil
    }
  }
}
