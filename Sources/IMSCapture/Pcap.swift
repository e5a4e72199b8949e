// draft-ietf-opsawg-pcap: file header (section 4), packet record (section 5).

import IMSBytes

/// What stands before the bytes of a packet.
struct PcapHead: BitwiseCopyable {
  var time: Timestamp
  var captured: Int
  var original: Int
  /// The second time field is less than a second.
  var hasFraction: Bool
}

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

  @inline(__always)
  func u32(_ bytes: RawSpan, _ offset: Int) -> UInt32 {
    isLittleEndian ? bytes.u32(offset).byteSwapped : bytes.u32(offset)
  }

  /// Of the record at `offset`, of whose header all is there.
  func head(_ bytes: RawSpan, _ offset: Int) -> PcapHead {
    let fraction = Int64(u32(bytes, offset + 4)) * unit
    return PcapHead(
      time: Timestamp(nanoseconds: Int64(u32(bytes, offset)) * 1_000_000_000 + fraction),
      captured: Int(u32(bytes, offset + 8)), original: Int(u32(bytes, offset + 12)),
      hasFraction: fraction < 1_000_000_000)
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
    describe(Interface(name: nil, linkType: linkType(number), packets: 0))
    origins = [Fingerprint(of: file.span.extracting(0..<24))]
    _ = file.skip(24)
  }

  mutating func locatePcapRecord() -> Record? {
    let file = self.file
    while true {
      guard file.fill(pcap.recordHeader) else {
        if file.available > 0 { reportBreak("packet \(nextNumber)") }
        return nil
      }
      var head = pcap.head(file.span, 0)
      if head.captured > min(head.original, Self.largestPacket) || leaps(head.time) {
        guard examine(&head) else {
          guard recover("packet \(nextNumber) claims \(head.captured) bytes") else { return nil }
          continue
        }
      }
      guard file.fill(pcap.recordHeader + head.captured) else {
        if file.mayGoOn, recover("packet \(nextNumber) claims \(head.captured) bytes", isSilent: true) { continue }
        reportBreak("packet \(nextNumber)")
        return nil
      }
      return Record(
        length: pcap.recordHeader + head.captured, data: pcap.recordHeader, captured: head.captured,
        original: UInt32(head.original), time: head.time, hasTime: true, interface: 0)
    }
  }
}
