import IMSBytes

/// One direction of a TCP connection at one capture point.
struct TCPStream {
  /// Of the newest segment.
  var path: Path
  var isStarted = false
  /// The sequence number of the SYN, when it was seen.
  var initial: UInt32?
  /// Behind the last byte that came in order.
  var next: UInt32 = 0
  /// Bytes before `hole.end` that have never come: the stream began before the capture, or a gap was given up. When
  /// they come after all they are no repetition.
  var hole = SequenceRange(0, 0)
  /// The receiver took something from behind the hole.
  var isTouched = false
  /// The untaken bytes that stand in order, from `head` on.
  var buffer: [UInt8] = []
  var head = 0
  /// Which frames carried the untaken bytes.
  var marks: [SegmentMark] = []
  /// The receiver is asked again when so many bytes are untaken.
  var wanted = 1
  /// So many of the next bytes are passed over.
  var passing = 0
  /// Where its sender closed it (RFC 9293, 3.6).
  var end: UInt32?
  /// It was over when it was filed.
  var isClosed = false
  /// The first untaken byte stands behind bytes that nobody saw.
  var isAfterGap = false
  /// Bytes after `next` that wait for those between.
  var ahead = SegmentQueue()
  /// Bytes of the hole that wait for those up to its end.
  var early = SegmentQueue()
  var lastSeen = Timestamp.distantPast
  /// Neighbours in the order of use; -1: none.
  var newer = -1
  var older = -1
  /// Stands in the list of streams whose patience may end.
  var isWaiting = false
  /// Of the newest segment with data.
  var latest = SegmentSample()
  /// Segments in a row that begin where the one before them began and carry other bytes.
  var contradictions = 0
  /// The sequence numbers stand still: segments are read as they come.
  var isFrozen: Bool { contradictions >= SegmentSample.proof }

  init(path: Path) { self.path = path }

  /// Its sender closed it, and nothing of it waits.
  var isOver: Bool { end == next && untaken == 0 && ahead.isEmpty && early.isEmpty }
  var untaken: Int { buffer.count - head }
  /// The sequence number of the first untaken byte.
  var position: UInt32 { next.advanced(-untaken) }
  /// Memory that the stream holds.
  var held: Int { buffer.count + ahead.byteCount + early.byteCount }
  /// When the oldest of the waiting segments came.
  var waitingSince: Timestamp { min(ahead.since, early.since) }

  /// With the SYN: the stream is whole from here on.
  mutating func begin(synchronisedAt sequence: UInt32) {
    reset(sequence.advanced(1))
    initial = sequence
  }

  /// In its middle, or anew after something that cannot be understood.
  mutating func begin(inTheMiddle sequence: UInt32) {
    reset(sequence)
    hole.start = sequence.advanced(-(1 << 20))
    isAfterGap = true
  }

  private mutating func reset(_ sequence: UInt32) {
    isStarted = true
    initial = nil
    next = sequence
    end = nil
    hole = SequenceRange(sequence, sequence)
    isTouched = false
    buffer = []
    head = 0
    marks = []
    wanted = 1
    passing = 0
    isAfterGap = false
    ahead.removeAll()
    early.removeAll()
    latest = SegmentSample()
    contradictions = 0
  }

  /// What follows stands `lost` bytes further on; untaken bytes are given up.
  mutating func leap(_ lost: Int) {
    dropUntaken()
    hole = SequenceRange(next, next.advanced(lost))
    next = hole.end
    isTouched = false
    isAfterGap = true
    wanted = 1
    passing = 0
  }

  mutating func dropUntaken() {
    buffer = []
    head = 0
    marks = []
  }

  mutating func append(_ bytes: RawSpan) {
    buffer.append(bytes)
    next = next.advanced(bytes.byteCount)
  }

  /// Segments of the hole that now stand directly before the untaken bytes.
  mutating func prepend(_ bytes: [UInt8], _ earlier: [SegmentMark]) {
    buffer = bytes + buffer[head...]
    head = 0
    marks = earlier + marks
    wanted = 1
  }

  mutating func take(_ count: Int) {
    head += count
    if head == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      head = 0
      marks.removeAll(keepingCapacity: true)
      return
    }
    marks.drop(before: position)
    if head > 65536, head > buffer.count / 2 {
      buffer.removeFirst(head)
      head = 0
    }
  }

  /// True when all of `bytes`, which begin at `sequence`, lie in the untaken bytes or before them; those that lie in
  /// them and are equal are noted as carried by this frame too.
  mutating func noteCopy(_ sequence: UInt32, _ bytes: RawSpan, _ walk: Walk) -> Bool {
    let first = position
    let skip = max(0, first.distance(from: sequence))
    guard untaken > 0, skip < bytes.byteCount else { return false }
    let from = sequence.advanced(skip)
    let part = bytes.suffix(from: skip)
    if buffer.equals(part, at: head + from.distance(from: first)) {
      marks.append(walk.frames, walk.time, SequenceRange(from, from.advanced(part.byteCount)), isCopy: true)
    }
    return skip == 0
  }
}
