// TaZmen Sniffer Protocol, as wireless sensors and RouterOS send it; UDP port 37008.
//
//   octet 1       version = 1
//   octet 2       type: 0 a frame that was received, 1 one to be sent, 3 configuration, 4 keepalive, 5 port opener
//   octets 3–4    kind of the frame: 1 Ethernet, 18 IEEE 802.11, …
//   fields        tag 1, length 1, content; tag 0 is padding and tag 1 the end, both without length

import IMSBytes
import IMSCapture

enum TZSP {
  private static let kinds: [UInt16: String] = [
    1: "Ethernet", 18: "802.11", 119: "802.11 with Prism", 127: "802.11 with AVS",
  ]

  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 4, bytes.u8(0) == 1, bytes.u8(1) <= 5 else { return .done(.udp) }
    let kind = bytes.u16(2)
    guard bytes.u8(1) <= 1 else { return kind <= 1 ? .undecoded(.tzsp(0)) : .done(.udp) }
    guard kinds[kind] != nil, let start = end(ofFields: bytes) else { return .done(.udp) }
    guard kind == 1 else { return .undecoded(.tzsp(kind)) }
    walk.layers.append(.tzsp)
    walk.start += start
    return .link(.ethernet)
  }

  private static func end(ofFields bytes: RawSpan) -> Int? {
    var offset = 4
    while offset < bytes.byteCount {
      switch bytes.u8(offset) {
      case 0: offset += 1
      case 1: return offset + 1
      default:
        guard offset + 2 <= bytes.byteCount else { return nil }
        offset += 2 + Int(bytes.u8(offset + 1))
      }
    }
    return nil
  }

  /// 0 stands for what carries no frame.
  static func name(_ kind: UInt16) -> String { kinds[kind].map { "TZSP \($0)" } ?? "TZSP without a frame" }
}
