/// A UDP datagram between two endpoints.
package struct UDPBuilder: Sendable {
  package static let number: UInt8 = 17

  package var source: HostPort
  package var destination: HostPort
  package var payload: [UInt8]

  package init(from source: HostPort, to destination: HostPort, payload: [UInt8]) {
    self.source = source
    self.destination = destination
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16(source.port)
    writer.u16(destination.port)
    writer.u16(UInt16(payload.count + 8))
    writer.u16(0)
    writer.raw(payload)
    var bytes = writer.bytes
    let sum = Checksum.transport(from: source.host, to: destination.host, number: Self.number, segment: bytes)
    let checksum = sum == 0 ? 0xffff : sum  // zero means "no checksum" (RFC 768)
    bytes[6] = UInt8(checksum >> 8)
    bytes[7] = UInt8(checksum & 0xff)
    return bytes
  }
}

package struct TCPFlags: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let fin = TCPFlags(rawValue: 0x01)
  package static let syn = TCPFlags(rawValue: 0x02)
  package static let rst = TCPFlags(rawValue: 0x04)
  package static let psh = TCPFlags(rawValue: 0x08)
  package static let ack = TCPFlags(rawValue: 0x10)
}

/// A TCP segment between two endpoints, without options.
package struct TCPBuilder: Sendable {
  package static let number: UInt8 = 6

  package var source: HostPort
  package var destination: HostPort
  package var sequence: UInt32
  package var acknowledgement: UInt32
  package var flags: TCPFlags
  package var window: UInt16
  package var payload: [UInt8]

  package init(
    from source: HostPort, to destination: HostPort, sequence: UInt32, acknowledgement: UInt32 = 0,
    flags: TCPFlags = [.psh, .ack], window: UInt16 = 65535, payload: [UInt8] = []
  ) {
    self.source = source
    self.destination = destination
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.flags = flags
    self.window = window
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16(source.port)
    writer.u16(destination.port)
    writer.u32(sequence)
    writer.u32(acknowledgement)
    writer.u8(0x50)
    writer.u8(flags.rawValue)
    writer.u16(window)
    writer.u32(0)
    writer.raw(payload)
    var bytes = writer.bytes
    let sum = Checksum.transport(from: source.host, to: destination.host, number: Self.number, segment: bytes)
    bytes[16] = UInt8(sum >> 8)
    bytes[17] = UInt8(sum & 0xff)
    return bytes
  }
}

/// A G-PDU of GTP-U (TS 29.281) around an IP packet.
package struct GTPUBuilder: Sendable {
  package static let port: UInt16 = 2152

  package var tunnel: UInt32
  /// With it the header has its optional part.
  package var sequence: UInt16?
  /// Type and content of each extension header; the content's length plus two is a multiple of four.
  package var extensions: [(type: UInt8, content: [UInt8])] = []
  package var type: UInt8 = 255
  package var payload: [UInt8]

  package init(tunnel: UInt32, sequence: UInt16? = nil, payload: [UInt8]) {
    self.tunnel = tunnel
    self.sequence = sequence
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var rest = ByteWriter()
    if sequence != nil || !extensions.isEmpty {
      rest.u16(sequence ?? 0)
      rest.u8(0)
      rest.u8(extensions.first?.type ?? 0)
    }
    for (index, item) in extensions.enumerated() {
      rest.u8(UInt8((item.content.count + 2) / 4))
      rest.raw(item.content)
      rest.u8(index + 1 < extensions.count ? extensions[index + 1].type : 0)
    }
    rest.raw(payload)
    var writer = ByteWriter()
    writer.u8(0x30 | (extensions.isEmpty ? 0 : 4) | (sequence == nil ? 0 : 2))
    writer.u8(type)
    writer.u16(UInt16(rest.bytes.count))
    writer.u32(tunnel)
    writer.raw(rest.bytes)
    return writer.bytes
  }
}

/// An ESP packet (RFC 4303) in transport mode with null encryption. The forge knows no cryptography: the caller gives
/// the integrity check value, or a way to make it from the bytes that it covers; one who encrypts finds here what.
package struct ESPBuilder: Sendable {
  package static let number: UInt8 = 50

  package var spi: UInt32
  package var sequence: UInt32
  package var payload: [UInt8]
  package var nextHeader: UInt8

  package init(spi: UInt32, sequence: UInt32, payload: [UInt8], nextHeader: UInt8 = UDPBuilder.number) {
    self.spi = spi
    self.sequence = sequence
    self.payload = payload
    self.nextHeader = nextHeader
  }

  /// What the integrity check value covers: SPI to next header, padded to a multiple of four.
  package var covered: [UInt8] { header + content(blockSize: 4) }

  /// SPI and sequence number.
  package var header: [UInt8] {
    var writer = ByteWriter()
    writer.u32(spi)
    writer.u32(sequence)
    return writer.bytes
  }

  /// Payload to next header, what a cipher encrypts: padded to a multiple of `blockSize`.
  package func content(blockSize: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.raw(payload)
    let padding = UInt8((blockSize - (payload.count + 2) % blockSize) % blockSize)
    if padding > 0 { writer.raw(1...padding) }
    writer.u8(padding)
    writer.u8(nextHeader)
    return writer.bytes
  }

  /// `check` is 12 bytes for hmac-md5-96 and hmac-sha-1-96.
  package func bytes(check: [UInt8]) -> [UInt8] { covered + check }
}

/// Whole frames in one call.
package enum PacketBuilder {
  package static func udp(
    from source: HostPort, to destination: HostPort, identification: UInt16 = 0, timeToLive: UInt8 = 64,
    payload: [UInt8]
  ) -> [UInt8] {
    frame(
      from: source.host, to: destination.host, number: UDPBuilder.number, identification: identification,
      timeToLive: timeToLive, payload: UDPBuilder(from: source, to: destination, payload: payload).bytes)
  }

  package static func tcp(_ segment: TCPBuilder, identification: UInt16 = 0, timeToLive: UInt8 = 64) -> [UInt8] {
    frame(
      from: segment.source.host, to: segment.destination.host, number: TCPBuilder.number,
      identification: identification, timeToLive: timeToLive, payload: segment.bytes)
  }

  package static func sctp(_ packet: SCTPBuilder, identification: UInt16 = 0, timeToLive: UInt8 = 64) -> [UInt8] {
    frame(
      from: packet.source.host, to: packet.destination.host, number: SCTPBuilder.number,
      identification: identification, timeToLive: timeToLive, payload: packet.bytes)
  }

  /// Any IP payload in an Ethernet frame; the addresses decide between IPv4 and IPv6.
  package static func frame(
    from source: HostAddress, to destination: HostAddress, number: UInt8, identification: UInt16 = 0,
    timeToLive: UInt8 = 64, payload: [UInt8]
  ) -> [UInt8] {
    let packet =
      source.isIPv4
      ? IPv4Builder(
        from: source, to: destination, protocolNumber: number, identification: identification, timeToLive: timeToLive,
        payload: payload
      ).bytes
      : IPv6Builder(from: source, to: destination, nextHeader: number, hopLimit: timeToLive, payload: payload).bytes
    return EthernetBuilder(ip: packet).bytes
  }
}
