import IMSBytes

extension CaptureReader {
  /// A block that can be read begins behind one of this length, or the input ends there.
  func isFollowed(_ length: Int) -> Bool {
    if !file.fill(length + 12) { return file.available <= length }
    return Self.isBlock(at: length, file, section)
  }

  /// Lengths that agree, a type that the draft names, and in a packet an interface that was described.
  private static func isBlock(at offset: Int, _ file: BlockFile, _ section: PcapngSection) -> Bool {
    guard file.fill(offset + 12) else { return false }
    let (type, length): (UInt32, Int)
    do {
      let bytes = file.span
      (type, length) = (section.u32(bytes, offset), Int(section.u32(bytes, offset + 4)))
      if bytes.u32(offset) == PcapngSection.header {
        return [PcapngSection.byteOrderMagic, PcapngSection.byteOrderMagic.byteSwapped].contains(bytes.u32(offset + 8))
      }
    }
    guard PcapngSection.isKnown(type), length >= 12, length % 4 == 0,
      length <= Bounds.largestSoughtPacket, file.fill(offset + length)
    else { return false }
    let bytes = file.span
    guard section.u32(bytes, offset + length - 4) == UInt32(length) else { return false }
    guard type == 6 else { return true }
    return length >= 32 && Int(section.u32(bytes, offset + 8)) < section.clocks.count
      && Int(section.u32(bytes, offset + 20)) <= length - 32
  }

  /// A packet block whose length is wrong, when the next block shows how long it is.
  /// - Parameter needsProof: a block begins where the length says too: its other length must speak against that.
  mutating func mend(_ type: UInt32, claiming length: Int, needsProof: Bool = false) -> Record? {
    let (file, section) = (self.file, self.section)
    guard PcapngSection.isPacket(type),
      let distance = Self.distance(in: file, from: 12, { Self.isBlock(at: $0, file, section) }),
      !needsProof || distance < length && Int(section.u32(file.span, distance - 4)) == distance,
      var record = packetRecord(type, distance)
    else { return nil }
    report("packet \(nextNumber) stands in a block that claims \(length) bytes and has \(distance)")
    if record.hasTime, leaps(record.time) { settle(&record) }
    return record
  }

  /// Goes on with the next block that makes sense, and says what was skipped. False when there is none.
  mutating func recover(_ what: String, isSilent: Bool = false) -> Bool {
    if format == .pcap { return recoverPcap(what, isSilent: isSilent) }
    let (file, section) = (self.file, self.section)
    return resynchronise(what, isSilent: isSilent) { Self.isBlock(at: $0, file, section) }
  }

  /// The stamp of a packet that stands far from the one before it.
  mutating func settle(_ record: inout Record) {
    if record.time == .distantFuture {
      if !section.reportedFarTime {
        section.reportedFarTime = true
        report(
          "stamps of interface \(record.interface) lie behind the year 2262 (a wrong if_tsresol?): its packets take the time of the one before"
        )
      }
      (record.time, record.hasTime) = (timeBefore, false)
      return
    }
    record.time = settled(record.time, of: Int(record.interface), before: nextStamps(behind: record))
  }

  /// As far as they stand in the blocks right behind it. The first packet of all waits for no other.
  private func nextStamps(behind record: Record) -> NextStamps {
    let isFirst = stamp == .distantPast
    var next = NextStamps()
    var offset = record.length
    for _ in 0..<Bounds.blocksLookedAhead where next.own.count < 2 {
      guard isFirst ? file.available >= offset + 28 : file.fill(offset + 28) else { break }
      let bytes = file.span
      let (type, length) = (section.u32(bytes, offset), Int(section.u32(bytes, offset + 4)))
      guard bytes.u32(offset) != PcapngSection.header, length >= 12, length % 4 == 0,
        length <= Bounds.largestSoughtPacket
      else { break }
      let interface =
        type == 6 ? Int(section.u32(bytes, offset + 8)) : type == 2 ? Int(section.u16(bytes, offset + 8)) : -1
      if section.clocks.indices.contains(interface) {
        let ticks = UInt64(section.u32(bytes, offset + 12)) << 32 | UInt64(section.u32(bytes, offset + 16))
        let time = section.clocks[interface].time(ticks)
        if next.any.count < 2 { next.any.append(time) }
        if interface == Int(record.interface) - section.base { next.own.append(time) }
      }
      offset += length
    }
    return next
  }
}
