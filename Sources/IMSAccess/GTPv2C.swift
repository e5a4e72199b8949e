// TS 29.274, sections 5 (header), 7.2 (tunnel management) and 8 (information elements).
//
//   header   version 3 bits (2), P, T, MP, spare; type 1; length 2 (without the first four octets); with T: TEID 4;
//            sequence number 3; spare or priority 1
//   IE       type 1; length 2 (of the value); spare 4 bits, instance 4 bits; value
//
// With P another message follows in the same datagram (§5.5.1).

import IMSBytes

package enum GTPv2C {
  /// Octets of the first message of a datagram; nil when none stands there.
  package static func length(of bytes: RawSpan) -> Int? {
    guard bytes.byteCount >= 8, bytes.u8(0) >> 5 == 2 else { return nil }
    return min(bytes.byteCount, 4 + Int(bytes.u16(2)))
  }

  /// Does another message follow the first one?
  package static func isPiggybacked(_ bytes: RawSpan) -> Bool { bytes.byteCount > 0 && bytes.u8(0) & 0x10 != 0 }

  static func read(_ bytes: RawSpan) throws(DecodeIssue) -> GTPMessage {
    guard bytes.byteCount >= 8 else { throw DecodeIssue("GTPv2-C", "header cut short", at: bytes.byteCount) }
    let flags = bytes.u8(0)
    guard flags >> 5 == 2 else { throw DecodeIssue("GTPv2-C", "not version 2 of GTP", at: 0) }
    let type = GTPMessageType(version: 2, bytes.u8(1))
    guard type.isRead else { throw DecodeIssue("GTPv2-C", "message type \(type.number) is not read", at: 1) }
    let end = min(bytes.byteCount, 4 + Int(bytes.u16(2)))
    let hasTEID = flags & 8 != 0
    let start = hasTEID ? 12 : 8
    guard start <= end else { throw DecodeIssue("GTPv2-C", "header cut short", at: end) }
    var message = GTPMessage(type: type, teid: hasTEID ? bytes.u32(4) : 0, sequence: bytes.u24(start - 4))
    if 4 + Int(bytes.u16(2)) > bytes.byteCount {
      message.issues.append(DecodeIssue("GTPv2-C", "message cut short", at: bytes.byteCount))
    }
    elements(bytes, from: start, to: end, into: &message)
    return message
  }

  private static func elements(_ bytes: RawSpan, from start: Int, to end: Int, into message: inout GTPMessage) {
    var offset = start
    while offset < end {
      guard offset + 4 <= end, offset + 4 + Int(bytes.u16(offset + 1)) <= end else {
        message.issues.append(DecodeIssue("GTPv2-C", "information element cut short", at: offset))
        return
      }
      let value = bytes.extracting(offset + 4..<offset + 4 + Int(bytes.u16(offset + 1)))
      read(bytes.u8(offset), instance: bytes.u8(offset + 3) & 15, value, offset + 4, into: &message)
      offset += 4 + value.byteCount
    }
  }

  private static func read(
    _ type: UInt8, instance: UInt8, _ value: RawSpan, _ offset: Int, into message: inout GTPMessage
  ) {
    switch type {
    case 1: message.imsi = Text(telephonyBCD: value)
    case 2 where value.byteCount >= 1: message.cause = GTPCause(version: 2, value.u8(0))
    case 71:
      message.apn = Text(labels: value)
      if message.apn == nil {
        message.issues.append(DecodeIssue("GTPv2-C", "APN that is no sequence of labels", at: offset))
      }
    case 76: message.msisdn = Text(telephonyBCD: value)
    case 77 where value.byteCount >= 1: message.hasOperationIndication = value.u8(0) & 8 != 0
    case 78, 163, 197:
      let pco = PCO(parsing: value, isExtended: type == 197, fromNetwork: !message.isRequest)
      message.issues += pco.issues
      // The UE's own options stand before additional ones.
      if message.pco == nil || type != 163 { message.pco = pco }
    case 79: message.addresses = allocation(value)
    case 87:
      if let tunnel = tunnel(value, instance: instance) {
        message.tunnels.append(tunnel)
      } else {
        message.issues.append(DecodeIssue("GTPv2-C", "F-TEID cut short", at: offset))
      }
    default: break
    }
  }

  /// PDN Address Allocation (§8.14): PDN type, then IPv4, or prefix length and IPv6, or both with IPv6 first.
  private static func allocation(_ value: RawSpan) -> [NodeAddress] {
    guard value.byteCount >= 1 else { return [] }
    let found: [NodeAddress] =
      switch (value.u8(0) & 7, value.byteCount) {
      case (1, 5...): NodeAddress.list(value.extracting(1..<5), size: 4)
      case (2, 18...): NodeAddress.list(value.extracting(2..<18), size: 16)
      case (3, 22...):
        NodeAddress.list(value.extracting(18..<22), size: 4) + NodeAddress.list(value.extracting(2..<18), size: 16)
      default: []
      }
    return found.filter { !$0.isUnspecified }
  }

  /// F-TEID (§8.22): V4, V6, interface type 6 bits; TEID 4; IPv4 4 with V4; IPv6 16 with V6.
  private static func tunnel(_ value: RawSpan, instance: UInt8) -> GTPTunnel? {
    guard value.byteCount >= 5 else { return nil }
    let flags = value.u8(0)
    var address: NodeAddress?
    if flags & 0x80 != 0 {
      guard value.byteCount >= 9 else { return nil }
      address = .ipv4(value.u32(5))
    } else if flags & 0x40 != 0 {
      guard value.byteCount >= 21 else { return nil }
      address = .ipv6(high: value.u64(5), low: value.u64(13))
    }
    return GTPTunnel(interface: flags & 0x3f, instance: instance, teid: value.u32(1), address: address)
  }
}
