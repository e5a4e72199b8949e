// RFC 9293, section 3.1.

import IMSBytes

enum TCP {
  static let fin: UInt8 = 1
  static let syn: UInt8 = 2
  static let rst: UInt8 = 4

  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 20 else { return walk.stop("TCP", "header cut", at: bytes.byteCount) }
    let header = Int(bytes.u8(12) >> 4) * 4
    guard header >= 20 else { return walk.stop("TCP", "header length under 20", at: 12) }
    guard header <= bytes.byteCount else { return walk.stop("TCP", "options cut", at: bytes.byteCount) }
    walk.layers.append(.tcp)
    walk.sourcePort = bytes.u16(0)
    walk.destinationPort = bytes.u16(2)
    walk.sequence = bytes.u32(4)
    walk.flags = bytes.u8(13)
    walk.start += header
    return .done(.tcp)
  }
}
