// draft-ietf-opsawg-pcapng: blocks (section 3.1), Section Header (4.1), Interface Description (4.2), Enhanced Packet
// (4.3), Simple Packet (4.4), the obsolete Packet Block (appendix A).

import IMSBytes

/// The section that is being read.
struct PcapngSection {
  static let header: UInt32 = 0x0a0d_0d0a
  static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
  /// A block that holds something else than a packet may be larger: names, keys, counters.
  static let largestBlock = 256 << 20

  var isLittleEndian = true
  /// Index in `CaptureReader.interfaces` of the section's interface 0.
  var base = 0
  /// Of the section's interfaces.
  var clocks: [PcapngClock] = []
  /// A Simple Packet has no stamp: it stands at the one before it.
  var lastTime = Timestamp(nanoseconds: 0)
  var reportedMissingTime = false

  func u16(_ bytes: RawSpan, _ offset: Int) -> UInt16 {
    isLittleEndian ? bytes.u16(offset).byteSwapped : bytes.u16(offset)
  }
  func u32(_ bytes: RawSpan, _ offset: Int) -> UInt32 {
    isLittleEndian ? bytes.u32(offset).byteSwapped : bytes.u32(offset)
  }
  func u64(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
    isLittleEndian ? bytes.u64(offset).byteSwapped : bytes.u64(offset)
  }
}

extension CaptureReader {
  mutating func checkFirstSection() throws(InputError) {
    guard file.fill(12) else { throw Self.cut(file, "the first block of pcapng") }
    guard sectionOrder() != nil else { throw Self.notACapture(file) }
  }

  /// Reads blocks until one holds a packet.
  mutating func locatePcapngRecord() -> Record? {
    while true {
      guard file.fill(8) else {
        if file.available > 0 { reportBreak("a block header after packet \(packets)") }
        return nil
      }
      let isHeader = file.span.u32(0) == PcapngSection.header
      if isHeader, !openSection() { return nil }
      let type = isHeader ? PcapngSection.header : section.u32(file.span, 0)
      let length = Int(section.u32(file.span, 4))
      let isPacket = type == 2 || type == 3 || type == 6
      guard length >= 12, length % 4 == 0,
        length <= (isPacket ? Self.largestPacket + 1 << 16 : PcapngSection.largestBlock)
      else {
        report("block of \(length) bytes after packet \(packets): damaged, not read further")
        return nil
      }
      guard isPacket || isHeader || type == 1 else {
        guard file.skip(length) else {
          reportBreak("a block after packet \(packets)")
          return nil
        }
        continue
      }
      guard file.fill(length) else {
        reportBreak(isPacket ? "packet \(nextNumber)" : "a block after packet \(packets)")
        return nil
      }
      if section.u32(file.span, length - 4) != UInt32(length) {
        report("the two lengths of a block after packet \(packets) differ")
      }
      if isPacket, let record = packetRecord(type, length) { return record }
      if type == 1 { describeInterface(length) }
      _ = file.skip(length)
    }
  }

  /// The byte order of the Section Header at the start of the window; nil when its magic is none.
  private func sectionOrder() -> Bool? {
    switch file.span.u32(8) {
    case PcapngSection.byteOrderMagic: false
    case PcapngSection.byteOrderMagic.byteSwapped: true
    default: nil
    }
  }

  private mutating func openSection() -> Bool {
    guard file.fill(12) else {
      reportBreak("a block after packet \(packets)")
      return false
    }
    guard let isLittleEndian = sectionOrder() else {
      report("section header without byte-order magic after packet \(packets): damaged, not read further")
      return false
    }
    section.isLittleEndian = isLittleEndian
    section.base = interfaces.count
    section.clocks = []
    return true
  }

  private mutating func describeInterface(_ length: Int) {
    guard length >= 20, interfaces.count < Int(UInt16.max) else {
      report(length < 20 ? "interface description of \(length) bytes" : "more than 65535 interfaces")
      return
    }
    let file = self.file
    let bytes = file.span.extracting(0..<length)
    var clock = PcapngClock(snapLength: section.u32(bytes, 12))
    var name: String?
    var offset = 16
    while offset + 4 <= length - 4 {
      let code = section.u16(bytes, offset)
      let size = Int(section.u16(bytes, offset + 2))
      let value = offset + 4
      guard code != 0, value + size <= length - 4 else { break }
      switch (code, size) {
      case (2, 1...): name = Text(bytes.extracting(value..<value + size).array).string
      case (9, 1): clock.resolution = bytes.u8(value)
      case (14, 8): clock.offset = Int64(bitPattern: section.u64(bytes, value))
      default: break
      }
      offset = value + (size + 3) & ~3
    }
    section.clocks.append(clock)
    let number = UInt32(section.u16(bytes, 8))
    interfaces.append(Interface(name: name, linkType: linkType(number), packets: 0))
  }

  /// Nil, with an issue, when the block makes no sense.
  private mutating func packetRecord(_ type: UInt32, _ length: Int) -> Record? {
    let file = self.file
    let bytes = file.span.extracting(0..<length)
    let isSimple = type == 3
    let data = isSimple ? 12 : 28
    guard length >= data + 4 else {
      report("packet block of \(length) bytes after packet \(packets)")
      return nil
    }
    let index = isSimple ? 0 : type == 6 ? Int(section.u32(bytes, 8)) : Int(section.u16(bytes, 8))
    guard index < section.clocks.count else {
      report("packet of an interface that is not described after packet \(packets)")
      return nil
    }
    let clock = section.clocks[index]
    var record = Record(
      length: length, data: data, captured: 0, original: 0, time: section.lastTime, hasTime: !isSimple,
      interface: UInt16(section.base + index))
    if isSimple {
      record.original = section.u32(bytes, 8)
      let limit = clock.snapLength == 0 ? UInt32.max : clock.snapLength
      record.captured = min(Int(min(record.original, limit)), length - 16)
      if !section.reportedMissingTime {
        section.reportedMissingTime = true
        report("packets without time stamp (Simple Packet Block)")
      }
      return record
    }
    record.captured = Int(section.u32(bytes, 20))
    record.original = section.u32(bytes, 24)
    guard record.captured <= length - 32 else {
      report("packet of \(record.captured) bytes in a block of \(length) after packet \(packets)")
      return nil
    }
    record.time = clock.time(UInt64(section.u32(bytes, 12)) << 32 | UInt64(section.u32(bytes, 16)))
    section.lastTime = record.time
    return record
  }
}
