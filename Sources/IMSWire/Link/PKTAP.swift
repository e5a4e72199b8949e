// LINKTYPE_PKTAP, of Darwin: bsd/net/pktap.h. Numbers stand in the byte order of the host.
//
//   length of this header 4, what follows 4 (1: a packet), DLT_ of the packet 4, name of the interface 24, …

import IMSBytes
import IMSCapture

enum PKTAP {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 12 else { return walk.stop("PKTAP", "header cut", at: bytes.byteCount) }
    let isLittleEndian = bytes.u32(0) > 0xffff
    func number(_ offset: Int) -> UInt32 { isLittleEndian ? bytes.u32(offset).byteSwapped : bytes.u32(offset) }
    let length = Int(number(0))
    guard length >= 12, length <= 0xffff, number(4) == 1 else {
      return walk.stop("PKTAP", "no header of a packet", at: 0)
    }
    guard length <= bytes.byteCount else { return walk.stop("PKTAP", "header cut", at: bytes.byteCount) }
    walk.layers.append(.pktap)
    walk.start += length
    return .link(LinkType(rawValue: number(8)))
  }
}
