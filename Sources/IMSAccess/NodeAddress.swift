import IMSBytes

/// An address that a message of the access network carries.
package enum NodeAddress: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  case ipv4(UInt32)
  case ipv6(high: UInt64, low: UInt64)

  package var description: String {
    switch self {
    case .ipv4(let value): AddressText.ipv4(value)
    case .ipv6(let high, let low): AddressText.ipv6(high: high, low: low)
    }
  }

  /// 0.0.0.0 or ::, by which a request asks for an address.
  package var isUnspecified: Bool { self == .ipv4(0) || self == .ipv6(high: 0, low: 0) }

  /// The addresses that lie one behind the other in `bytes`; what remains at the end is none.
  static func list(_ bytes: RawSpan, size: Int) -> [NodeAddress] {
    stride(from: 0, through: bytes.byteCount - size, by: size).map { offset in
      size == 4
        ? .ipv4(bytes.u32(offset)) : .ipv6(high: bytes.u64(offset), low: bytes.u64(offset + 8))
    }
  }
}

extension Text {
  /// Digits in half octets, the low half first (TBCD, TS 29.002 §17.7.8): `f` ends them, other letters are kept.
  init(telephonyBCD bytes: RawSpan) {
    var digits: [UInt8] = []
    loop: for index in 0..<bytes.byteCount {
      for half in [bytes.u8(index) & 15, bytes.u8(index) >> 4] {
        if half == 15 { break loop }
        digits.append(half < 10 ? 0x30 + half : 0x57 + half)
      }
    }
    self.init(digits)
  }

  /// Labels with a length octet before each (TS 23.003 §9.1, RFC 1035 §3.1), with dots between them; nil when the lengths
  /// do not fill the bytes. A root label at the end is allowed.
  init?(labels bytes: RawSpan) {
    var text: [UInt8] = []
    var offset = 0
    while offset < bytes.byteCount {
      let length = Int(bytes.u8(offset))
      if length == 0, offset == bytes.byteCount - 1, offset > 0 { break }
      guard (1...63).contains(length), offset + 1 + length <= bytes.byteCount else { return nil }
      if !text.isEmpty { text.append(0x2e) }
      text += bytes.extracting(offset + 1..<offset + 1 + length).array
      offset += 1 + length
    }
    self.init(text)
  }
}
