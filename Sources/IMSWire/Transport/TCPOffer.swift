import IMSBytes

extension TCPStreams {
  /// Offers the untaken bytes when there are as many as the receiver wants, or when they end at a cut.
  mutating func offer(_ slot: Int, isTruncated: Bool = false, _ census: inout Census, _ deliver: Deliver) {
    let untaken = slots[slot].untaken
    guard untaken > 0, isTruncated || untaken >= slots[slot].wanted else { return }
    var buffer: [UInt8] = []
    swap(&buffer, &slots[slot].buffer)
    // The position depends on the buffer's length, which is away while it is lent.
    let head = slots[slot].head
    let start = slots[slot].next.advanced(head - buffer.count)
    let marks = slots[slot].marks
    let taken = present(
      slot, buffer.span.bytes.suffix(from: head), start, marks: marks, carried: nil, time: slots[slot].lastSeen,
      isTruncated: isTruncated, &census, deliver)
    swap(&buffer, &slots[slot].buffer)
    slots[slot].take(taken)
    if slots[slot].untaken == 0 { spare.keep(&slots[slot]) }
    if !isTruncated { boundUntaken(slot, &census) }
  }

  /// Asks the receiver until it takes nothing more or wants more than there is; the number of bytes it took. `carried`
  /// and `time` stand for all bytes when there are no marks.
  mutating func present(
    _ slot: Int, _ bytes: RawSpan, _ start: UInt32, marks: [SegmentMark], carried: FrameList?, time: Timestamp,
    isTruncated: Bool, _ census: inout Census, _ deliver: Deliver
  ) -> Int {
    var offset = 0
    while offset < bytes.byteCount {
      let left = bytes.byteCount - offset
      let from = start.advanced(offset)
      let range = SequenceRange(from, from.advanced(left))
      let frames = carried ?? FrameList(marks, in: range) ?? FrameList(0, fileOffset: 0)
      let payload = Payload(
        path: slots[slot].path, time: marks.lastTime(in: range) ?? time, bytes: bytes.suffix(from: offset),
        delivery: .stream(position: from, afterGap: slots[slot].isAfterGap), carried: frames, isTruncated: isTruncated,
        marks: marks.isEmpty ? nil : marks)
      if slots[slot].passing > 0 {
        offset += pass(slot, payload, deliver)
        continue
      }
      let answer = offerFirst(slot, payload, &census, deliver)
      let taken = max(0, min(answer.bytes, left))
      if taken > 0 {
        slots[slot].isAfterGap = false
        slots[slot].isTouched = true
      }
      offset += taken
      if taken == left {
        slots[slot].wanted = max(1, min(answer.wanted, Self.mostUntaken))
        slots[slot].passing = max(0, min(answer.passing, Self.mostUntaken))
      } else if taken == 0 || answer.wanted > left - taken {
        slots[slot].wanted = max(answer.wanted, left - taken + 1)
        break
      }
    }
    return offset
  }

  /// Bytes that the receiver passes over; how many.
  private mutating func pass(_ slot: Int, _ payload: borrowing Payload, _ deliver: Deliver) -> Int {
    let count = min(slots[slot].passing, payload.bytes.byteCount)
    slots[slot].passing -= count
    _ = deliver(payload.passed(count))
    return count
  }

  /// HEP is opened here; its first letter tells it from nearly everything else.
  private mutating func offerFirst(
    _ slot: Int, _ payload: borrowing Payload, _ census: inout Census, _ deliver: Deliver
  ) -> Taken {
    let isAfterGap = slots[slot].isAfterGap
    if isAfterGap || payload.bytes.u8(0) == 0x48, let taken = takeHEP(payload, isAfterGap, &census, deliver) {
      return taken
    }
    return deliver(payload)
  }

  /// Bytes of which the receiver wants more than can be kept are given up.
  mutating func boundUntaken(_ slot: Int, _ census: inout Census) {
    let untaken = slots[slot].untaken
    guard untaken > 0, untaken > Self.mostUntaken || slots[slot].wanted > Self.mostUntaken else { return }
    let frame = slots[slot].marks.first?.frame ?? 0
    census.note("TCP", "no message within 1 MiB", frame: frame, bytes: untaken)
    census.lose(Loss(slots[slot].path, slots[slot].marks.first?.time ?? slots[slot].lastSeen))
    slots[slot].leap(0)
  }
}
