// TS 29.060, sections 6 (header), 7.3 (tunnel management) and 7.7 (information elements).
//
//   header   version 3 bits (1), PT 1 bit (1), spare, E, S, PN; type 1; length 2 (without these eight octets); TEID 4;
//            with E, S or PN: sequence number 2, N-PDU number 1, type of the next extension header 1
//   IE       type 1; under 128 a fixed length (TV), from 128 on length 2 and value (TLV)

import IMSBytes

enum GTPv1C {
  static func read(_ bytes: RawSpan) throws(DecodeIssue) -> GTPMessage {
    guard bytes.byteCount >= 8 else { throw DecodeIssue("GTPv1-C", "header cut short", at: bytes.byteCount) }
    let flags = bytes.u8(0)
    guard flags >> 5 == 1, flags & 0x10 != 0 else { throw DecodeIssue("GTPv1-C", "not version 1 of GTP", at: 0) }
    let type = GTPMessageType(version: 1, bytes.u8(1))
    guard type.isRead else { throw DecodeIssue("GTPv1-C", "message type \(type.number) is not read", at: 1) }
    let end = min(bytes.byteCount, 8 + Int(bytes.u16(2)))
    var offset = 8
    var sequence: UInt32?
    if flags & 7 != 0 {
      guard end >= 12 else { throw DecodeIssue("GTPv1-C", "header cut short", at: end) }
      if flags & 2 != 0 { sequence = UInt32(bytes.u16(8)) }
      offset = flags & 4 != 0 ? try extensions(bytes, end: end) : 12
    }
    var message = GTPMessage(type: type, teid: bytes.u32(4), sequence: sequence)
    if 8 + Int(bytes.u16(2)) > bytes.byteCount {
      message.issues.append(DecodeIssue("GTPv1-C", "message cut short", at: bytes.byteCount))
    }
    var elements = Elements()
    elements.read(bytes, from: offset, to: end, into: &message)
    message.tunnels = elements.tunnels
    return message
  }

  /// Where the information elements begin: behind a chain of extension headers (§6.1), each as long as its first octet
  /// says in units of four, with the type of the next one in its last octet.
  private static func extensions(_ bytes: RawSpan, end: Int) throws(DecodeIssue) -> Int {
    var offset = 12
    var next = bytes.u8(11)
    while next != 0 {
      guard offset < end, bytes.u8(offset) > 0, offset + 4 * Int(bytes.u8(offset)) <= end else {
        throw DecodeIssue("GTPv1-C", "extension header cut short", at: offset)
      }
      offset += 4 * Int(bytes.u8(offset))
      next = bytes.u8(offset - 1)
    }
    return offset
  }

  /// Lengths of the values of types under 128 (table 37).
  private static let lengths: [UInt8: Int] = [
    1: 1, 2: 8, 3: 6, 4: 4, 5: 4, 8: 1, 9: 28, 11: 1, 12: 3, 13: 1, 14: 1, 15: 1, 16: 4, 17: 4, 18: 5, 19: 1, 20: 1,
    21: 1,
    22: 9, 23: 1, 24: 1, 25: 2, 26: 2, 27: 2, 28: 2, 29: 1, 127: 4,
  ]

  private struct Elements {
    private var userTEID: UInt32?
    private var controlTEID: UInt32?
    private var gsn: [NodeAddress] = []

    mutating func read(_ bytes: RawSpan, from start: Int, to end: Int, into message: inout GTPMessage) {
      var offset = start
      while offset < end {
        let type = bytes.u8(offset)
        let value: Int
        let length: Int
        if type < 128 {
          guard let fixed = GTPv1C.lengths[type] else {
            return stop("information element \(type) of unknown length", offset, &message)
          }
          (value, length) = (offset + 1, fixed)
        } else {
          guard offset + 3 <= end else { return stop("information element cut short", offset, &message) }
          (value, length) = (offset + 3, Int(bytes.u16(offset + 1)))
        }
        guard value + length <= end else { return stop("information element cut short", offset, &message) }
        read(type, bytes.extracting(value..<value + length), value, into: &message)
        offset = value + length
      }
    }

    private func stop(_ reason: String, _ offset: Int, _ message: inout GTPMessage) {
      message.issues.append(DecodeIssue("GTPv1-C", reason, at: offset))
    }

    private mutating func read(_ type: UInt8, _ value: RawSpan, _ offset: Int, into message: inout GTPMessage) {
      switch type {
      case 1: message.cause = GTPCause(version: 1, value.u8(0))
      case 2: message.imsi = Text(telephonyBCD: value)
      case 16: userTEID = value.u32(0)
      case 17: controlTEID = value.u32(0)
      case 128: message.addresses = GTPv1C.endUserAddress(value)
      case 131:
        message.apn = Text(labels: value)
        if message.apn == nil { stop("APN that is no sequence of labels", offset, &message) }
      case 132:
        let pco = PCO(parsing: value, fromNetwork: !message.isRequest)
        message.issues += pco.issues
        message.pco = pco
      case 133 where value.byteCount == 4 || value.byteCount == 16:
        gsn += NodeAddress.list(value, size: value.byteCount)
      // Before the digits an octet for nature and plan of the number.
      case 134 where value.byteCount > 1: message.msisdn = Text(telephonyBCD: value.suffix(from: 1))
      default: break
      }
    }

    /// The first GSN address is for signalling, the second for user traffic (§7.3.1, §7.3.2).
    var tunnels: [GTPTunnel] {
      [controlTEID, userTEID].enumerated().compactMap { number, teid in
        teid.map {
          GTPTunnel(
            interface: nil, instance: UInt8(number), teid: $0, address: gsn.dropFirst(number).first ?? gsn.first)
        }
      }
    }
  }

  /// Organisation and type of the address, then the address itself (§7.7.27): nothing, IPv4, IPv6, or IPv4 and IPv6.
  private static func endUserAddress(_ value: RawSpan) -> [NodeAddress] {
    guard value.byteCount >= 2, value.u8(0) & 15 == 1 else { return [] }
    let address = value.suffix(from: 2)
    let found: [NodeAddress] =
      switch (value.u8(1), address.byteCount) {
      case (0x21, 4...), (0x8d, 4): NodeAddress.list(address.extracting(0..<4), size: 4)
      case (0x57, 16...), (0x8d, 16): NodeAddress.list(address.extracting(0..<16), size: 16)
      case (0x8d, 20...):
        NodeAddress.list(address.extracting(0..<4), size: 4) + NodeAddress.list(address.extracting(4..<20), size: 16)
      default: []
      }
    return found.filter { !$0.isUnspecified }
  }
}
