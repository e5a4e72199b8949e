import IMSBytes
import CZlib

/// RFC 1950: a whole packed payload at once.
package enum Zlib {
  /// What unpacks to more is refused: no message of a datagram is larger.
  package static let largest = Bounds.packedPayload

  /// Nil when the bytes are damaged, or unpack to more than `largest`.
  package static func unpack(_ bytes: RawSpan) -> [UInt8]? {
    for room in [1 << 16, largest] {
      var count = uLongf(room)
      var result: Int32 = Z_DATA_ERROR
      let plain = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
        result = bytes.withUnsafeBytes { packed in
          uncompress(
            buffer.baseAddress, &count, packed.bindMemory(to: UInt8.self).baseAddress, uLong(packed.count))
        }
        initialized = result == Z_OK ? Int(count) : 0
      }
      if result == Z_OK { return plain }
      if result != Z_BUF_ERROR { return nil }
    }
    return nil
  }
}
