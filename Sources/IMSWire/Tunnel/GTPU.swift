// TS 29.281, sections 5.1 (header), 5.2 (extension headers) and 6.1 (messages); UDP port 2152.
//
//   octet 1       version (3 bits) = 1, PT = 1, spare, E, S, PN
//   octet 2       message type
//   octets 3–4    length of what follows octet 8
//   octets 5–8    TEID
//   with any of E, S, PN: sequence number 2, N-PDU number 1, type of the first extension header 1
//   extension     length in units of four octets 1, content, type of the next one 1; type 0 ends the chain

import IMSBytes

enum GTPU {
  static let port: UInt16 = 2152

  /// What a datagram from or to the port holds. Where it is no GTP-U and may be text, or belongs to the other port, it
  /// stays a datagram.
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 8, bytes.u8(0) >> 5 == 1 else {
      return foreign(bytes, walk)
    }
    let flags = bytes.u8(0)
    guard flags & 0x10 != 0 else { return .undecoded(.gtpPrime) }
    let type = bytes.u8(1)
    let length = Int(bytes.u16(2)) + 8
    guard isMessage(type), length <= walk.count + walk.missing else { return foreign(bytes, walk) }
    guard type == 255 else { return .undecoded(.gtpU(type)) }
    walk.limit(to: length)
    let packet = bytes.extracting(0..<walk.count)
    guard let header = headerLength(packet) else {
      return walk.stop("GTP-U", "extension header cut or without length", at: packet.byteCount)
    }
    let inner = packet.suffix(from: header)
    guard let type = networkType(of: inner, missing: walk.missing) else { return .undecoded(.gtpUPayload) }
    walk.layers.append(.gtp)
    walk.tunnelIdentifier = packet.u32(4)
    walk.start += header
    return .network(type)
  }

  /// The mandatory part, the optional one and the extension headers; nil when the chain does not end in the packet.
  private static func headerLength(_ packet: RawSpan) -> Int? {
    guard packet.byteCount >= 8, packet.u8(0) & 7 != 0 else { return packet.byteCount >= 8 ? 8 : nil }
    guard packet.byteCount >= 12 else { return nil }
    var offset = 12
    var next = packet.u8(0) & 4 != 0 ? packet.u8(11) : 0
    while next != 0 {
      guard offset < packet.byteCount else { return nil }
      let length = Int(packet.u8(offset)) * 4
      guard length > 0, offset + length <= packet.byteCount else { return nil }
      next = packet.u8(offset + length - 1)
      offset += length
    }
    return offset
  }

  /// The EtherType of an IP packet, whose header must fit the room it has; nil for anything else.
  static func networkType(of bytes: RawSpan, missing: Int) -> UInt16? {
    guard bytes.byteCount >= 1 else { return nil }
    let room = bytes.byteCount + missing
    switch bytes.u8(0) >> 4 {
    case 4:
      guard bytes.byteCount >= 20 else { return missing > 0 ? 0x0800 : nil }
      let header = Int(bytes.u8(0) & 15) * 4
      let total = Int(bytes.u16(2))
      return header >= 20 && total >= header && total <= room ? 0x0800 : nil
    case 6:
      guard bytes.byteCount >= 40 else { return missing > 0 ? 0x86dd : nil }
      return Int(bytes.u16(4)) + 40 <= room ? 0x86dd : nil
    default: return nil
    }
  }

  /// Signalling in text may use any port.
  private static func isText(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 4 && (0..<4).allSatisfy { (0x20..<0x7f).contains(bytes.u8($0)) }
  }

  /// Both ends of a tunnel are at the port, as a rule; the client of another protocol may have it by chance.
  private static func foreign(_ bytes: RawSpan, _ walk: Walk) -> Next {
    let isChance = min(walk.sourcePort, walk.destinationPort) < 1024
    return isChance || isText(bytes) ? .done(.udp) : .undecoded(.notGTPU)
  }

  private static func isMessage(_ type: UInt8) -> Bool { type == 255 || name(type) != nil }

  /// Of the messages that carry no packet of a user.
  static func name(_ type: UInt8) -> String? {
    switch type {
    case 1: "Echo Request"
    case 2: "Echo Response"
    case 26: "Error Indication"
    case 31: "Supported Extension Headers Notification"
    case 253: "Tunnel Status"
    case 254: "End Marker"
    default: nil
    }
  }
}
