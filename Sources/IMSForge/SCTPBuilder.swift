// RFC 9260, sections 3.1 to 3.3.1 and appendix A (CRC32c); RFC 8260, section 2.1 (I-DATA).

/// An SCTP packet between two endpoints: the common header and chunks.
package struct SCTPBuilder: Sendable {
  package static let number: UInt8 = 132

  package var source: HostPort
  package var destination: HostPort
  package var verificationTag: UInt32
  package var chunks: [SCTPChunk]

  package init(from source: HostPort, to destination: HostPort, verificationTag: UInt32 = 1, chunks: [SCTPChunk]) {
    self.source = source
    self.destination = destination
    self.verificationTag = verificationTag
    self.chunks = chunks
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16(source.port)
    writer.u16(destination.port)
    writer.u32(verificationTag)
    writer.u32(0)
    for chunk in chunks { writer.raw(chunk.bytes) }
    var bytes = writer.bytes
    let check = Self.crc32c(bytes)
    for index in 0..<4 { bytes[8 + index] = UInt8(check >> (8 * UInt32(index)) & 0xff) }  // the low byte first
    return bytes
  }

  package static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82f6_3b78 : remainder >> 1 }
    }
    return ~remainder
  }
}

/// One chunk of an SCTP packet.
package struct SCTPChunk: Hashable, Sendable {
  package static let begin: UInt8 = 2
  package static let end: UInt8 = 1
  package static let unordered: UInt8 = 4
  package static let whole: UInt8 = 3

  package var type: UInt8
  package var flags: UInt8
  package var value: [UInt8]

  package init(type: UInt8, flags: UInt8 = 0, value: [UInt8] = []) {
    self.type = type
    self.flags = flags
    self.value = value
  }

  /// A DATA chunk; PPID 46 is Diameter.
  package static func data(
    _ tsn: UInt32, stream: UInt16 = 0, sequence: UInt16 = 0, ppid: UInt32 = 46, flags: UInt8 = whole, _ data: [UInt8]
  ) -> SCTPChunk {
    var writer = ByteWriter()
    writer.u32(tsn)
    writer.u16(stream)
    writer.u16(sequence)
    writer.u32(ppid)
    writer.raw(data)
    return SCTPChunk(type: 0, flags: flags, value: writer.bytes)
  }

  /// An I-DATA chunk: `identifier` is the PPID in the first fragment and the fragment's number in the others.
  package static func interleaved(
    _ tsn: UInt32, stream: UInt16 = 0, message: UInt32 = 0, identifier: UInt32 = 46, flags: UInt8 = whole,
    _ data: [UInt8]
  ) -> SCTPChunk {
    var writer = ByteWriter()
    writer.u32(tsn)
    writer.u16(stream)
    writer.u16(0)
    writer.u32(message)
    writer.u32(identifier)
    writer.raw(data)
    return SCTPChunk(type: 64, flags: flags, value: writer.bytes)
  }

  /// A user message in DATA chunks of at most `size` bytes each, with successive TSNs.
  package static func fragments(
    of message: [UInt8], size: Int, tsn: UInt32, stream: UInt16 = 0, sequence: UInt16 = 0, ppid: UInt32 = 46,
    isUnordered: Bool = false
  ) -> [SCTPChunk] {
    precondition(size > 0 && !message.isEmpty, "a fragment carries a byte at the least")
    return stride(from: 0, to: message.count, by: size).enumerated().map { index, start in
      let stop = min(start + size, message.count)
      let flags = (start == 0 ? begin : 0) | (stop == message.count ? end : 0) | (isUnordered ? unordered : 0)
      return .data(
        tsn &+ UInt32(index), stream: stream, sequence: sequence, ppid: ppid, flags: flags,
        Array(message[start..<stop]))
    }
  }

  /// A SACK that acknowledges everything up to `tsn`.
  package static func sack(_ tsn: UInt32) -> SCTPChunk {
    var writer = ByteWriter()
    writer.u32(tsn)
    writer.u32(0x1_0000)
    writer.u32(0)
    return SCTPChunk(type: 3, value: writer.bytes)
  }

  /// The length field leaves the padding out.
  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u8(type)
    writer.u8(flags)
    writer.u16(UInt16(value.count + 4))
    writer.raw(value)
    writer.raw(repeatElement(0, count: (4 - value.count % 4) % 4))
    return writer.bytes
  }
}
