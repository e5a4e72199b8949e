// LINKTYPE_NULL (the family in the byte order of the capturing host), LINKTYPE_LOOP (in network order).

import IMSBytes
import IMSCapture

enum Null {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 4 else { return walk.stop("Null", "header cut", at: bytes.byteCount) }
    walk.layers.append(.null)
    walk.start += 4
    switch LoopbackFamily(bytes.u32(0)) {
    case .ipv4: return .network(0x0800)
    case .ipv6: return .network(0x86dd)
    case nil: return walk.stop("Null", "address family is neither IPv4 nor IPv6", at: 0)
    }
  }
}
