// draft-foschiano-erspan: sections 4.1 (type I, II), 4.2 (type III); inside GRE.
//
//   type I     nothing: GRE has no sequence number
//   type II    version (4 bits) = 1, VLAN 12, CoS 3, encapsulation 2, truncated 1, session 10, reserved 12, index 20
//   type III   version = 2, VLAN 12, CoS 3, BSO 2, truncated 1, session 10, time stamp 32, SGT 16,
//              P 1, frame type 5, hardware 6, D 1, granularity 2, O 1; with O: 8 octets of the platform

import IMSBytes
import IMSCapture

enum ERSPAN {
  /// Of types I and II in GRE.
  static let type: UInt16 = 0x88be
  static let type3: UInt16 = 0x22eb

  static func decode(_ bytes: RawSpan, _ type: UInt16, hasSequence: Bool, _ walk: inout Walk) -> Next {
    if type == Self.type, !hasSequence {
      walk.layers.append(.erspan)
      return .link(.ethernet)
    }
    guard bytes.byteCount >= 8 else { return walk.stop("ERSPAN", "header cut", at: bytes.byteCount) }
    switch bytes.u8(0) >> 4 {
    case 1:
      walk.layers.append(.erspan)
      walk.start += 8
      return .link(.ethernet)
    case 2:
      guard bytes.byteCount >= 12 else { return walk.stop("ERSPAN", "header cut", at: bytes.byteCount) }
      let last = bytes.u16(10)
      let length = last & 1 == 0 ? 12 : 20
      guard length <= bytes.byteCount else { return walk.stop("ERSPAN", "header cut", at: bytes.byteCount) }
      walk.start += length
      walk.layers.append(.erspan)
      switch last >> 10 & 0x1f {
      case 0: return .link(.ethernet)
      case 2: return .link(.raw)
      default: return .undecoded(.erspan)
      }
    default: return .undecoded(.erspan)
    }
  }
}
