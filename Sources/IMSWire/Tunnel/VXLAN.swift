// RFC 7348, section 5; draft-smith-vxlan-group-policy; draft-ietf-nvo3-vxlan-gpe, section 3. UDP ports 4789, of older
// Linux 8472, of VXLAN-GPE 4790.
//
//   octet 1       flags: I (0x08) the network identifier is valid, G (0x80) a group policy; GPE: P (0x04) next protocol
//   octets 2–4    reserved; with G: flags 1, group 2; GPE: reserved 2, next protocol 1
//   octets 5–7    network identifier
//   octet 8       reserved

import IMSBytes
import IMSCapture

enum VXLAN {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard isWhole(bytes, walk) else { return .done(.udp) }
    switch bytes.u8(0) {
    case 0x08: guard bytes.u24(1) == 0 else { return .done(.udp) }
    case 0x88: guard bytes.u8(1) & ~0x48 == 0 else { return .done(.udp) }
    default: return .done(.udp)
    }
    return enter(bytes, &walk, .link(.ethernet))
  }

  static func decodeGPE(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard isWhole(bytes, walk), bytes.u8(0) & ~0x02 == 0x0c, bytes.u16(1) == 0 else { return .done(.udp) }
    switch bytes.u8(3) {
    case 1: return enter(bytes, &walk, .network(0x0800))
    case 2: return enter(bytes, &walk, .network(0x86dd))
    case 3: return enter(bytes, &walk, .link(.ethernet))
    case 5: return enter(bytes, &walk, .network(0x8847))
    case let other: return .undecoded(.vxlanPayload(other))
    }
  }

  /// The header, and behind it more than the header of a frame.
  private static func isWhole(_ bytes: RawSpan, _ walk: Walk) -> Bool {
    bytes.byteCount >= 8 && bytes.byteCount + walk.missing >= 8 + 14 && bytes.u8(7) == 0
  }

  private static func enter(_ bytes: RawSpan, _ walk: inout Walk, _ next: Next) -> Next {
    walk.layers.append(.vxlan)
    walk.tunnelIdentifier = bytes.u24(4)
    walk.start += 8
    return next
  }
}
