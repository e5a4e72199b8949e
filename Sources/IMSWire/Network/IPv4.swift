// RFC 791, section 3.1. Checksums are not judged: offload leaves them wrong in most captures of a sender.

import IMSBytes

enum IPv4 {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 20 else { return walk.stop("IPv4", "header cut", at: bytes.byteCount) }
    let first = bytes.u8(0)
    let header = Int(first & 15) * 4
    guard first >> 4 == 4 else { return walk.stop("IPv4", "version is not 4", at: 0) }
    guard header >= 20 else { return walk.stop("IPv4", "header length under 20", at: 0) }
    guard header <= bytes.byteCount else { return walk.stop("IPv4", "options cut", at: bytes.byteCount) }
    let total = Int(bytes.u16(2))
    // 0: the sender's kernel left it to the network card (segmentation offload).
    guard total == 0 || total >= header else {
      return walk.stop("IPv4", "total length under the header's", at: 2)
    }
    if total > 0 { walk.limit(to: total) }
    walk.layers.append(.ipv4)
    walk.source = IPAddress(v4: bytes.u32(12))
    walk.destination = IPAddress(v4: bytes.u32(16))
    walk.hopLimit = bytes.u8(8)
    walk.identification = bytes.u16(4)
    walk.start += header
    let fragment = bytes.u16(6)
    guard fragment & 0x3fff != 0 else { return .transport(bytes.u8(9)) }
    walk.piece = Fragments.Piece(
      identification: UInt32(walk.identification), transport: bytes.u8(9), offset: Int(fragment & 0x1fff) * 8,
      isLast: fragment & 0x2000 == 0)
    return .fragment
  }
}
