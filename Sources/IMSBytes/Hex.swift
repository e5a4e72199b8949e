/// Hexadecimal text, lower case, without separators.
package enum Hex {
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: octets(bytes), as: UTF8.self)
  }

  /// The same as ASCII.
  package static func octets(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      result.append(digit(byte >> 4))
      result.append(digit(byte & 15))
    }
    return result
  }

  /// White space between digits is skipped; nil for any other character or an odd number of digits.
  package static func decode(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var pending: UInt8?
    for byte in text.utf8 where ![0x20, 0x09, 0x0a, 0x0d].contains(byte) {
      guard let value = nibble(byte) else { return nil }
      if let high = pending {
        result.append(high << 4 | value)
        pending = nil
      } else {
        pending = value
      }
    }
    return pending == nil ? result : nil
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
