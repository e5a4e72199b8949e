// RFC 8926, section 3.4; UDP port 6081.
//
//   octet 1       version (2 bits) = 0, length of the options in units of four octets (6 bits)
//   octet 2       O a control message, C critical options, reserved 6
//   octets 3–4    EtherType of the payload
//   octets 5–8    network identifier 3, reserved 1
//   options

import IMSBytes
import IMSCapture

enum Geneve {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 8, bytes.u8(0) >> 6 == 0, bytes.u8(1) & 0x3f == 0, bytes.u8(7) == 0 else {
      return .done(.udp)
    }
    let next: Next
    switch bytes.u16(2) {
    case 0x6558: next = .link(.ethernet)
    case 0x0800, 0x86dd, 0x8847, 0x8848: next = .network(bytes.u16(2))
    default: return .done(.udp)
    }
    let length = 8 + Int(bytes.u8(0)) * 4
    guard length <= bytes.byteCount + walk.missing else { return .done(.udp) }
    if bytes.u8(1) & 0x80 != 0 { return .undecoded(.geneveControl) }
    guard length <= bytes.byteCount else {
      return walk.stop("Geneve", "options cut by the capture", at: bytes.byteCount)
    }
    walk.layers.append(.geneve)
    walk.tunnelIdentifier = bytes.u24(4)
    walk.start += length
    return next
  }
}
