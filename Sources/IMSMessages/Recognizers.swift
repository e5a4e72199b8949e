import IMSAccess
import IMSBytes
import IMSDiameter
import IMSSIP
import IMSWire

/// Which protocol some bytes are, by their content: ports decide nothing but DNS, and where to look for the access network.
enum Recognizer {
  enum Proto: Sendable {
    case sip, diameter, dns, gtp, dhcp, dhcpv6
  }

  enum Verdict {
    case message(Proto, Range<Int>)
    case skip(Int)
    case need(Int)
    case foreign
  }

  /// Can this datagram be a message? Media and other binary traffic is told apart by one byte.
  static func mayBeMessage(_ bytes: RawSpan, _ path: Path) -> Bool {
    SIPFramer.mayBegin(bytes) || path.source.port == 53 || path.destination.port == 53
  }

  /// At which a datagram may be read whatever it looks like.
  static let ports: [UInt16] = [DNSFramer.port, 67, 68, 546, 547, GTPKind.controlPort, GTPKind.chargingPort]

  /// Can a datagram at other ports that begins with this octet be a message, or be said to have the look of one?
  static func mayBeRead(_ first: UInt8) -> Bool {
    SIPFramer.mayBegin(first) || (0x20..<0x7f).contains(first) || SigComp.mayBegin(first)
  }

  /// Can the untaken bytes of a stream be a message of SIP or Diameter from their first byte on? Nearly all others are told
  /// apart by the first eight.
  static func mayBegin(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= 20 else { return false }
    if DiameterFramer.mayBegin(bytes) { return true }
    // All eight between 0x20 and 0x7f.
    let (word, high): (UInt64, UInt64) = (bytes.u64(0), 0x8080_8080_8080_8080)
    return word & high == 0 && (word &- 0x2020_2020_2020_2020) & high == 0
  }

  /// Does it look like text behind its first byte, which may be damaged? Media and keep-alives do not.
  static func resemblesText(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= 64 else { return false }
    for index in 1..<8 where bytes.u8(index) < 0x20 || bytes.u8(index) >= 0x7f { return false }
    return true
  }

  static func datagram(_ bytes: RawSpan, _ path: Path, isTruncated: Bool) -> Proto? {
    if SIPFramer.recognise(bytes) || (isTruncated && SIPFramer.recogniseCut(bytes)) { return .sip }
    if path.source.port == 53 || path.destination.port == 53 { return .dns }
    return nil
  }

  /// What the access network says, on the ports of GTP-C and DHCP alone: their content is no proof.
  enum Access {
    case message(Proto)
    case unread(Unread)
  }

  /// No port of the access network is higher than 3386.
  static func mayBeAccess(_ path: Path) -> Bool {
    min(path.source.port, path.destination.port) <= GTPKind.chargingPort
  }

  /// Nil on other ports.
  static func access(_ bytes: RawSpan, _ path: Path, isTruncated: Bool) -> Access? {
    func uses(_ port: UInt16) -> Bool { path.source.port == port || path.destination.port == port }
    if uses(GTPKind.controlPort) || uses(GTPKind.chargingPort) {
      let isControl = uses(GTPKind.controlPort)
      switch GTPKind(bytes, isTruncated: isTruncated, onControlPort: isControl) {
      case .control(let type): return type.isRead ? .message(.gtp) : .unread(.gtp(type))
      case .prime: return .unread(.gtpPrime)
      case .version0: return .unread(.gtpVersion0)
      case .foreign: return isControl ? .unread(.noGTP) : nil
      }
    }
    if uses(67) || uses(68) { return DHCPMessage.recogniseVersion4(bytes) ? .message(.dhcp) : nil }
    if uses(546) || uses(547) { return DHCPMessage.recogniseVersion6(bytes) ? .message(.dhcpv6) : nil }
    return nil
  }

  /// Where a second message stands in the datagram (piggybacking of GTPv2-C); its end when there is none.
  static func lengthBeforeNext(_ bytes: RawSpan, _ found: Access) -> Int {
    switch found {
    case .message(.gtp), .unread(.gtp):
      guard GTPv2C.isPiggybacked(bytes), let length = GTPv2C.length(of: bytes) else { return bytes.byteCount }
      return length
    default: return bytes.byteCount
    }
  }

  /// A user message of SCTP holds one message (RFC 6733, 2.1; RFC 4168, 5.1), whatever its payload protocol identifier.
  static func userMessage(_ bytes: RawSpan) -> (Proto, Range<Int>)? {
    if SIPFramer.recognise(bytes) { return (.sip, 0..<bytes.byteCount) }
    guard DiameterFramer.recognise(bytes), case .message(let range) = DiameterFramer.frame(stream: bytes) else {
      return nil
    }
    return (.diameter, range)
  }

  /// What stands at the first byte of a stream's untaken bytes.
  static func stream(_ bytes: RawSpan, _ path: Path) -> Verdict {
    if path.source.port == DNSFramer.port || path.destination.port == DNSFramer.port {
      switch DNSFramer.frame(stream: bytes) {
      case .message(let range): return .message(.dns, range)
      case .need(let total): return .need(total)
      case .notDNS: break
      }
    }
    var needed = Int.max
    switch SIPFramer.frame(stream: bytes) {
    case .message(let range): return .message(.sip, range)
    case .skip(let count): return .skip(count)
    case .need(let total): needed = total
    case .notSIP: break
    }
    guard mayBeDiameter(bytes) else { return needed == .max ? .foreign : .need(needed) }
    switch DiameterFramer.frame(stream: bytes) {
    case .message(let range): return .message(.diameter, range)
    case .need(let total): needed = min(needed, total)
    case .notDiameter: break
    }
    return needed == .max ? .foreign : .need(needed)
  }

  /// A header alone fits many protocols: a usual first AVP or a known command must be there too.
  private static func mayBeDiameter(_ bytes: RawSpan) -> Bool {
    guard bytes.u8(0) == DiameterFramer.version else { return false }
    if DiameterFramer.looksLikeStart(bytes) != .no { return true }
    return bytes.byteCount >= 8 && CommandName.isKnown(bytes.u24(5))
  }

  /// Where the next message may begin, after bytes that belong to none: at `offset`, which is not 0, or behind it.
  static func nextStart(_ bytes: RawSpan, from offset: Int) -> Int? {
    // A line may begin where the search does. A line that nothing follows begins no message, nor does a length that is too
    // large; where so little is left that none can be read, one may.
    var at = offset - 1
    while let hit = bytes.firstIndex(
      of: 0x0a, beforeVisible: at, or: DiameterFramer.version, beforeAtMost: DiameterFramer.mostLength)
    {
      if bytes.u8(hit) == 0x0a {
        if SIPFramer.mayStart(bytes, at: hit + 1) { return hit + 1 }
      } else if hit >= offset, DiameterFramer.mayStart(bytes, at: hit) {
        return hit
      }
      at = hit + 1
    }
    return nil
  }
}
