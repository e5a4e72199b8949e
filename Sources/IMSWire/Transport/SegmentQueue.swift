import IMSBytes

/// Segments that wait for the bytes before them, in the order of their sequence numbers, without overlap: on overlap
/// the bytes that came first win.
struct SegmentQueue {
  struct Segment {
    var start: UInt32
    var bytes: [UInt8]
    /// Bytes behind them that the capture cut.
    var missing: Int
    var marks: [SegmentMark]
    /// That `marks` name.
    var copies = 0
    var came: Timestamp

    var end: UInt32 { start.advanced(bytes.count + missing) }
  }

  private(set) var segments: [Segment] = []
  private(set) var byteCount = 0
  /// When the oldest of them came.
  private(set) var since = Timestamp.distantFuture

  var isEmpty: Bool { segments.isEmpty }

  /// The number of frames of copies that are not named because too many are.
  mutating func insert(_ start: UInt32, _ bytes: RawSpan, missing: Int, _ walk: Walk, now: Timestamp) -> Int {
    var unnamed = 0
    since = min(since, now)
    let length = bytes.byteCount + missing
    var position = 0
    var index = 0
    while index < segments.count, position < length {
      let low = segments[index].start.distance(from: start)
      let high = segments[index].end.distance(from: start)
      if low >= length { break }
      if high > position {
        if low > position {
          place(index, start, bytes, position..<low, walk, now)
          index += 1
        }
        unnamed += noteCopy(index, start, bytes, max(position, low), min(high, bytes.byteCount), walk)
        position = max(position, high)
      }
      index += 1
    }
    if position < length { place(index, start, bytes, position..<length, walk, now) }
    return unnamed
  }

  mutating func removeFirst() -> Segment { remove(0) }

  mutating func remove(_ index: Int) -> Segment {
    let segment = segments.remove(at: index)
    byteCount -= segment.bytes.count
    since = segments.lazy.map(\.came).min() ?? .distantFuture
    return segment
  }

  mutating func removeAll() { self = SegmentQueue() }

  private mutating func place(
    _ index: Int, _ start: UInt32, _ bytes: RawSpan, _ range: Range<Int>, _ walk: Walk, _ now: Timestamp
  ) {
    let held = min(range.lowerBound, bytes.byteCount)..<min(range.upperBound, bytes.byteCount)
    let from = start.advanced(range.lowerBound)
    var segment = Segment(
      start: from, bytes: bytes.extracting(held).array, missing: range.count - held.count, marks: [], came: now)
    segment.marks.append(walk.frames, walk.time, SequenceRange(from, from.advanced(held.count)))
    segments.insert(segment, at: index)
    byteCount += held.count
  }

  private mutating func noteCopy(
    _ index: Int, _ start: UInt32, _ bytes: RawSpan, _ low: Int, _ high: Int, _ walk: Walk
  ) -> Int {
    guard low < high else { return 0 }
    let range = low..<high
    let from = start.advanced(low)
    let offset = from.distance(from: segments[index].start)
    guard segments[index].bytes.equals(bytes.extracting(range), at: offset) else { return 0 }
    guard segments[index].copies < Bounds.namedCopies else { return walk.frames.all.count }
    segments[index].copies += 1
    let both = SequenceRange(from, from.advanced(range.count))
    segments[index].marks.append(walk.frames, walk.time, both, isCopy: true)
    return 0
  }
}

extension [UInt8] {
  func equals(_ other: RawSpan, at offset: Int) -> Bool {
    guard offset >= 0, offset + other.byteCount <= count else { return false }
    return (0..<other.byteCount).allSatisfy { self[offset + $0] == other.u8($0) }
  }

  mutating func append(_ other: RawSpan) { other.withUnsafeBytes { append(contentsOf: $0) } }
}
