import IMSBytes
import IMSDiameter
import IMSSIP
import IMSWire

/// Which protocol some bytes are, by their content: ports decide nothing but DNS.
enum Recognizer {
  enum Proto: Sendable {
    case sip, diameter, dns
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

  static func datagram(_ bytes: RawSpan, _ path: Path) -> Proto? {
    if SIPFramer.recognise(bytes) { return .sip }
    if path.source.port == 53 || path.destination.port == 53 { return .dns }
    return nil
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
  static func stream(_ bytes: RawSpan) -> Verdict {
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
    if DiameterFramer.looksLikeStart(bytes) != .no { return true }
    return bytes.byteCount >= 8 && CommandName.isKnown(bytes.u24(5))
  }

  /// Where the next message may begin, after bytes that belong to none.
  static func nextStart(_ bytes: RawSpan, from offset: Int) -> Int? {
    let sip = SIPFramer.nextStart(in: bytes, from: offset)
    let diameter = DiameterFramer.nextStart(in: bytes, from: offset)
    switch (sip, diameter) {
    case (let sip?, let diameter?): return min(sip, diameter)
    default: return sip ?? diameter
    }
  }
}
