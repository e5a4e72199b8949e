// Comparing and trimming wire text against words of the standards, without making a text of the word.

extension Text {
  /// Letters of either case; the word is ASCII.
  package func isToken(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count == count else { return false }
    return bytes.withUnsafeBufferPointer { buffer in
      for index in 0..<count where ASCII.lowercased(buffer[index]) != ASCII.lowercased(word.utf8Start[index]) {
        return false
      }
      return true
    }
  }

  /// Byte for byte; the word is ASCII.
  package func isExactly(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count == count else { return false }
    return bytes.withUnsafeBufferPointer { buffer in
      for index in 0..<count where buffer[index] != word.utf8Start[index] { return false }
      return true
    }
  }

  /// Letters of either case; the word is ASCII.
  package func containsIgnoringCase(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count >= count else { return false }
    return (bytes.startIndex...bytes.endIndex - count).contains { Text(bytes[$0..<$0 + count]).isToken(word) }
  }

  /// Without linear white space (RFC 3261 §25.1: SP, HT and the CRLF of a fold) at both ends.
  package var trimmedLWS: Text {
    let range = bytes.withUnsafeBufferPointer { buffer in
      var start = 0
      var end = buffer.count
      while start < end, ASCII.isLWS(buffer[start]) { start += 1 }
      while start < end, ASCII.isLWS(buffer[end - 1]) { end -= 1 }
      return start..<end
    }
    if range.count == bytes.count { return self }
    return Text(bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound])
  }

  /// Every run of white space that holds a line end becomes one space; the same storage when there is no fold.
  package var unfolded: Text {
    guard bytes.contains(where: { $0 == 0x0d || $0 == 0x0a }) else { return self }
    var result: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      var end = index
      while end < bytes.endIndex, ASCII.isLWS(bytes[end]) { end += 1 }
      if end == index {
        result.append(bytes[index])
        index += 1
      } else {
        let run = bytes[index..<end]
        if run.contains(where: { !ASCII.isBlank($0) }) { result.append(0x20) } else { result += run }
        index = end
      }
    }
    return Text(result)
  }

  /// A quoted string (RFC 3261 §25.1) without its quotes and backslashes; any other text unchanged.
  package var unquoted: Text {
    guard isQuoted else { return self }
    let inner = bytes[(bytes.startIndex + 1)..<(bytes.endIndex - 1)]
    guard Text(inner).read({ $0.firstIndex(of: 0x5c) != nil }) else { return Text(inner) }
    var result: [UInt8] = []
    var escaped = false
    for byte in inner {
      if byte == 0x5c, !escaped {
        escaped = true
      } else {
        result.append(byte)
        escaped = false
      }
    }
    return Text(result)
  }

  package var isQuoted: Bool { bytes.count >= 2 && bytes.first == 0x22 && bytes.last == 0x22 }
}

extension ASCII {
  /// White space of RFC 3261 §25.1 within a header value, where CR and LF only occur in folds.
  @inlinable @inline(__always) package static func isLWS(_ byte: UInt8) -> Bool {
    byte <= 0x20 && 0x1_0000_2600 >> UInt64(byte) & 1 == 1
  }

  @inlinable @inline(__always) package static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
  }

  /// In small letters, of a value below 16.
  package static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  /// The value of a hexadecimal digit.
  @inlinable @inline(__always) package static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// A character of `token` (RFC 3261 §25.1).
  @inlinable @inline(__always) package static func isToken(_ byte: UInt8) -> Bool {
    // One bit for each of the 128 characters.
    if byte < 64 { return 0x03ff_6ca2_0000_0000 >> UInt64(byte) & 1 == 1 }
    return byte < 128 && 0x47ff_ffff_87ff_fffe >> UInt64(byte & 63) & 1 == 1
  }
}

extension ArraySlice<UInt8> {
  /// The index of the first `byte`; preferred to the generic search, which looks at one element at a time.
  package func firstIndex(of byte: UInt8) -> Int? {
    withUnsafeBytes { RawSpan(_unsafeBytes: $0).firstIndex(of: byte) }.map { startIndex + $0 }
  }

  /// The index of the first byte that does not pass.
  @inlinable package func firstIndex(without passes: (UInt8) -> Bool) -> Int? {
    withUnsafeBufferPointer { buffer in
      for index in 0..<buffer.count where !passes(buffer[index]) { return startIndex + index }
      return nil
    }
  }
}
