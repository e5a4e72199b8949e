// draft-ietf-opsawg-pcapng, section 4.6 (Interface Statistics Block): counters since the capture began, in options.

import IMSBytes

/// What a recorder says that it lost itself, of one interface.
struct DroppedPackets: BitwiseCopyable {
  /// `isb_ifdrop` and `isb_osdrop`: by the interface, and by the operating system.
  var count: UInt64
  /// `isb_ifrecv`; nil when it is not told.
  var received: UInt64?
  /// Of the last block that told it.
  var offset: UInt64
}

extension CaptureReader {
  /// Remembers the counters of a block that lies whole in the window; a later one of the same interface replaces them.
  mutating func noteStatistics(_ length: Int) {
    let file = self.file
    let bytes = file.span.extracting(0..<length)
    guard length >= 24 else { return }
    let interface = Int(section.u32(bytes, 8))
    guard interface < section.clocks.count else { return }
    var counters = DroppedPackets(count: 0, received: nil, offset: file.position)
    var offset = 20
    while offset + 4 <= length - 4 {
      let (code, size) = (section.u16(bytes, offset), Int(section.u16(bytes, offset + 2)))
      let value = offset + 4
      guard code != 0, value + size <= length - 4 else { break }
      if size == 8 {
        switch code {
        case 4: counters.received = section.u64(bytes, value)
        case 5, 7:
          let (sum, overflow) = counters.count.addingReportingOverflow(section.u64(bytes, value))
          counters.count = overflow ? .max : sum
        default: break
        }
      }
      offset = value + (size + 3) & ~3
    }
    dropped[section.base + interface] = counters
  }

  /// At the end: which interfaces did not give everything they saw.
  mutating func reportDropped() {
    for (interface, counters) in dropped.sorted(by: { $0.key < $1.key }) where counters.count > 0 {
      let name = interfaces[interface].name.map { "interface \($0)" } ?? "interface \(interface)"
      let received = counters.received.map { " of \($0)" } ?? ""
      report("the recorder itself lost \(counters.count)\(received) packets of \(name)", at: counters.offset)
    }
  }
}
