/// An ICMP or ICMPv6 message that quotes a packet: as much of it as the minimum MTU of the error allows.
package struct ICMPBuilder: Sendable {
  package static let number: UInt8 = 1
  package static let numberV6: UInt8 = 58

  package var type: UInt8
  package var code: UInt8
  package var quoted: [UInt8]

  /// - Parameter quoted: an IP packet, whose version decides which ICMP this is.
  package init(type: UInt8, code: UInt8, quoting quoted: [UInt8]) {
    self.type = type
    self.code = code
    self.quoted = quoted
  }

  /// With the checksum of version 4; in version 6 `from` and `to` are needed for it.
  package func bytes(from source: HostAddress, to destination: HostAddress) -> [UInt8] {
    var writer = ByteWriter()
    writer.u8(type)
    writer.u8(code)
    writer.u16(0)
    writer.u32(0)
    writer.raw(quoted.prefix(source.isIPv4 ? 548 : 1232))
    var bytes = writer.bytes
    let checksum =
      source.isIPv4
      ? Checksum.of(bytes)
      : Checksum.transport(from: source, to: destination, number: Self.numberV6, segment: bytes)
    bytes[2] = UInt8(checksum >> 8)
    bytes[3] = UInt8(checksum & 255)
    return bytes
  }
}
