// RFC 3032, section 2.1 (label stack); RFC 4385, section 3 (control word of a pseudowire); RFC 4448 (Ethernet in it).
//
//   label 20 bits, traffic class 3, S (the last one) 1, time to live 8
//
// Nothing says what the labels carry. An IP packet is believed when its header fits; an Ethernet frame, behind a control
// word or without one, when it holds an IP packet that fits.

import IMSBytes
import IMSCapture

enum MPLS {
  private static var mostLabels: Int { Bounds.mplsLabels }

  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    var offset = 0
    var isLast = false
    while !isLast {
      guard offset < 4 * mostLabels else { return walk.stop("MPLS", "more than 16 labels", at: offset) }
      guard offset + 4 <= bytes.byteCount else {
        return walk.stop("MPLS", "label stack cut", at: bytes.byteCount)
      }
      isLast = bytes.u8(offset + 2) & 1 == 1
      offset += 4
    }
    walk.layers.append(.mpls)
    walk.start += offset
    let payload = bytes.suffix(from: offset)
    if let type = GTPU.networkType(of: payload, missing: walk.missing) { return .network(type) }
    if payload.byteCount > 4, payload.u8(0) >> 4 == 0, holdsIP(frame: payload.suffix(from: 4), walk.missing) {
      walk.layers.append(.pseudowire)
      walk.start += 4
      return .link(.ethernet)
    }
    return holdsIP(frame: payload, walk.missing) ? .link(.ethernet) : .undecoded(.mplsPayload)
  }

  /// An Ethernet frame with at most two tags and an IP packet whose header fits.
  private static func holdsIP(frame: RawSpan, _ missing: Int) -> Bool {
    var offset = 12
    for _ in 0...2 {
      guard offset + 2 <= frame.byteCount else { return false }
      switch frame.u16(offset) {
      case 0x8100, 0x88a8: offset += 4
      case 0x0800, 0x86dd:
        return GTPU.networkType(of: frame.suffix(from: offset + 2), missing: missing) == frame.u16(offset)
      default: return false
      }
    }
    return false
  }
}
