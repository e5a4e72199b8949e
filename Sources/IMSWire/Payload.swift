package import IMSBytes

/// What a transport delivered: a datagram, a user message, or the part of a stream that nobody has taken yet. Borrowed:
/// valid only inside the closure it is given to.
package struct Payload: ~Escapable {
  package var path: Path
  /// Stamp of the frame that completed these bytes.
  package var time: Timestamp
  package var bytes: RawSpan
  package var delivery: Delivery
  /// The frames that carried these bytes, in file order: several for fragments and segments.
  package var carried: FrameList
  /// The capture cut the packet (snaplen): `bytes` end early.
  package var isTruncated: Bool
  /// Which frame carried which of `bytes`; nil when every frame in `carried` carried all of them.
  private var marks: [SegmentMark]?
  /// The agent of HEP names a call by it; empty without one.
  package var correlation: RawSpan

  @_lifetime(copy bytes)
  package init(
    path: Path, time: Timestamp, bytes: RawSpan, delivery: Delivery, carried: FrameList, isTruncated: Bool
  ) {
    self.init(
      path: path, time: time, bytes: bytes, delivery: delivery, carried: carried, isTruncated: isTruncated,
      marks: nil)
  }

  @_lifetime(copy bytes)
  init(
    path: Path, time: Timestamp, bytes: RawSpan, delivery: Delivery, carried: FrameList, isTruncated: Bool,
    marks: [SegmentMark]?
  ) {
    self.init(
      path: path, time: time, bytes: bytes, delivery: delivery, carried: carried, isTruncated: isTruncated,
      marks: marks, correlation: bytes.extracting(0..<0))
  }

  @_lifetime(copy bytes, copy correlation)
  init(
    path: Path, time: Timestamp, bytes: RawSpan, delivery: Delivery, carried: FrameList, isTruncated: Bool,
    marks: [SegmentMark]?, correlation: RawSpan
  ) {
    self.path = path
    self.time = time
    self.bytes = bytes
    self.delivery = delivery
    self.carried = carried
    self.isTruncated = isTruncated
    self.marks = marks
    self.correlation = correlation
  }

  /// The frames that carried some of `bytes[range]`, byte-equal copies included.
  package func frames(of range: Range<Int>) -> FrameList {
    guard let marks, !range.isEmpty else { return carried }
    return FrameList(marks, in: sequence(of: range)) ?? carried
  }

  /// The stamp of the frame that completed `bytes[range]`.
  package func time(of range: Range<Int>) -> Timestamp {
    guard let marks, !range.isEmpty else { return time }
    return marks.lastTime(in: sequence(of: range)) ?? time
  }

  /// The first of its bytes, which its receiver passes over.
  @_lifetime(copy self)
  func passed(_ count: Int) -> Payload {
    Payload(
      path: path, time: time(of: 0..<count), bytes: bytes.extracting(0..<count), delivery: .passed,
      carried: frames(of: 0..<count), isTruncated: isTruncated && count == bytes.byteCount)
  }

  private func sequence(of range: Range<Int>) -> SequenceRange {
    guard case .stream(let position, _) = delivery else { return SequenceRange(0, 0) }
    let start = position &+ UInt32(truncatingIfNeeded: range.lowerBound)
    return SequenceRange(start, start &+ UInt32(truncatingIfNeeded: range.count))
  }
}

/// How the bytes of a payload came.
package enum Delivery: Hashable, Sendable, BitwiseCopyable {
  case datagram
  /// A whole user message of SCTP. `position` is the TSN of its first chunk, the same at every capture point and in a
  /// retransmission: a message that comes again with it is the same sending. 0 where a recorder took the message out of
  /// its transport.
  case message(position: UInt32)
  /// The untaken bytes of a stream. `position` is the TCP sequence number of the first one (the same at every capture
  /// point); `afterGap` when bytes before it were lost or the stream began before the capture.
  ///
  /// After a gap a receiver that finds no message at the beginning should take nothing at first: segments that were
  /// swapped are still put before these. Bytes that came too late to be put in order are offered as a piece of their
  /// own, at their own position, `afterGap`.
  case stream(position: UInt32, afterGap: Bool)
  /// A segment that a stream of this capture point had delivered already: a TCP retransmission, or the second copy of
  /// a packet. Nothing can be taken from it.
  case repeated(position: UInt32)
  /// Bytes of a stream that its receiver passes over (`Taken.passing`). They are taken whatever it answers.
  case passed
  /// No payload: the packet speaks of others. Nothing taken means that they are nobody's.
  case event(TransportEvent)
}

/// What the receiver of a payload answers: how many bytes it took, and how many it wants to see at the least before it
/// is asked again; where it took all of them, how many of the next ones it passes over. Datagrams are always taken whole; a
/// user message likewise, or not at all when nobody can read it.
@usableFromInline package struct Taken: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var bytes: Int
  @usableFromInline package var wanted: Int
  @usableFromInline package var passing: Int

  @inlinable package init(bytes: Int, wanted: Int = 1, passing: Int = 0) {
    self.bytes = bytes
    self.wanted = wanted
    self.passing = passing
  }
}

/// The frames of one sighting: the first stands inline, so that the usual single frame costs neither an allocation nor a
/// count of references.
package struct FrameList: Hashable, Sendable {
  /// Nil for a single frame.
  private var further: Further?
  /// Offset of the first frame's record in the file.
  package var fileOffset: UInt64
  package var first: UInt32

  private final class Further: Sendable {
    let numbers: [UInt32]

    init(_ numbers: [UInt32]) { self.numbers = numbers }
  }

  package init(_ first: UInt32, fileOffset: UInt64, more: [UInt32] = []) {
    self.first = first
    self.fileOffset = fileOffset
    further = more.isEmpty ? nil : Further(more)
  }

  package var more: [UInt32] { further?.numbers ?? [] }
  package var isSingle: Bool { further == nil }
  package var isPair: Bool { further?.numbers.count == 1 }

  /// All frames of `lists`, in file order; nil when there are none.
  init?(joining lists: [FrameList]) {
    guard let lowest = lists.min(by: { $0.first < $1.first }) else { return nil }
    self.init(
      lowest.first, fileOffset: lowest.fileOffset,
      more: lists.flatMap(\.all).filter { $0 != lowest.first }.sortedDistinct(without: lowest.first))
  }

  package var all: [UInt32] { isSingle ? [first] : [first] + more }

  package static func == (left: FrameList, right: FrameList) -> Bool {
    left.first == right.first && left.fileOffset == right.fileOffset
      && (left.further === right.further || left.more == right.more)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(first)
    hasher.combine(fileOffset)
    hasher.combine(more)
  }
}
