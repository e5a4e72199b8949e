// RFC 8200, sections 3 and 4 (extension headers, 4.5 fragments); RFC 4302, section 2 (authentication header).

import IMSBytes

enum IPv6 {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 40 else { return walk.stop("IPv6", "header cut", at: bytes.byteCount) }
    guard bytes.u8(0) >> 4 == 6 else { return walk.stop("IPv6", "version is not 6", at: 0) }
    walk.layers.append(.ipv6)
    walk.source = IPAddress(high: bytes.u64(8), low: bytes.u64(16))
    walk.destination = IPAddress(high: bytes.u64(24), low: bytes.u64(32))
    walk.hopLimit = bytes.u8(7)
    walk.identification = 0
    walk.start += 40
    // 0: a jumbogram, or segmentation offload: to the end.
    let length = Int(bytes.u16(4))
    if length > 0 { walk.limit(to: length) }
    return .transport(bytes.u8(6))
  }

  /// Hop-by-hop, routing, fragment, authentication and destination options; the last three stand behind IPv4 too or
  /// behind reassembly.
  static func isExtension(_ number: UInt8) -> Bool {
    switch number {
    case 0, 43, 44, 51, 60: true
    default: false
    }
  }

  /// All extension headers from the walk's start on. `packet` is what the walk's range counts in.
  static func extensions(_ first: UInt8, _ packet: RawSpan, _ walk: inout Walk) -> Next {
    var number = first
    for _ in 0..<Bounds.extensionHeaders {
      guard isExtension(number) else { return .transport(number) }
      let bytes = walk.rest(packet)
      guard bytes.byteCount >= 8 else {
        return walk.stop("IPv6", "extension header cut", at: bytes.byteCount)
      }
      let following = bytes.u8(0)
      if number == 44 {
        walk.start += 8
        let word = bytes.u16(2)
        if word & 0xfff9 != 0 {
          walk.piece = Fragments.Piece(
            identification: bytes.u32(4), transport: following, offset: Int(word & 0xfff8), isLast: word & 1 == 0)
          return .fragment
        }
      } else {
        let length = number == 51 ? (Int(bytes.u8(1)) + 2) * 4 : (Int(bytes.u8(1)) + 1) * 8
        guard length <= bytes.byteCount else {
          return walk.stop("IPv6", "extension header cut", at: bytes.byteCount)
        }
        walk.start += length
      }
      number = following
    }
    return walk.stop("IPv6", "more than 8 extension headers", at: 40)
  }
}
