import IMSBytes

/// DNS over TCP (RFC 1035 §4.2.2, RFC 7766 §8): two octets of length before each message.
package enum DNSFramer {
  package enum Frame: Equatable {
    /// The message, without its length.
    case message(Range<Int>)
    /// So many bytes are needed to say more.
    case need(Int)
    case notDNS
  }

  package static let port: UInt16 = 53

  /// What stands at the first byte of a stream. The first octets of a header are looked at before the rest is waited for.
  package static func frame(stream bytes: RawSpan) -> Frame {
    guard bytes.byteCount >= 14 else { return .need(14) }
    let length = Int(bytes.u16(0))
    guard length >= 12, DNSMessage.recogniseHeader(bytes.suffix(from: 2)) else { return .notDNS }
    guard bytes.byteCount >= 2 + length else { return .need(2 + length) }
    return DNSMessage.recognise(bytes.extracting(2..<2 + length)) ? .message(2..<2 + length) : .notDNS
  }
}
