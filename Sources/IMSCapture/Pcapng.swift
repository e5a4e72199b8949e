// draft-ietf-opsawg-pcapng: blocks (section 3.1), Section Header (4.1), Interface Description (4.2), Enhanced Packet
// (4.3), Simple Packet (4.4), the obsolete Packet Block (appendix A).

import IMSBytes

/// The section that is being read.
struct PcapngSection {
  static let header: UInt32 = 0x0a0d_0d0a
  static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
  /// A block that holds something else than a packet may be larger: names, keys, counters.
  static var largestBlock: Int { Bounds.largestBlock }

  static func isPacket(_ type: UInt32) -> Bool { type == 2 || type == 3 || type == 6 }

  /// Sections, interfaces, packets; names, counters, journals, secrets and custom blocks.
  static func isKnown(_ type: UInt32) -> Bool {
    switch type {
    case header, 1...6, 9, 10, 0x0bad, 0x4000_0bad: true
    default: false
    }
  }

  var isLittleEndian = true
  /// Index in `CaptureReader.interfaces` of the section's interface 0.
  var base = 0
  /// Of the section's interfaces.
  var clocks: [PcapngClock] = []
  /// Of its options: hardware, operating system, program.
  var writer = Fingerprint.empty
  var reportedMissingTime = false
  var reportedFarTime = false

  @inline(__always)
  func u16(_ bytes: RawSpan, _ offset: Int) -> UInt16 {
    isLittleEndian ? bytes.u16(offset).byteSwapped : bytes.u16(offset)
  }
  @inline(__always)
  func u32(_ bytes: RawSpan, _ offset: Int) -> UInt32 {
    isLittleEndian ? bytes.u32(offset).byteSwapped : bytes.u32(offset)
  }
  @inline(__always)
  func u64(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
    isLittleEndian ? bytes.u64(offset).byteSwapped : bytes.u64(offset)
  }
}

extension CaptureReader {
  mutating func checkFirstSection() throws(InputError) {
    guard file.fill(12) else { throw Self.cut(file, "the first block of pcapng") }
    guard sectionOrder() != nil else { throw Self.notACapture(file) }
  }

  private static var largestPacketBlock: Int { largestPacket + 1 << 16 }

  /// The usual case: at the start of the window lies an Enhanced Packet Block, whole, of which nothing is odd. Nil for
  /// everything else, which `locatePcapngRecord` looks at again.
  @inline(__always)
  func enhancedPacket() -> Record? {
    let bytes = file.span
    guard bytes.byteCount >= 32, section.u32(bytes, 0) == 6 else { return nil }
    let length = Int(section.u32(bytes, 4))
    let captured = Int(section.u32(bytes, 20))
    let index = Int(section.u32(bytes, 8))
    guard length >= 32, length & 3 == 0, length <= min(bytes.byteCount, Self.largestPacketBlock),
      captured <= length - 32, index < section.clocks.count, section.u32(bytes, length - 4) == UInt32(length)
    else { return nil }
    let ticks = UInt64(section.u32(bytes, 12)) << 32 | UInt64(section.u32(bytes, 16))
    let time = section.clocks[index].time(ticks)
    if leaps(time) { return nil }
    return Record(
      length: length, data: 28, captured: captured, original: section.u32(bytes, 24), time: time, hasTime: true,
      interface: UInt16(truncatingIfNeeded: section.base + index))
  }

  /// Reads blocks until one holds a packet.
  mutating func locatePcapngRecord() -> Record? {
    while true {
      guard file.fill(8) else {
        if file.available > 0 { reportBreak("a block header after packet \(packets)") }
        return nil
      }
      let isHeader = file.span.u32(0) == PcapngSection.header
      if isHeader, !openSection() {
        if isCutHeader { return nil }
        guard recover("section header without byte-order magic after packet \(packets)") else { return nil }
        continue
      }
      let type = isHeader ? PcapngSection.header : section.u32(file.span, 0)
      let length = Int(section.u32(file.span, 4))
      let isPacket = PcapngSection.isPacket(type)
      guard length >= 12, length % 4 == 0,
        length <= (isPacket ? Self.largestPacketBlock : PcapngSection.largestBlock)
      else {
        if let record = mend(type, claiming: length) { return record }
        guard recover("block of \(length) bytes after packet \(packets)") else { return nil }
        continue
      }
      guard isPacket || isHeader || type == 1 else {
        guard pass(type, length) else { return nil }
        continue
      }
      guard file.fill(length) else {
        let wasRecovered = file.mayGoOn && recover("block of \(length) bytes after packet \(packets)", isSilent: true)
        if wasRecovered { continue }
        reportBreak(isPacket ? "packet \(nextNumber)" : "a block after packet \(packets)")
        return nil
      }
      if section.u32(file.span, length - 4) != UInt32(length) {
        let isFollowed = isFollowed(length)
        // A damaged length may lead to the beginning of a later block by chance.
        if let record = mend(type, claiming: length, needsProof: isFollowed) { return record }
        if !isFollowed {
          guard recover("block of \(length) bytes after packet \(packets)") else { return nil }
          continue
        }
        report("the two lengths of a block after packet \(packets) differ")
      }
      if isPacket, var record = packetRecord(type, length) {
        if record.hasTime, leaps(record.time) { settle(&record) }
        return record
      }
      if isHeader, length >= 28 { section.writer = Fingerprint(of: file.span.extracting(24..<length - 4)) }
      if type == 1 { describeInterface(length) }
      _ = file.skip(length)
    }
  }

  /// A block that holds neither packets nor what they need; false at the end of the input.
  private mutating func pass(_ type: UInt32, _ length: Int) -> Bool {
    let place = "block of \(length) bytes after packet \(packets)"
    if !PcapngSection.isKnown(type) { report("\(place) skipped: unknown type 0x\(String(type, radix: 16))") }
    if length <= Bounds.largestSoughtPacket {
      if !file.fill(length) {
        if file.mayGoOn, recover(place, isSilent: true) { return true }
      } else if section.u32(file.span, length - 4) != UInt32(length), !isFollowed(length) {
        return recover(place)
      } else if type == 5 {
        noteStatistics(length)
      }
    }
    if file.skip(length) { return true }
    reportBreak("a block after packet \(packets)")
    return false
  }

  /// The input ends in a section header.
  private var isCutHeader: Bool { file.available < 12 }

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
      return false
    }
    section.isLittleEndian = isLittleEndian
    section.base = interfaceCount
    section.clocks = []
    section.writer = .empty
    return true
  }

  private mutating func describeInterface(_ length: Int) {
    guard length >= 20, interfaceCount < Bounds.interfaces else {
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
    describe(Interface(name: name, linkType: linkType(number), packets: 0))
    var origin = section.writer
    origin.combine(bytes.extracting(8..<length - 4))
    origins.append(origin)
  }

  /// A Simple Packet has no stamp: it stands at the one before it.
  var timeBefore: Timestamp { stamp == .distantPast ? Timestamp(nanoseconds: 0) : stamp }

  /// Nil, with an issue, when the block makes no sense.
  mutating func packetRecord(_ type: UInt32, _ length: Int) -> Record? {
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
      length: length, data: data, captured: 0, original: 0, time: timeBefore, hasTime: !isSimple,
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
    return record
  }
}
