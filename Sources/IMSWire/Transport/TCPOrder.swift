// RFC 9293, section 3.4: where a segment stands in its stream.

import IMSBytes

extension TCPStreams {
  mutating func synchronise(_ slot: Int, _ sequence: UInt32, _ census: inout Census, _ deliver: Deliver) {
    let first = sequence &+ 1
    let stream = slots[slot]
    if stream.isFrozen, stream.latest.start == sequence || stream.latest.start == first { return }
    if !stream.isStarted {
      slots[slot].begin(synchronisedAt: sequence)
    } else if stream.initial == sequence {
      return  // captured twice, or sent again
    } else if stream.initial == nil, (0...65536).contains(stream.hole.end.distance(from: first)) {
      // The data overtook it.
      slots[slot].initial = sequence
      slots[slot].hole.start = first
      if stream.hole.end == first, !stream.isTouched { slots[slot].isAfterGap = false }
    } else {
      flush(slot, &census, deliver)
      noteRest(slot, &census)
      slots[slot].begin(synchronisedAt: sequence)
    }
  }

  /// A segment with data; `walk.missing` of its bytes were cut.
  mutating func place(
    _ slot: Int, _ start: UInt32, _ bytes: RawSpan, _ walk: Walk, _ now: Timestamp, _ census: inout Census,
    _ deliver: Deliver
  ) {
    if !slots[slot].isStarted {
      if bytes.byteCount == 1, bytes.u8(0) == 0 { return }  // a keep-alive
      slots[slot].begin(inTheMiddle: start)
    }
    let sample = SegmentSample(bytes, at: start)
    let latest = slots[slot].latest
    slots[slot].latest = sample
    if start == latest.start || slots[slot].isFrozen || start == slots[slot].initial,
      standsStill(slot, sample, latest, bytes, walk, &census, deliver)
    {
      return
    }
    if slots[slot].contradictions == 1, start != latest.start { slots[slot].contradictions = 0 }
    var distance = start.distance(from: slots[slot].next)
    if abs(distance) > Self.largestLeap {
      census.note("TCP", "sequence numbers leap: taken for another connection", frame: walk.frames.first)
      flush(slot, &census, deliver)
      noteRest(slot, &census)
      slots[slot].begin(inTheMiddle: start)
      distance = 0
    }
    let end = distance + bytes.byteCount + walk.missing
    if distance < 0 {
      placeBehind(slot, start, bytes, isOld: end <= 0, walk, now, &census, deliver)
      if end <= 0 { return }
    }
    if distance > 0 {
      unnamed += slots[slot].ahead.insert(start, bytes, missing: walk.missing, walk, now: now)
      while slots[slot].ahead.byteCount > Self.mostAhead { skipGap(slot, &census, deliver) }
      return
    }
    let known = min(-distance, bytes.byteCount)
    let missing = min(walk.missing, end)
    accept(slot, bytes.suffix(from: known), missing: missing, walk, &census, deliver)
  }

  /// Takes a segment that cannot be put in order, because it begins where another one with other bytes began: alone, or
  /// behind what came before when that goes on. False for a segment whose number can be believed.
  private mutating func standsStill(
    _ slot: Int, _ sample: SegmentSample, _ latest: SegmentSample, _ bytes: RawSpan, _ walk: Walk,
    _ census: inout Census, _ deliver: Deliver
  ) -> Bool {
    let wasFrozen = slots[slot].isFrozen
    if sample.contradicts(latest) {
      slots[slot].contradictions += 1
    } else if slots[slot].initial == sample.start, walk.flags & TCP.syn == 0, sample.count > 1 {
      // No sender puts bytes where its SYN stands.
      slots[slot].contradictions = SegmentSample.proof
    } else if !wasFrozen {
      return false
    }
    if slots[slot].isFrozen, !wasFrozen {
      census.note("TCP", "sequence numbers stand still: segments are read as they come", frame: walk.frames.first)
      slots[slot].ahead.removeAll()
      slots[slot].early.removeAll()
    }
    if slots[slot].isFrozen, !sample.isCopy(of: latest) {
      accept(slot, bytes, missing: walk.missing, walk, &census, deliver)
    } else {
      deliverAgain(slot, sample.start, bytes, walk, deliver)
    }
    return true
  }

