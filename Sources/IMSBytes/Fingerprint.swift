/// A 128-bit digest of some bytes: the integer by which messages, dialogs and subscribers are joined.
///
/// Two different texts share a fingerprint with a probability of about 2^-128 per pair, so a join compares
/// fingerprints and never goes back to the bytes. The value depends on the bytes alone: it is the same on every
/// run and machine. It is no cryptographic hash.
@usableFromInline package struct Fingerprint: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package var high: UInt64
  @usableFromInline package var low: UInt64

  /// The fingerprint of no bytes.
  @inlinable package static var empty: Fingerprint {
    Fingerprint(high: 0x9E37_79B9_7F4A_7C15, low: 0xC2B2_AE3D_27D4_EB4F)
  }

  @inlinable package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  @inlinable package init(of bytes: RawSpan) {
    self = .empty
    combine(bytes)
  }

  package init(of text: Text) {
    self = .empty
    combine(text)
  }

  @usableFromInline package mutating func combine(_ bytes: RawSpan) {
    var state = self
    let count = bytes.byteCount
    // SAFETY: every offset is asked for before it is read.
    func word(_ offset: Int) -> UInt64 {
      bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
    }
    func half(_ offset: Int) -> UInt64 {
      UInt64(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self).littleEndian)
    }
    func byte(_ offset: Int) -> UInt64 {
      UInt64(bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self))
    }
    var offset = 0
    if count > 128 {
      // Two at a time: neither waits for the product of the other.
      var other = Fingerprint(high: ~state.high, low: ~state.low)
      while offset &+ 32 < count {
        state.absorb(word(offset), word(offset &+ 8))
        other.absorb(word(offset &+ 16), word(offset &+ 24))
        offset &+= 32
      }
      state.mix(other.high, other.low)
    }
    while offset &+ 16 < count {
      state.absorb(word(offset), word(offset &+ 8))
      offset &+= 16
    }
    // What is left may be read twice: the length tells how much of it.
    let last: (UInt64, UInt64) =
      switch count {
      case 16...: (word(count &- 16), word(count &- 8))
      case 8...: (word(0), word(count &- 8))
      case 4...: (half(0), half(count &- 4))
      case 1...: (byte(0) << 16 | byte(count / 2) << 8 | byte(count &- 1), 0)
      default: (0, 0)
      }
    state.mix(last.0 &+ UInt64(truncatingIfNeeded: count) &* 0xD6E8_FEB8_6659_FD93, last.1)
    self = state
  }

  package mutating func combine(_ text: Text) {
    text.bytes.withUnsafeBytes { combine(RawSpan(_unsafeBytes: $0)) }
  }

  @inlinable package mutating func combine(_ number: UInt64) { mix(number) }
  @inlinable package mutating func combine(_ first: UInt64, _ second: UInt64) { mix(first, second) }
  @inlinable package mutating func combine(_ other: Fingerprint) {
    mix(other.high)
    mix(other.low)
  }

  /// Two words of many, by one multiplication: what it loses of them where a factor is small stays beside the product.
  /// The last two must come by `mix`.
  @inline(__always)
  private mutating func absorb(_ first: UInt64, _ second: UInt64) {
    let (left, right) = (first ^ high, second ^ low)
    let product = left.multipliedFullWidth(by: right)
    high = product.high &+ (left << 29 | left >> 35)
    low = product.low ^ (right << 37 | right >> 27)
  }

  /// Two words at once: each lane multiplies both of them.
  @inlinable @inline(__always)
  mutating func mix(_ first: UInt64, _ second: UInt64) {
    let a = (first ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: second ^ high)
    let b = (first ^ low).multipliedFullWidth(by: second ^ 0xE703_7ED1_A0B4_28DB)
    high = a.high ^ a.low ^ (low &+ 0x8EBC_6AF0_9C88_C6E3)
    low = b.high ^ b.low ^ (high &+ 0x5899_65CC_7537_4CC3)
  }

  @inlinable @inline(__always)
  mutating func mix(_ word: UInt64) {
    let a = (high ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    let b = (low &+ word &+ 0x8EBC_6AF0_9C88_C6E3).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    high = a.high ^ a.low ^ low
    low = b.high ^ b.low ^ (a.high &+ 0x5899_65CC_7537_4CC3)
  }

  @inlinable package static func == (left: Fingerprint, right: Fingerprint) -> Bool {
    left.high == right.high && left.low == right.low
  }

  @inlinable package static func < (left: Fingerprint, right: Fingerprint) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
