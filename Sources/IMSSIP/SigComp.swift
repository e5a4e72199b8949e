// RFC 3320, section 7 (the message); RFC 4077, section 3.1 (NACK); RFC 5049, section 2 (ports).

package import IMSBytes

/// SIP that is compressed by SigComp (TS 24.229, section 8): told apart, and not unpacked.
package enum SigComp {
  /// No octet of UTF-8 begins with five bits that are set.
  package static func mayBegin(_ first: UInt8) -> Bool { first >= 0xf8 }

  /// Do these octets begin with the header of a message?
  ///
  /// - Parameter isCut: not all of the message need be there.
  package static func recognise(_ bytes: RawSpan, isCut: Bool) -> Bool {
    guard bytes.byteCount >= 4, mayBegin(bytes.u8(0)) else { return false }
    var at = 1
    if bytes.u8(0) & 4 != 0 {
      // A returned feedback item: its length stands in its first octet, when the highest bit is set.
      let item = bytes.u8(at)
      at += item & 0x80 == 0 ? 1 : 1 + Int(item & 0x7f)
    }
    let stateSize = Int(bytes.u8(0) & 3)
    // A partial identifier of a state, of 6, 9 or 12 octets.
    if stateSize > 0 { return isCut || at + 3 + 3 * stateSize <= bytes.byteCount }
    guard at + 2 <= bytes.byteCount else { return isCut }
    let (codeLength, destination) = (Int(bytes.u16(at) >> 4), bytes.u16(at) & 15)
    // Without code it is a NACK, of version 1; the destination 0 is reserved.
    if codeLength == 0 { return destination == 1 }
    return destination > 0 && (isCut || at + 2 + codeLength <= bytes.byteCount)
  }
}
