/// The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words.
package struct Checksum: Sendable {
  private var sum: UInt64 = 0

  package init() {}

  /// Each call starts at an even offset: bytes of odd number are padded with zero.
  package mutating func add(_ bytes: some Collection<UInt8>) {
    var high: UInt64?
    for byte in bytes {
      if let first = high {
        sum += first << 8 | UInt64(byte)
        high = nil
      } else {
        high = UInt64(byte)
      }
    }
    if let first = high { sum += first << 8 }
  }

  package var value: UInt16 {
    var folded = sum
    while folded > 0xffff { folded = (folded & 0xffff) + (folded >> 16) }
    return ~UInt16(folded)
  }

  package static func of(_ bytes: some Collection<UInt8>) -> UInt16 {
    var checksum = Checksum()
    checksum.add(bytes)
    return checksum.value
  }

  /// Over the pseudo-header of RFC 768/793 (IPv4) or RFC 8200 §8.1 (IPv6) and the segment, whose own checksum field is
  /// zero.
  package static func transport(
    from source: HostAddress, to destination: HostAddress, number: UInt8, segment: some Collection<UInt8>
  ) -> UInt16 {
    var checksum = Checksum()
    checksum.add(source.bytes)
    checksum.add(destination.bytes)
    checksum.add([0, number, UInt8(segment.count >> 8 & 0xff), UInt8(segment.count & 0xff)])
    checksum.add(segment)
    return checksum.value
  }
}