  /// Nothing can be taken from it.
  private func deliverAgain(_ slot: Int, _ start: UInt32, _ bytes: RawSpan, _ walk: Walk, _ deliver: Deliver) {
    if bytes.byteCount == 0 { return }  // the capture cut all of it
    let payload = Payload(
      path: slots[slot].path, time: walk.time, bytes: bytes, delivery: .repeated(position: start),
      carried: walk.frames, isTruncated: walk.missing > 0)
    _ = deliver(payload)
  }

  /// The part of a segment before `next`: it fills the hole, or it is a copy of untaken bytes, or it was delivered.
  private mutating func placeBehind(
    _ slot: Int, _ start: UInt32, _ bytes: RawSpan, isOld: Bool, _ walk: Walk, _ now: Timestamp,
    _ census: inout Census, _ deliver: Deliver
  ) {
    let next = slots[slot].next
    // A keep-alive (RFC 9293, 3.8.4) repeats one byte, or makes one up.
    if bytes.byteCount == 1, start.distance(from: next) == -1 { return }
    let count = min(bytes.byteCount, next.distance(from: start))
    let part = bytes.extracting(0..<count)
    let hole = slots[slot].hole
    if hole.count > 0, start.distance(from: hole.start) >= 0, start.distance(from: hole.end) < 0 {
      let room = hole.end.distance(from: start)
      let length = min(room, bytes.byteCount + walk.missing)
      let some = bytes.extracting(0..<min(room, count))
      unnamed += slots[slot].early.insert(start, some, missing: length - some.byteCount, walk, now: now)
      resolveEarly(slot, &census, deliver)
      return
    }
    if count == 0 { return }
    if slots[slot].noteCopy(start, part, walk) || !isOld { return }
    deliverAgain(slot, start, part, walk, deliver)
  }

  /// Bytes that begin at `next`.
  private mutating func accept(
    _ slot: Int, _ bytes: RawSpan, missing: Int, _ walk: Walk, _ census: inout Census, _ deliver: Deliver
  ) {
    let start = slots[slot].next
    let count = bytes.byteCount
    let isDirect = slots[slot].untaken == 0 && slots[slot].ahead.isEmpty
    if isDirect, missing > 0 || count >= slots[slot].wanted {
      slots[slot].next = start.advanced(count)
      let taken = present(
        slot, bytes, start, marks: [], carried: walk.frames, time: walk.time, isTruncated: missing > 0, &census,
        deliver)
      if missing > 0 {
        cut(slot, missing, walk.frames.first, &census)
      } else if taken < count {
        spare.lend(to: &slots[slot])
        slots[slot].buffer.append(bytes.suffix(from: taken))
        slots[slot].marks.append(walk.frames, walk.time, SequenceRange(start, start.advanced(count)))
        boundUntaken(slot, &census)
      }
      return
    }
    if slots[slot].untaken == 0 { spare.lend(to: &slots[slot]) }
    slots[slot].append(bytes)
    slots[slot].marks.append(walk.frames, walk.time, SequenceRange(start, start.advanced(count)))
    if missing > 0 {
      offer(slot, isTruncated: true, &census, deliver)
      cut(slot, missing, walk.frames.first, &census)
    }
    drain(slot, &census, deliver)
    offer(slot, &census, deliver)
  }

  /// Moves what has become contiguous from `ahead` to the untaken bytes.
  private mutating func drain(_ slot: Int, _ census: inout Census, _ deliver: Deliver) {
    while let first = slots[slot].ahead.segments.first {
      let known = slots[slot].next.distance(from: first.start)
      if known < 0 { return }
      let segment = slots[slot].ahead.removeFirst()
      if known < segment.bytes.count {
        slots[slot].append(segment.bytes.span.bytes.suffix(from: known))
        slots[slot].marks += segment.marks
      }
      let missing = min(segment.missing, segment.bytes.count + segment.missing - known)
      if missing > 0 {
        offer(slot, isTruncated: true, &census, deliver)
        cut(slot, missing, segment.marks.first?.frame ?? 0, &census)
      }
    }
  }

  /// Gives up the bytes before the first segment that waits.
  mutating func skipGap(_ slot: Int, _ census: inout Census, _ deliver: Deliver) {
    guard let first = slots[slot].ahead.segments.first else { return }
    flushEarly(slot, &census, deliver)
    let lost = first.start.distance(from: slots[slot].next)
    census.note("TCP", "gap in the stream", frame: first.marks.first?.frame ?? 0, bytes: lost)
    census.lose(Loss(slots[slot].path, first.marks.first?.time ?? slots[slot].lastSeen))
    slots[slot].leap(lost)
    drain(slot, &census, deliver)
    offer(slot, &census, deliver)
  }

