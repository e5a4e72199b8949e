import IMSBytes

// RFC 8446, section 5.1 and RFC 5246, section 6.2.1: type 1, version 2, length 2, so many octets. RFC 6347, section 4.1: of DTLS,
// epoch 2 and number 6 before the length.

/// Records of TLS. What they hold is secret, and whatever it looks like it begins no message: they are stepped over.
enum TLSRecord {
  /// TLS 1.2 allows 2048 octets more than a record may hold, TLS 1.3 fewer.
  private static var mostContent: Int { 1 << 14 + 2048 }

  /// Where the records end that begin at an offset, one behind the other; the last of them may go on behind the bytes. Nil
  /// where none begins.
  static func end(_ bytes: RawSpan, from offset: Int) -> Int? {
    var end = offset
    while end < bytes.byteCount, let record = length(bytes, at: end) { end += record }
    return end == offset ? nil : end
  }

  /// Does a datagram or a message of SCTP begin with a record of DTLS 1.0 or 1.2?
  static func beginsDTLS(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= 13, (20...24).contains(bytes.u8(0)) else { return false }
    let content = Int(bytes.u16(11))
    return [0xfeff, 0xfefd].contains(bytes.u16(1)) && content > 0 && content <= mostContent
  }

  /// Octets of a record with its header.
  private static func length(_ bytes: RawSpan, at offset: Int) -> Int? {
    guard bytes.byteCount - offset >= 5, (20...24).contains(bytes.u8(offset)), bytes.u8(offset + 1) == 3,
      bytes.u8(offset + 2) <= 4
    else { return nil }
    let content = Int(bytes.u16(offset + 3))
    return content > 0 && content <= mostContent ? 5 + content : nil
  }
}
