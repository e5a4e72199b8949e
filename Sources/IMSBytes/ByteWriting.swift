// Text that is written octet by octet: what is printed for each message is not made a string first.

extension [UInt8] {
  /// In UTF-8.
  package mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(contentsOf: $0) }
  }

  package mutating func append(_ text: Text) { append(contentsOf: text.bytes) }

  /// A number, with zeros before it where it has fewer digits.
  package mutating func append(decimal value: UInt64, digits: Int = 1) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { room in
      var (rest, place) = (value, room.count)
      let last = place - Swift.min(digits, place)
      repeat {
        place &-= 1
        room[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0 || place > last
      append(contentsOf: UnsafeBufferPointer(rebasing: room[place...]))
    }
  }
}

extension RawSpan {
  /// Printable ASCII without quotation mark and backslash: it stands between quotation marks as it is.
  package var isPlain: Bool {
    var index = 0
    while index <= byteCount &- 16 {
      // SAFETY: index + 16 <= byteCount.
      let octets = unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: SIMD16<UInt8>.self)
      // Below 0x20 it wraps to the top.
      if any((octets &- 0x20 .>= 0x5f) .| (octets .== 0x22) .| (octets .== 0x5c)) { return false }
      index &+= 16
    }
    while index < byteCount {
      let octet = unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)  // index < byteCount
      if octet &- 0x20 >= 0x5f || octet == 0x22 || octet == 0x5c { return false }
      index &+= 1
    }
    return true
  }
}
