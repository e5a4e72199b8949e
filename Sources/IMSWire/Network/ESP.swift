// RFC 4303 (ESP), section 2; RFC 3948 (ESP in UDP), section 2; RFC 2410 (null encryption).

import IMSBytes
import IMSSecrets

enum ESP {
  static let number: UInt8 = 50
  /// Of UDP-encapsulated ESP and IKE.
  static let port: UInt16 = 4500

  /// A datagram from or to port 4500: four zero octets stand before IKE, the SPI of ESP is never 0.
  static func inDatagram(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    if bytes.byteCount == 1, bytes.u8(0) == 0xff { return .undecoded(.natKeepalive) }
    guard bytes.byteCount >= 8 else { return .done(.udp) }
    // The sequence number of ESP begins with zeros for a long time: eight printable characters are text.
    if (0..<8).allSatisfy({ (0x20..<0x7f).contains(bytes.u8($0)) }) { return .done(.udp) }
    if bytes.u32(0) == 0 { return .undecoded(.ike) }
    walk.layers.append(.udpEncapsulation)
    return .esp
  }

  /// What a next header of ESP stands for: an IP packet in tunnel mode, else a transport.
  static func inner(_ next: UInt8) -> Next {
    switch next {
    case 4: .network(0x0800)
    case 41: .network(0x86dd)
    default: .transport(next)
    }
  }

  // MARK: Null encryption without keys

  /// A packet that was not encrypted, as its content proves.
  struct Clear {
    var payload: Range<Int>
    var next: UInt8
    /// Octets of the ICV.
    var checkLength: Int
  }

  /// Tries every usual length of the ICV. Of random bytes less than one packet in 2^31 passes. `known` is the length that
  /// an earlier packet of the same association proved: then a TCP checksum may be wrong, as offload leaves it.
  static func clear(_ bytes: RawSpan, _ walk: Walk, known: Int?) -> Clear? {
    for length in known.map({ [$0] }) ?? [12, 16, 0] where bytes.byteCount >= 8 + 2 + length {
      let end = bytes.byteCount - length
      let padding = Int(bytes.u8(end - 2))
      let next = bytes.u8(end - 1)
      guard [4, 6, 17, 41].contains(next), 8 + padding + 2 <= end else { continue }
      let payload = 8..<end - 2 - padding
      guard (0..<padding).allSatisfy({ Int(bytes.u8(payload.upperBound + $0)) == $0 + 1 }),
        fits(bytes.extracting(payload), next, walk, isKnown: known != nil)
      else { continue }
      return Clear(payload: payload, next: next, checkLength: length)
    }
    return nil
  }

  /// Is this what the next header says, from the first octet to the last?
  static func fits(_ inner: RawSpan, _ next: UInt8, _ walk: Walk, isKnown: Bool) -> Bool {
    switch next {
    case 17:
      return inner.byteCount >= 8 && Int(inner.u16(4)) == inner.byteCount && inner.u16(0) != 0 && inner.u16(2) != 0
    case 6:
      guard inner.byteCount >= 20, inner.u16(0) != 0, inner.u16(2) != 0 else { return false }
      let header = Int(inner.u8(12) >> 4) * 4
      guard header >= 20, header <= inner.byteCount else { return false }
      return isKnown || walk.checksum(of: inner, protocolNumber: 6) == 0xffff
    case 4:
      guard inner.byteCount >= 20, inner.u8(0) >> 4 == 4, Int(inner.u16(2)) == inner.byteCount else { return false }
      let header = Int(inner.u8(0) & 15) * 4
      return header >= 20 && header <= inner.byteCount
        && InternetSum(inner.extracting(0..<header)).folded == 0xffff
    case 41:
      return inner.byteCount >= 40 && inner.u8(0) >> 4 == 6 && Int(inner.u16(4)) + 40 == inner.byteCount
    default: return false
    }
  }
}

/// The one's complement sum of 16-bit words (RFC 1071): 0xffff over bytes with their right checksum.
struct InternetSum {
  private var sum: UInt64 = 0

  init(_ bytes: RawSpan) {
    var offset = 0
    while offset + 2 <= bytes.byteCount {
      sum += UInt64(bytes.u16(offset))
      offset += 2
    }
    if offset < bytes.byteCount { sum += UInt64(bytes.u8(offset)) << 8 }
  }

  mutating func add(_ word: UInt64) {
    for shift: UInt64 in [48, 32, 16, 0] { sum += word >> shift & 0xffff }
  }

  var folded: UInt16 {
    var value = sum
    while value > 0xffff { value = value & 0xffff + value >> 16 }
    return UInt16(value)
  }
}

extension Walk {
  /// With the pseudo-header of the addresses around it.
  fileprivate func checksum(of segment: RawSpan, protocolNumber: UInt64) -> UInt16 {
    var sum = InternetSum(segment)
    for address in [source, destination] {
      sum.add(address.high)
      sum.add(address.low)
    }
    sum.add(protocolNumber)
    sum.add(UInt64(segment.byteCount))
    return sum.folded
  }
}
