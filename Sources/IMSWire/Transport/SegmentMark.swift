import IMSBytes

/// Part of the sequence space of a TCP stream, of less than 2 GiB; it may wrap.
struct SequenceRange: Hashable, Sendable, BitwiseCopyable {
  var start: UInt32
  var end: UInt32

  init(_ start: UInt32, _ end: UInt32) {
    self.start = start
    self.end = end
  }

  var count: Int { end.distance(from: start) }

  func overlaps(_ other: SequenceRange) -> Bool {
    start.distance(from: other.end) < 0 && other.start.distance(from: end) < 0
  }
}

extension UInt32 {
  /// RFC 9293, 3.4: from an earlier sequence number to this one; negative when it is the later one.
  @inline(__always)
  func distance(from earlier: UInt32) -> Int { Int(Int32(bitPattern: self &- earlier)) }

  @inline(__always)
  func advanced(_ count: Int) -> UInt32 { self &+ UInt32(truncatingIfNeeded: count) }
}

/// Which frame carried which bytes of a stream.
struct SegmentMark: Hashable, Sendable, BitwiseCopyable {
  var frame: UInt32
  /// The bytes had been there already.
  var isCopy: Bool
  var fileOffset: UInt64
  var time: Timestamp
  var range: SequenceRange
}

extension [SegmentMark] {
  /// One mark for each frame of a segment: several when its packet came in fragments.
  mutating func append(_ frames: FrameList, _ time: Timestamp, _ range: SequenceRange, isCopy: Bool = false) {
    append(
      SegmentMark(frame: frames.first, isCopy: isCopy, fileOffset: frames.fileOffset, time: time, range: range))
    for frame in frames.more {
      append(SegmentMark(frame: frame, isCopy: isCopy, fileOffset: frames.fileOffset, time: time, range: range))
    }
  }

  /// Keeps no mark that ends at or before `position`.
  mutating func drop(before position: UInt32) {
    if isEmpty { return }
    removeAll { $0.range.end.distance(from: position) <= 0 }
  }

  func lastTime(in range: SequenceRange) -> Timestamp? {
    var result: Timestamp?
    for mark in self where !mark.isCopy && mark.range.overlaps(range) {
      result = Swift.max(result ?? mark.time, mark.time)
    }
    return result
  }
}

extension FrameList {
  /// The frames of the marks that overlap `range`, in file order; nil when there are none.
  init?(_ marks: [SegmentMark], in range: SequenceRange) {
    guard var first = marks.first(where: { $0.range.overlaps(range) }) else { return nil }
    var numbers: [UInt32] = []
    // Of many marks few belong to one message, which keeps what is reserved here.
    numbers.reserveCapacity(Swift.min(marks.count - 1, 4))
    for mark in marks where mark.frame != first.frame && mark.range.overlaps(range) {
      if mark.frame < first.frame {
        numbers.append(first.frame)
        first = mark
      } else {
        numbers.append(mark.frame)
      }
    }
    self.init(first.frame, fileOffset: first.fileOffset, more: numbers.sortedDistinct(without: first.frame))
  }
}

extension [UInt32] {
  func sortedDistinct(without first: UInt32) -> [UInt32] {
    if count < 2 { return self }
    // As they come, unless a segment overtook another one.
    if !contains(first), zip(self, dropFirst()).allSatisfy(<) { return self }
    var result: [UInt32] = []
    for number in sorted() where number != first && number != result.last { result.append(number) }
    return result
  }
}
