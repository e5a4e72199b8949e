/// Hexadecimal text, lower case, without separators.
package enum Hex {
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes).withUnsafeBytes { octets(RawSpan(_unsafeBytes: $0)) }, as: UTF8.self)
  }

  /// The same as ASCII.
  package static func octets(_ bytes: RawSpan) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 2 * bytes.byteCount) { buffer, count in
      for index in 0..<bytes.byteCount {
        buffer[2 * index] = digit(bytes.u8(index) >> 4)
        buffer[2 * index + 1] = digit(bytes.u8(index) & 15)
      }
      count = 2 * bytes.byteCount
    }
  }

  /// Puts the digits of some bytes in the place of what stood in `octets`, which keeps its room.
  package static func replace(_ octets: inout [UInt8], with bytes: RawSpan) {
    let count = 2 * bytes.byteCount
    if octets.count > count {
      octets.removeLast(octets.count - count)
    } else {
      octets.append(contentsOf: repeatElement(0, count: count - octets.count))
    }
    octets.withUnsafeMutableBufferPointer { buffer in
      for index in 0..<bytes.byteCount {
        buffer[2 * index] = digit(bytes.u8(index) >> 4)
        buffer[2 * index + 1] = digit(bytes.u8(index) & 15)
      }
    }
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
