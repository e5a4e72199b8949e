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
  package static func decode(_ text: String) -> [UInt8]? { decode(Text(text)) }

  package static func decode(_ text: Text) -> [UInt8]? {
    text.read { span in
      var isWhole = true
      let result = [UInt8](unsafeUninitializedCapacity: (span.byteCount + 1) / 2) { room, count in
        var pending: UInt8?
        for index in 0..<span.byteCount {
          let character = span.u8(index)
          if ASCII.isLWS(character) { continue }
          guard let value = nibble(character) else {
            isWhole = false
            return
          }
          if let high = pending {
            room[count] = high << 4 | value
            count += 1
            pending = nil
          } else {
            pending = value
          }
        }
        isWhole = pending == nil
      }
      return isWhole ? result : nil
    }
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
