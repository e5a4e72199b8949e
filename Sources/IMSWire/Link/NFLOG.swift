// LINKTYPE_NFLOG as tcpdump.org describes it; the attributes are those of linux/netfilter/nfnetlink_log.h.
//
//   family 1 (AF_ of Linux), version 1 = 0, resource 2
//   attributes    length 2 (with these four octets), type 2, both in the byte order of the host; value, padding to four

import IMSBytes
import IMSCapture

enum NFLOG {
  private static let payload: UInt16 = 9

  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 8 else { return walk.stop("NFLOG", "header cut", at: bytes.byteCount) }
    guard bytes.u8(1) == 0 else { return walk.stop("NFLOG", "version is not 0", at: 1) }
    // An attribute is shorter than 64 KiB: read in the wrong order its length leads nowhere.
    guard let range = find(bytes, isLittleEndian: true) ?? find(bytes, isLittleEndian: false) else {
      return walk.stop("NFLOG", "no payload among the attributes", at: 4)
    }
    walk.layers.append(.nflog)
    walk.start += range.lowerBound
    walk.limit(to: range.count)
    return .link(.raw)
  }

  /// Where the packet stands, as far as its length says.
  private static func find(_ bytes: RawSpan, isLittleEndian: Bool) -> Range<Int>? {
    func number(_ offset: Int) -> UInt16 { isLittleEndian ? bytes.u16(offset).byteSwapped : bytes.u16(offset) }
    var offset = 4
    while offset + 4 <= bytes.byteCount {
      let length = Int(number(offset))
      guard length >= 4 else { return nil }
      if number(offset + 2) == payload { return offset + 4..<offset + length }
      offset += (length + 3) & ~3
    }
    return nil
  }
}
