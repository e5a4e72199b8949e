import IMSBytes

/// Where a piece lies in the text that it was read from: offsets from the first byte. A header value is one text and its
/// parts, so that passing it on counts one reference.
struct Part: Hashable, Sendable, BitwiseCopyable {
  var start: UInt32
  var end: UInt32

  init(_ range: Range<Int>) {
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    end = UInt32(truncatingIfNeeded: range.upperBound)
  }

  var range: Range<Int> { Int(start)..<Int(end) }
}

extension Text {
  func part(_ part: Part) -> Text {
    let first = bytes.startIndex
    return Text(bytes[(first + Int(part.start))..<(first + Int(part.end))])
  }

  /// Of a part in quotes.
  func unquoted(_ part: Part) -> Text {
    let inner = part.range.lowerBound + 1..<part.range.upperBound - 1
    // Hardly any is escaped.
    let isEscaped = read { $0.firstIndex(of: 0x5c, from: inner.lowerBound, to: inner.upperBound) } != nil
    return isEscaped ? self.part(part).unquoted : self.part(Part(inner))
  }
}
