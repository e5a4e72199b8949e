#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension RawSpan {
  /// The offset of the first `byte` in `start..<end`; nil when there is none or the range lies outside the span.
  @inlinable package func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard start >= 0, start < end, end <= byteCount else { return nil }
    return search(byte, start, end)
  }

  @inlinable package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    let end = byteCount
    return start >= 0 && start < end ? search(byte, start, end) : nil
  }

  /// The offset of the first octet from `start` on that is `one`, with one from 0x21 to 0x7f behind it, or `other`, with one
  /// of at most `most` behind it. Of the last three octets each counts, whatever follows it.
  package func firstIndex(
    of one: UInt8, beforeVisible start: Int, or other: UInt8, beforeAtMost most: UInt8
  ) -> Int? {
    var at = max(0, start)
    while at < byteCount {
      // Both by the widest steps that the machine has, and not far ahead: what one finds soon the other need not be sought for.
      let end = min(at &+ 512, byteCount)
      var nextOne = firstIndex(of: one, from: at, to: end) ?? end
      while at < end {
        let hit = firstIndex(of: other, from: at, to: nextOne) ?? nextOne
        if hit == end { break }
        if hit &+ 3 >= byteCount { return hit }
        let next = u8(hit &+ 1)
        at = hit &+ 1
        if hit == nextOne {
          if next >= 0x21 && next <= 0x7f { return hit }
          nextOne = firstIndex(of: one, from: at, to: end) ?? end
        } else if next <= most {
          return hit
        }
      }
      at = end
    }
    return nil
  }

  /// 0 <= start < end <= byteCount.
  @usableFromInline func search(_ byte: UInt8, _ start: Int, _ end: Int) -> Int? {
    withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, let hit = memchr(base + start, Int32(byte), end &- start) else { return nil }
      return UnsafeRawPointer(hit) - base
    }
  }

  /// Is each octet in `start..<end` larger than this one? The range lies within the span.
  package func exceeds(_ octet: UInt8, from start: Int, to end: Int) -> Bool {
    precondition(start >= 0 && start <= end && end <= byteCount)
    var index = start
    let limits = SIMD16<UInt8>(repeating: octet)
    while index <= end &- 16 {
      // SAFETY: index + 16 <= end <= byteCount.
      if any(unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: SIMD16<UInt8>.self) .<= limits) { return false }
      index &+= 16
    }
    while index < end {
      if unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) <= octet { return false }  // index < byteCount
      index &+= 1
    }
    return true
  }

  /// Where the letters and digits end that begin at `start`; an octet above "@" counts as a letter.
  package func endOfWord(from start: Int) -> Int {
    precondition(start >= 0)
    var at = start
    while at <= byteCount &- 8 {
      // SAFETY: at + 8 <= byteCount.
      let word = unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self).littleEndian
      // The highest bit of each octet that is no letter.
      let others = ~(word | (word & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x3f3f_3f3f_3f3f_3f3f) & 0x8080_8080_8080_8080
      at &+= others.trailingZeroBitCount / 8
      if others != 0, u8(at) &- 0x30 >= 10 { return at }
      if others != 0 { at &+= 1 }
    }
    while at < byteCount, u8(at) > 0x40 || u8(at) &- 0x30 < 10 { at += 1 }
    return at
  }

  package func isEqual(to other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    return withUnsafeBytes { left in
      other.withUnsafeBytes { right in
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
      }
    }
  }

  /// Do the bytes at `offset` begin with those of `prefix`, letters of either case?
  package func spellsIgnoringCase(_ prefix: RawSpan) -> Bool {
    guard prefix.byteCount <= byteCount else { return false }
    for index in 0..<prefix.byteCount where u8(index) != prefix.u8(index) {
      guard ASCII.lowercased(u8(index)) == ASCII.lowercased(prefix.u8(index)) else { return false }
    }
    return true
  }

  /// Do the bytes at `offset` spell `text` (ASCII)? With `ignoringCase`, letters of either case.
  @inlinable @inline(__always)
  package func spells(_ text: StaticString, at offset: Int, ignoringCase: Bool = false) -> Bool {
    let count = text.utf8CodeUnitCount
    guard offset >= 0, count <= byteCount, offset <= byteCount - count else { return false }
    for index in 0..<count {
      let left = unsafeLoad(fromUncheckedByteOffset: offset + index, as: UInt8.self)  // offset + index < byteCount
      let right = text.utf8Start[index]
      guard left == right || ignoringCase && ASCII.lowercased(left) == ASCII.lowercased(right) else { return false }
    }
    return true
  }
}
