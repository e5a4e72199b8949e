// draft-ietf-opsawg-pcap: file header (section 4), packet record (section 5).

import IMSBytes

/// What the file header says about the records.
struct PcapLayout: BitwiseCopyable {
  var isLittleEndian = true
  /// Nanoseconds of one unit of the second time field.
  var unit: Int64 = 1000
  /// 24 in the "modified" format (ifindex, protocol and packet type follow the lengths).
  var recordHeader = 16

  /// Nil for no magic of pcap.
  init?(magic: UInt32) {
    switch magic {
    case 0xa1b2_c3d4: self.init(false, 1000, 16)
    case 0xd4c3_b2a1: self.init(true, 1000, 16)
    case 0xa1b2_3c4d: self.init(false, 1, 16)
    case 0x4d3c_b2a1: self.init(true, 1, 16)
    case 0xa1b2_cd34: self.init(false, 1000, 24)
    case 0x34cd_b2a1: self.init(true, 1000, 24)
    default: return nil
    }
  }

  init() {}

  private init(_ isLittleEndian: Bool, _ unit: Int64, _ recordHeader: Int) {
    self.isLittleEndian = isLittleEndian
    self.unit = unit
    self.recordHeader = recordHeader
  }

  func u32(_ bytes: RawSpan, _ offset: Int) -> UInt32 {
    isLittleEndian ? bytes.u32(offset).byteSwapped : bytes.u32(offset)
  }
}

extension CaptureReader {
  mutating func readPcapHeader() throws(InputError) {
    let file = self.file
    guard file.available >= 4, let layout = PcapLayout(magic: file.span.u32(0)) else { throw Self.notACapture(file) }
    guard file.fill(24) else { throw Self.cut(file, "the file header of pcap") }
    pcap = layout
    // The upper half of the field tells the length of a frame check sequence.
    let number = layout.u32(file.span, 20) & 0xffff
    interfaces = [Interface(name: nil, linkType: linkType(number), packets: 0)]
    _ = file.skip(24)
  }

  mutating func locatePcapRecord() -> Record? {
    let file = self.file
    let header = pcap.recordHeader
    guard file.fill(header) else {
      if file.available > 0 { reportBreak("packet \(nextNumber)") }
      return nil
    }
    let seconds: UInt32
    let fraction: UInt32
    let captured: Int
    let original: UInt32
    do {
      let bytes = file.span
      seconds = pcap.u32(bytes, 0)
      fraction = pcap.u32(bytes, 4)
      captured = Int(pcap.u32(bytes, 8))
      original = pcap.u32(bytes, 12)
    }
    guard captured <= Self.largestPacket else {
      report("packet \(nextNumber) claims \(captured) bytes: damaged, not read further")
      return nil
    }
    guard file.fill(header + captured) else {
      reportBreak("packet \(nextNumber)")
      return nil
    }
    let time = Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(fraction) * pcap.unit)
    return Record(
      length: header + captured, data: header, captured: captured, original: original, time: time, hasTime: true,
      interface: 0)
  }
}