  /// The rest of a segment is not in the capture.
  private mutating func cut(_ slot: Int, _ missing: Int, _ frame: UInt32, _ census: inout Census) {
    census.note("TCP", "segment cut by the capture", frame: frame, bytes: missing)
    census.lose(Loss(slots[slot].path, slots[slot].lastSeen, isCut: true))
    slots[slot].leap(missing)
    slots[slot].hole.start = slots[slot].hole.end
  }

  /// Segments of the hole that reach its end: put before the untaken bytes, or offered alone when those behind the
  /// hole were taken already.
  private mutating func resolveEarly(_ slot: Int, _ census: inout Census, _ deliver: Deliver) {
    let segments = slots[slot].early.segments
    guard let last = segments.last, last.end == slots[slot].hole.end else { return }
    var index = segments.count - 1
    while index > 0, segments[index - 1].missing == 0, segments[index - 1].end == segments[index].start { index -= 1 }
    // Bytes of the hole that were given up lie between.
    let isApart = slots[slot].hole.end != slots[slot].position
    if slots[slot].isTouched || isApart || last.missing > 0 {
      offerEarly(slot, index, isLastChance: false, &census, deliver)
      return
    }
    var bytes: [UInt8] = []
    var marks: [SegmentMark] = []
    let start = segments[index].start
    while slots[slot].early.segments.count > index {
      let segment = slots[slot].early.remove(index)
      bytes += segment.bytes
      marks += segment.marks
    }
    slots[slot].prepend(bytes, marks)
    slots[slot].hole.end = start
    if slots[slot].initial?.advanced(1) == start { slots[slot].isAfterGap = false }
    offer(slot, &census, deliver)
  }

  /// Offers the contiguous run of the hole that begins with the segment at `index`. When nothing of it is taken it
  /// waits for the bytes before it, unless this is the last chance; what is not taken then is lost.
  private mutating func offerEarly(
    _ slot: Int, _ index: Int, isLastChance: Bool, _ census: inout Census, _ deliver: Deliver
  ) {
    let segments = slots[slot].early.segments
    let start = segments[index].start
    var bytes: [UInt8] = []
    var marks: [SegmentMark] = []
    var end = start
    var count = 0
    var missing = 0
    for segment in segments[index...] where missing == 0 && segment.start == end {
      bytes += segment.bytes
      marks += segment.marks
      missing = segment.missing
      end = segment.end
      count += 1
    }
    let (wanted, isAfterGap, isTouched) = (slots[slot].wanted, slots[slot].isAfterGap, slots[slot].isTouched)
    let passing = slots[slot].passing
    slots[slot].passing = 0
    slots[slot].isAfterGap = slots[slot].initial?.advanced(1) != start
    let taken = present(
      slot, bytes.span.bytes, start, marks: marks, carried: nil, time: slots[slot].lastSeen, isTruncated: missing > 0,
      &census, deliver)
    slots[slot].wanted = wanted
    slots[slot].passing = passing
    slots[slot].isAfterGap = isAfterGap
    slots[slot].isTouched = isTouched
    if taken == 0, !isLastChance { return }
    if taken < bytes.count {
      census.note("TCP", "late bytes that nobody took", frame: marks.first?.frame ?? 0, bytes: bytes.count - taken)
    }
    for _ in 0..<count { _ = slots[slot].early.remove(index) }
    slots[slot].hole.end = start
  }

  mutating func flushEarly(_ slot: Int, _ census: inout Census, _ deliver: Deliver) {
    guard let lowest = slots[slot].early.segments.first?.start else { return }
    while !slots[slot].early.isEmpty { offerEarly(slot, 0, isLastChance: true, &census, deliver) }
    slots[slot].hole.end = lowest
  }

  /// Offers everything that waits.
  mutating func flush(_ slot: Int, _ census: inout Census, _ deliver: Deliver) {
    flushEarly(slot, &census, deliver)
    while !slots[slot].ahead.isEmpty { skipGap(slot, &census, deliver) }
  }

  func noteRest(_ slot: Int, _ census: inout Census) {
    guard slots[slot].untaken > 0 else { return }
    let frame = slots[slot].marks.first?.frame ?? 0
    census.note("TCP", "stream ends inside a message", frame: frame, bytes: slots[slot].untaken)
    census.lose(Loss(slots[slot].path, slots[slot].marks.first?.time ?? slots[slot].lastSeen))
  }
}
