// LINKTYPE_NULL (the family in the byte order of the capturing host), LINKTYPE_LOOP (in network order).

import IMSBytes

enum Null {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 4 else { return .stop(DecodeIssue("Null", "header cut", at: bytes.byteCount)) }
    walk.layers.append(.null)
    walk.start += 4
    let word = bytes.u32(0)
    switch word > 0xffff ? word.byteSwapped : word {
    case 2: return .network(0x0800)
    case 10, 23, 24, 28, 30: return .network(0x86dd)
    default: return .stop(DecodeIssue("Null", "address family is neither IPv4 nor IPv6", at: 0))
    }
  }
}
