/// Long texts that end as many others do, the last few of them: while one of the others waits, it keeps only what differs.
///
/// The filter criteria of subscribers are such ends (TS 29.228 Annex E): an operator gives the same to all of them, and they
/// are a third of what a registration brings.
@usableFromInline package struct CommonEnds: Sendable {
  /// What is shorter is not worth an allocation.
  package static var shortest: Int { 1024 }

  /// Each with everything before its end.
  private var texts: [ArraySlice<UInt8>] = []
  /// The one that was put in last where there are as many as may be.
  private var latest = -1

  package init() {}

  /// What `octets` keep of themselves when the end of their text `start..<end` is kept here; nil where the text is short, and
  /// where it does not end like one that came before for half of its length.
  @usableFromInline package mutating func fold(_ octets: [UInt8], from start: Int, to end: Int) -> FoldedOctets? {
    precondition(start >= 0 && start <= end && end <= octets.count)
    guard end - start >= Self.shortest, end - start <= Bounds.commonEndLength else { return nil }
    for text in texts {
      let length = octets.span.bytes.extracting(start..<end).commonEnd(with: text.span.bytes)
      if length >= (end - start) / 2 { return FoldedOctets(octets, end - length..<end, text.suffix(length)) }
    }
    keep(octets[start..<end])
    return nil
  }

  /// In the place of the oldest, where there are many.
  private mutating func keep(_ text: ArraySlice<UInt8>) {
    if texts.count < Bounds.commonEnds {
      texts.append(text)
    } else {
      latest = (latest + 1) % texts.count
      texts[latest] = text
    }
  }
}

/// Octets without a part that others have as well.
@usableFromInline package struct FoldedOctets: Sendable {
  private let rest: [UInt8]
  /// Where in `rest` it is missing.
  private let place: Int
  private let part: ArraySlice<UInt8>

  fileprivate init(_ octets: [UInt8], _ missing: Range<Int>, _ part: ArraySlice<UInt8>) {
    rest = ByteRoom.filled(octets.count - missing.count) { room in
      octets.withUnsafeBytes {
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<missing.lowerBound]))
        UnsafeMutableRawBufferPointer(rebasing: room[missing.lowerBound...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[missing.upperBound...]))
      }
    }
    place = missing.lowerBound
    self.part = part
  }

  /// As they were.
  @usableFromInline package var whole: [UInt8] {
    ByteRoom.filled(rest.count + part.count) { room in
      rest.withUnsafeBytes { rest in
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<place]))
        part.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[place...]).copyMemory(from: $0) }
        UnsafeMutableRawBufferPointer(rebasing: room[(place + part.count)...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: rest[place...]))
      }
    }
  }
}

extension RawSpan {
  /// How many octets at their ends the two have in common.
  fileprivate func commonEnd(with other: RawSpan) -> Int {
    let most = min(byteCount, other.byteCount)
    var count = 0
    while count &+ 512 <= most, block(512, beforeLast: count).isEqual(to: other.block(512, beforeLast: count)) {
      count &+= 512
    }
    // SAFETY: no offset lies before the first octet of either, for count stays below most.
    while count &+ 8 <= most {
      let mine = unsafeLoadUnaligned(fromUncheckedByteOffset: byteCount &- count &- 8, as: UInt64.self)
      let others = other.unsafeLoadUnaligned(
        fromUncheckedByteOffset: other.byteCount &- count &- 8, as: UInt64.self)
      // The last octet is the most significant one.
      if mine != others { return count &+ (mine ^ others).littleEndian.leadingZeroBitCount / 8 }
      count &+= 8
    }
    while count < most, u8(byteCount &- count &- 1) == other.u8(other.byteCount &- count &- 1) { count &+= 1 }
    return count
  }

  @_lifetime(copy self)
  private func block(_ size: Int, beforeLast count: Int) -> RawSpan {
    extracting(byteCount - count - size..<byteCount - count)
  }
}
