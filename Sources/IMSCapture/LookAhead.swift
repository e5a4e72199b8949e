import IMSBytes

// What comes next in a file is looked at before its turn has come: whether it ends here, and between whom its packets
// travel. Nothing is given out by it, and nothing mended: at whatever is odd it stops.

extension CaptureReader {
  /// Shows `body` the packets that `next` will give out, the first of them first, each valid until `body` returns. Ends when
  /// it answers false, behind so many packets, or after `Bounds.soughtBytes`.
  ///
  /// - Returns: the file ends behind the last packet that was shown.
  package mutating func lookAhead(_ most: Int, _ body: (borrowing Frame) -> Bool) -> Bool {
    guard peekTime() != nil else { return true }
    var record = pending
    var offset = 0
    for ahead in 0..<UInt32(clamping: most) {
      let start = offset + record.data
      let frame = Frame(
        number: nextNumber &+ ahead, time: record.time - share.shift, interface: record.interface,
        linkType: tallies[Int(record.interface)].linkType, originalLength: record.original,
        fileOffset: file.position + UInt64(offset), bytes: file.span.extracting(start..<start + record.captured))
      guard !share.includes(record.interface) || body(frame) else { return false }
      offset += record.length
      switch self.ahead(at: &offset) {
      case .packet(let next): record = next
      case .end: return true
      case .unclear: return false
      }
    }
    return false
  }

  private enum Ahead {
    case packet(Record)
    case end
    case unclear
  }

  /// The next packet at an offset of the window or behind it, all of which is there then.
  private func ahead(at offset: inout Int) -> Ahead {
    switch format {
    case .pcap: pcapRecord(at: offset)
    case .pcapng: pcapngRecord(at: &offset)
    }
  }

  private func pcapRecord(at offset: Int) -> Ahead {
    guard offset < Bounds.soughtBytes else { return .unclear }
    guard file.fill(offset + pcap.recordHeader) else { return file.available == offset ? .end : .unclear }
    let head = pcap.head(file.span, offset)
    let length = pcap.recordHeader + head.captured
    guard head.isLikely, file.fill(offset + length) else { return .unclear }
    return .packet(
      Record(
        length: length, data: pcap.recordHeader, captured: head.captured, original: UInt32(head.original),
        time: head.time, hasTime: true, interface: 0))
  }

  /// Passes over what holds no packet, as far as it changes nothing.
  private func pcapngRecord(at offset: inout Int) -> Ahead {
    while offset < Bounds.soughtBytes {
      guard file.fill(offset + 12) else { return file.available == offset ? .end : .unclear }
      let (type, length) = (section.u32(file.span, offset), Int(section.u32(file.span, offset + 4)))
      guard PcapngSection.isKnown(type), type != PcapngSection.header, type != 1, length >= 12, length % 4 == 0,
        length <= Bounds.largestSoughtPacket, file.fill(offset + length)
      else { return .unclear }
      if type == 6 { return packet(at: offset, length) }
      if PcapngSection.isPacket(type) { return .unclear }
      offset += length
    }
    return .unclear
  }

  /// An Enhanced Packet.
  private func packet(at offset: Int, _ length: Int) -> Ahead {
    guard length >= 32 else { return .unclear }
    let bytes = file.span.extracting(offset..<offset + length)
    let (index, captured) = (Int(section.u32(bytes, 8)), Int(section.u32(bytes, 20)))
    guard index < section.clocks.count, captured <= length - 32 else { return .unclear }
    let ticks = UInt64(section.u32(bytes, 12)) << 32 | UInt64(section.u32(bytes, 16))
    return .packet(
      Record(
        length: length, data: 28, captured: captured, original: section.u32(bytes, 24),
        time: section.clocks[index].time(ticks), hasTime: true, interface: UInt16(section.base + index)))
  }
}
