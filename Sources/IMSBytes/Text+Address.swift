// Address literals inside wire text, as numbers, so that `[2001:DB8::1]` and `[2001:db8:0::1]` compare equal.

extension RawSpan {
  /// The dotted-decimal IPv4 address that stands in `range` and fills it.
  package func ipv4(in range: Range<Int>) -> UInt32? {
    var value: UInt32 = 0
    var part: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in range {
      let byte = u8(index)
      if ASCII.isDigit(byte), digits < 3 {
        part = part * 10 + UInt32(byte - 0x30)
        digits += 1
      } else if byte == 0x2e, digits > 0, part < 256, dots < 3 {
        value = value << 8 | part
        (part, digits, dots) = (0, 0, dots + 1)
      } else {
        return nil
      }
    }
    return dots == 3 && digits > 0 && part < 256 ? value << 8 | part : nil
  }
}

extension Text {
  /// A dotted-decimal IPv4 address.
  package var ipv4: UInt32? { read { $0.ipv4(in: 0..<$0.byteCount) } }

  /// An IPv6 address (RFC 4291 §2.2), with or without the brackets of a URI.
  package var ipv6: (high: UInt64, low: UInt64)? {
    var inner = bytes
    if inner.first == 0x5b, inner.last == 0x5d, inner.count > 2 { inner = inner.dropFirst().dropLast() }
    guard inner.count >= 2, inner.count <= 45, inner.contains(0x3a) else { return nil }
    var groups = IPv6Groups()
    var index = inner.startIndex
    while index < inner.endIndex {
      if inner[index] == 0x3a {
        guard index + 1 < inner.endIndex, inner[index + 1] == 0x3a, groups.gap == nil else { return nil }
        groups.gap = groups.count
        index += 2
        continue
      }
      let end = inner[index...].firstIndex(of: 0x3a) ?? inner.endIndex
      guard groups.append(Text(inner[index..<end]), isLast: end == inner.endIndex) else { return nil }
      index = end
      if index < inner.endIndex, index + 1 == inner.endIndex { return nil }
      if index < inner.endIndex, inner[index + 1] != 0x3a { index += 1 }
    }
    return groups.value
  }
}

/// The 16-bit groups read so far and the place of `::` among them.
private struct IPv6Groups {
  var high: UInt64 = 0
  var low: UInt64 = 0
  var count = 0
  var gap: Int?

  mutating func append(_ text: Text, isLast: Bool) -> Bool {
    if isLast, text.bytes.contains(0x2e) {
      guard let address = text.ipv4, count <= 6 else { return false }
      push(UInt64(address >> 16))
      push(UInt64(address & 0xffff))
      return true
    }
    guard (1...4).contains(text.count), count < 8 else { return false }
    var group: UInt64 = 0
    for byte in text.bytes {
      guard let digit = ASCII.hexValue(byte) else { return false }
      group = group << 4 | UInt64(digit)
    }
    push(group)
    return true
  }

  private mutating func push(_ group: UInt64) {
    high = high << 16 | low >> 48
    low = low << 16 | group
    count += 1
  }

  var value: (high: UInt64, low: UInt64)? {
    guard let gap else { return count == 8 ? (high, low) : nil }
    guard count < 8 else { return nil }
    // The groups before the gap move up by the width of the gap.
    let after = (count - gap) * 16
    let tail = Self.mask(after)
    let (tailHigh, tailLow) = (high & tail.high, low & tail.low)
    var (headHigh, headLow) = (high & ~tail.high, low & ~tail.low)
    for _ in 0..<(8 - count) {
      headHigh = headHigh << 16 | headLow >> 48
      headLow <<= 16
    }
    return (headHigh | tailHigh, headLow | tailLow)
  }

  private static func mask(_ bits: Int) -> (high: UInt64, low: UInt64) {
    bits >= 64 ? ((UInt64(1) << UInt64(bits - 64)) &- 1, .max) : (0, (UInt64(1) << UInt64(bits)) &- 1)
  }
}

/// Addresses as text, for findings and views.
package enum AddressText {
  package static func ipv4(_ value: UInt32) -> String {
    String(unsafeUninitializedCapacity: longest) { put(ipv4: value, in: $0) }
  }

  package static func write(ipv4 value: UInt32, to text: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { room in
      let count = put(ipv4: value, in: room)
      text.append(contentsOf: UnsafeBufferPointer(rebasing: room[..<count]))
    }
  }

  /// "255.255.255.255".
  private static let longest = 15

  /// How many octets it takes, of `longest` that there is room for.
  private static func put(ipv4 value: UInt32, in room: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var count = 0
    func put(_ octet: UInt8) {
      room[count] = octet
      count &+= 1
    }
    for shift: UInt32 in stride(from: 24, through: 0, by: -8) {
      let number = UInt8(truncatingIfNeeded: value >> shift)
      if shift < 24 { put(UInt8(ascii: ".")) }
      if number >= 100 { put(UInt8(ascii: "0") &+ number / 100) }
      if number >= 10 { put(UInt8(ascii: "0") &+ number / 10 % 10) }
      put(UInt8(ascii: "0") &+ number % 10)
    }
    return count
  }

  /// RFC 5952: lower case, the longest run of at least two zero groups as `::`.
  package static func ipv6(high: UInt64, low: UInt64) -> String {
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
    }
    var best = 0..<0
    var index = 0
    while index < 8 {
      var end = index
      while end < 8, groups[end] == 0 { end += 1 }
      if end - index > max(1, best.count) { best = index..<end }
      index = max(end, index + 1)
    }
    func join(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    if best.isEmpty { return join(groups[...]) }
    return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
  }
}
