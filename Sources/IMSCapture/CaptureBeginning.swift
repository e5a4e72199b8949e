import IMSBytes

/// A file that does not begin as a capture does may be a piece of one, or a capture behind something else: a capture begins
/// at the first header in it that can be one.
enum CaptureBeginning {
  /// To the first header; nil when none stands in what may be held of a file (`Bounds.soughtBytes`).
  static func distance(in file: BlockFile) -> Int? {
    CaptureReader.distance(in: file, from: 1) { isHeader(at: $0, file) }
  }

  /// What four bytes alone would not tell: a byte-order magic that fits in a section of pcapng, version 2.4 in a pcap.
  private static func isHeader(at offset: Int, _ file: BlockFile) -> Bool {
    let first = file.span.u32(offset)
    if first == PcapngSection.header {
      var section = PcapngSection()
      switch file.span.u32(offset + 8) {
      case PcapngSection.byteOrderMagic: section.isLittleEndian = false
      case PcapngSection.byteOrderMagic.byteSwapped: break
      default: return false
      }
      let length = Int(section.u32(file.span, offset + 4))
      guard length >= 28, length % 4 == 0, length <= Bounds.largestSoughtPacket, file.fill(offset + length) else {
        return false
      }
      return section.u32(file.span, offset + length - 4) == UInt32(length)
    }
    guard let layout = PcapLayout(magic: first), file.fill(offset + 24) else { return false }
    let version = layout.u32(file.span, offset + 4)
    // Two fields of 16 bits, in the order of the file.
    return layout.isLittleEndian ? version == 4 << 16 | 2 : version == 2 << 16 | 4
  }

  /// Do blocks of pcapng stand here, though no section that would tell what their packets are?
  static func isInsideSection(_ file: BlockFile) -> Bool {
    [true, false].contains { isLittleEndian in
      var section = PcapngSection()
      section.isLittleEndian = isLittleEndian
      return CaptureReader.distance(in: file, from: 0) { isPacketBlock(at: $0, file, section) } != nil
    }
  }

  /// An Enhanced Packet whose lengths agree.
  private static func isPacketBlock(at offset: Int, _ file: BlockFile, _ section: PcapngSection) -> Bool {
    guard section.u32(file.span, offset) == 6 else { return false }
    let length = Int(section.u32(file.span, offset + 4))
    guard length >= 32, length % 4 == 0, length <= Bounds.largestSoughtPacket, file.fill(offset + length) else {
      return false
    }
    let captured = Int(section.u32(file.span, offset + 20))
    return section.u32(file.span, offset + length - 4) == UInt32(length)
      && (length - 35...length - 32).contains(captured)
  }
}
