package import IMSBytes
import IMSCapture

/// Tells by a look at fixed offsets the frames that nobody reads: datagrams of media and the like, and segments of TCP without
/// data. They are most of what a capture of a whole site holds, and need no walk through their layers.
///
/// It holds back only what the walk would deliver to a receiver that makes nothing of it; whatever is odd passes.
package struct Sieve: Sendable {
  package enum Look: Sendable, BitwiseCopyable {
    /// It is to be taken apart.
    case passes
    /// A datagram that nobody reads.
    case datagram
    /// Nothing that would be delivered.
    case empty
  }

  /// A bit for each port.
  private var ports = [UInt64](repeating: 0, count: 1024)
  /// A bit for each first octet.
  private var first: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// A datagram may be read when one of its ports is among these, when it begins with one of these octets, or when it looks
  /// like text behind its first one.
  package init(ports known: [UInt16], begins: (UInt8) -> Bool) {
    for port in known + Tunnels.ports { ports[Int(port >> 6)] |= 1 << UInt64(port & 63) }
    for octet in UInt8.min...UInt8.max where begins(octet) || HEP.begins(octet) {
      let bit: UInt64 = 1 << UInt64(octet & 63)
      switch octet >> 6 {
      case 0: first.0 |= bit
      case 1: first.1 |= bit
      case 2: first.2 |= bit
      default: first.3 |= bit
      }
    }
  }

  func look(_ frame: borrowing Frame) -> Look {
    let bytes = frame.bytes
    guard let (type, start) = Self.network(bytes, frame.linkType),
      let (number, packet) = Self.transport(bytes, type, from: start)
    else { return .passes }
    switch number {
    case 17: return datagram(bytes, packet)
    case 6: return Self.isEmptySegment(bytes, packet) ? .empty : .passes
    default: return .passes
    }
  }

  /// The EtherType, behind one tag at the most, and where what it names begins.
  @inline(__always)
  private static func network(_ bytes: RawSpan, _ linkType: LinkType) -> (type: UInt16, start: Int)? {
    let count = bytes.byteCount
    switch linkType {
    case .ethernet:
      guard count >= 18 else { return nil }
      let type = bytes.u16(12)
      return type == 0x8100 ? (bytes.u16(16), 18) : (type, 14)
    case .linuxCooked:
      guard count >= 16, LinuxCooked.hasEtherType(hardware: bytes.u16(2)) else { return nil }
      return (bytes.u16(14), 16)
    case .linuxCooked2:
      guard count >= 20, LinuxCooked.hasEtherType(hardware: bytes.u16(8)) else { return nil }
      return (bytes.u16(0), 20)
    default: return nil
    }
  }

  /// The protocol number of a whole packet of IP that is no fragment and has no extension headers, and what follows its header.
  @inline(__always)
  private static func transport(
    _ bytes: RawSpan, _ type: UInt16, from start: Int
  ) -> (number: UInt8, packet: Range<Int>)? {
    let room = bytes.byteCount - start
    switch type {
    case 0x0800:
      guard room >= 20, bytes.u8(start) >> 4 == 4, bytes.u16(start + 6) & 0x3fff == 0 else { return nil }
      let header = Int(bytes.u8(start) & 15) * 4
      let total = Int(bytes.u16(start + 2))
      guard header >= 20, total >= header, total <= room else { return nil }
      return (bytes.u8(start + 9), start + header..<start + total)
    case 0x86dd:
      guard room >= 40, bytes.u8(start) >> 4 == 6 else { return nil }
      let length = Int(bytes.u16(start + 4))
      guard length > 0, length <= room - 40 else { return nil }
      return (bytes.u8(start + 6), start + 40..<start + 40 + length)
    default: return nil
    }
  }

  @inline(__always)
  private func datagram(_ bytes: RawSpan, _ packet: Range<Int>) -> Look {
    let start = packet.lowerBound
    guard packet.count >= 8 else { return .passes }
    let length = Int(bytes.u16(start + 4))
    guard length >= 8, length <= packet.count, !isKnown(bytes.u16(start)), !isKnown(bytes.u16(start + 2)) else {
      return .passes
    }
    guard length > 8 else { return .empty }
    return mayBegin(bytes.u8(start + 8)) || Self.resemblesText(bytes, start + 8, start + length) ? .passes : .datagram
  }

  /// Octets 2 to 8 of a datagram of 64 and more; a deletion among them passes too.
  @inline(__always)
  private static func resemblesText(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Bool {
    guard end - start >= 64 else { return false }
    let (word, high): (UInt64, UInt64) = (
      bytes.u64(start) & 0x00ff_ffff_ffff_ffff | 0x7f << 56, 0x8080_8080_8080_8080
    )
    return word & high == 0 && (word &- 0x2020_2020_2020_2020) & high == 0
  }

  @inline(__always)
  private func isKnown(_ port: UInt16) -> Bool { ports[Int(port >> 6)] >> UInt64(port & 63) & 1 != 0 }

  @inline(__always)
  private func mayBegin(_ octet: UInt8) -> Bool {
    let word =
      switch octet >> 6 {
      case 0: first.0
      case 1: first.1
      case 2: first.2
      default: first.3
      }
    return word >> UInt64(octet & 63) & 1 != 0
  }

  /// Neither opens nor ends a connection.
  @inline(__always)
  private static func isEmptySegment(_ bytes: RawSpan, _ packet: Range<Int>) -> Bool {
    guard packet.count >= 20 else { return false }
    let header = Int(bytes.u8(packet.lowerBound + 12) >> 4) * 4
    return header == packet.count && bytes.u8(packet.lowerBound + 13) & (TCP.syn | TCP.rst) == 0
  }
}
