// RFC 2784 (header), RFC 2890 (key and sequence number), RFC 1701 (routing), RFC 7637 (NVGRE: the key is the virtual
// network), RFC 2637, section 4.1 (version 1, of PPTP).
//
//   octets 1–2    C, R, K, S, strict route, recursion, (version 1: A), version (3 bits)
//   octets 3–4    EtherType of the payload
//   with C or R: checksum 2, offset 2; with K: key 4; with S: sequence number 4; with A: acknowledgement number 4
//
// Checksums are not judged.

import IMSBytes
import IMSCapture

enum GRE {
  /// An Ethernet frame.
  private static let transparentEthernet: UInt16 = 0x6558

  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 4 else { return walk.stop("GRE", "header cut", at: bytes.byteCount) }
    let flags = bytes.u16(0)
    let type = bytes.u16(2)
    let version = flags & 7
    // Version 1 carries PPP alone. Routing was taken out of GRE by RFC 2784.
    guard version == 0 || version == 1 && type == 0x880b, flags & 0x4000 == 0 else { return .undecoded(.gre(type)) }
    let hasSequence = flags & 0x1000 != 0
    var length = 4
    if flags & 0x8000 != 0 { length += 4 }
    let key = flags & 0x2000 != 0 ? length : nil
    if key != nil { length += 4 }
    if hasSequence { length += 4 }
    if version == 1, flags & 0x0080 != 0 { length += 4 }
    guard length <= bytes.byteCount else { return walk.stop("GRE", "header cut", at: bytes.byteCount) }
    walk.layers.append(.gre)
    walk.tunnelIdentifier = key.map { bytes.u32($0) } ?? 0
    walk.start += length
    switch type {
    case transparentEthernet: return .link(.ethernet)
    case ERSPAN.type, ERSPAN.type3:
      return ERSPAN.decode(bytes.suffix(from: length), type, hasSequence: hasSequence, &walk)
    case 0x0600...: return .network(type)
    default: return .undecoded(.gre(type))
    }
  }
}
