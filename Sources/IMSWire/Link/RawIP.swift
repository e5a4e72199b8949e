// LINKTYPE_RAW, LINKTYPE_IPV4, LINKTYPE_IPV6: the version nibble decides.

import IMSBytes

enum RawIP {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 1 else { return walk.stop("Raw IP", "empty packet", at: 0) }
    walk.layers.append(.raw)
    switch bytes.u8(0) >> 4 {
    case 4: return .network(0x0800)
    case 6: return .network(0x86dd)
    default: return walk.stop("Raw IP", "version is neither 4 nor 6", at: 0)
    }
  }
}
