// RFC 9293, sections 3.4 (sequence numbers) and 3.10.7.4 (order of processing), as an observer sees them.

import IMSBytes

/// The TCP streams of all capture points: order, gaps, and what the receiver has not taken yet.
struct TCPStreams {
  typealias Deliver = (borrowing Payload) -> Taken

  static var mostStreams: Int { Bounds.tcpStreams }
  static var mostHeld: Int { Bounds.tcpHeld }
  static var mostAhead: Int { Bounds.tcpAhead }
  static var mostUntaken: Int { Bounds.tcpUntaken }
  /// A sequence number further away belongs to another connection.
  static var largestLeap: Int { Bounds.tcpLeap }
  static var patience: Interval { .seconds(Int64(Bounds.tcpPatience)) }
  static var idle: Interval { .seconds(Int64(Bounds.tcpIdle)) }
  /// Of a closed one: what was sent again is known as such until then.
  static var closedIdle: Interval { .seconds(Int64(Bounds.tcpClosed)) }

  private static func key(_ path: Path) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(path.point)
    key.combine(from: path.source, to: path.destination)
    return key
  }

  var slots: [TCPStream] = []
  var spare = SpareRoom()
  /// Frames of copies that are not named.
  var unnamed = 0
  private var free: [Int] = []
  private var table = FingerprintTable<Int>(most: TCPStreams.mostStreams)
  private var live = UseOrder()
  /// Those that are over.
  private var closed = UseOrder()
  private(set) var held = 0
  private var waiting: [Int] = []
  private var nextDeadline = Timestamp.distantFuture
  /// When a stream that is used least is idle for too long; `distantPast` where another one may be that by now.
  private var idleDue = Timestamp.distantFuture
  /// Nothing is to be done before.
  var nextDue: Timestamp { min(nextDeadline, idleDue) }
  let unpack: Unpack?
  /// The stamp of the newest packet of HEP that a stream held.
  var recorded: Timestamp?

  init(unpack: Unpack? = nil) { self.unpack = unpack }

  mutating func feed(
    _ walk: Walk, _ bytes: RawSpan, now: Timestamp, _ census: inout Census, _ deliver: Deliver
  ) {
    let length = bytes.byteCount + walk.missing
    let isSyn = walk.flags & TCP.syn != 0
    guard length > 0 || walk.flags & (TCP.syn | TCP.rst | TCP.fin) != 0 else { return }
    let path = walk.path(.tcp)
    let key = Self.key(path)
    let slot: Int
    if let known = table[key] {
      slot = known
      use(slot)
      slots[slot].path = path
    } else {
      guard length > 0 || isSyn else { return }
      slot = open(key, path, frame: walk.frames.first, &census, deliver)
    }
    slots[slot].lastSeen = now
    let before = slots[slot].held
    if isSyn { synchronise(slot, walk.sequence, &census, deliver) }
    if length > 0 {
      place(slot, isSyn ? walk.sequence &+ 1 : walk.sequence, bytes, walk, now, &census, deliver)
    }
    if walk.flags & TCP.rst != 0 {
      flush(slot, &census, deliver)
      slots[slot].end = slots[slot].next
    } else if walk.flags & TCP.fin != 0 {
      slots[slot].end = walk.sequence.advanced(length + (isSyn ? 1 : 0))
    }
    held += slots[slot].held - before
    file(slot)
    if slots[slot].waitingSince != .distantFuture {
      nextDeadline = min(nextDeadline, slots[slot].waitingSince + Self.patience)
      if !slots[slot].isWaiting {
        slots[slot].isWaiting = true
        waiting.append(slot)
      }
    }
    while held > Self.mostHeld {
      census.note("TCP", "stream given up: more than 64 MiB wait", frame: walk.frames.first)
      close(live.oldest, &census, deliver)
    }
  }

  /// To be called for every frame from `nextDue` on: gaps that nobody fills are given up, idle streams are closed.
  mutating func advance(to now: Timestamp, _ census: inout Census, _ deliver: Deliver) {
    if now >= nextDeadline { giveUpWaiting(now, &census, deliver) }
    guard now >= idleDue else { return }
    while isDue(live, Self.idle, now) { close(live.oldest, &census, deliver) }
    while isDue(closed, Self.closedIdle, now) { close(closed.oldest, &census, deliver) }
    idleDue = min(due(live, Self.idle), due(closed, Self.closedIdle))
  }

  private func isDue(_ order: UseOrder, _ idle: Interval, _ now: Timestamp) -> Bool {
    order.oldest >= 0 && now - slots[order.oldest].lastSeen > idle
  }

  private func due(_ order: UseOrder, _ idle: Interval) -> Timestamp {
    order.oldest >= 0 ? slots[order.oldest].lastSeen + idle : .distantFuture
  }

  /// End of input.
  mutating func finish(_ census: inout Census, _ deliver: Deliver) {
    while live.oldest >= 0 { close(live.oldest, &census, deliver) }
    while closed.oldest >= 0 { close(closed.oldest, &census, deliver) }
  }

  private mutating func giveUpWaiting(_ now: Timestamp, _ census: inout Census, _ deliver: Deliver) {
    nextDeadline = .distantFuture
    let due = waiting
    waiting = []
    for slot in due where slots[slot].isWaiting {
      let before = slots[slot].held
      if slots[slot].early.since != .distantFuture, slots[slot].early.since + Self.patience <= now {
        flushEarly(slot, &census, deliver)
      }
      while slots[slot].ahead.since != .distantFuture, slots[slot].ahead.since + Self.patience <= now {
        skipGap(slot, &census, deliver)
      }
      held += slots[slot].held - before
      file(slot)
      let since = slots[slot].waitingSince
      slots[slot].isWaiting = since != .distantFuture
      if since != .distantFuture {
        waiting.append(slot)
        nextDeadline = min(nextDeadline, since + Self.patience)
      }
    }
  }

  // MARK: The table

  private mutating func open(
    _ key: Fingerprint, _ path: Path, frame: UInt32, _ census: inout Census, _ deliver: Deliver
  ) -> Int {
    if table.count >= Self.mostStreams {
      if closed.oldest >= 0 {
        close(closed.oldest, &census, deliver)
      } else {
        census.note("TCP", "stream given up: more than 65536 at once", frame: frame)
        close(live.oldest, &census, deliver)
      }
    }
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      slots[slot] = TCPStream(path: path)
    } else {
      slot = slots.count
      slots.appendWithRoom(TCPStream(path: path), most: Self.mostStreams)
    }
    table.insert(key, slot)
    link(slot)
    return slot
  }

  private mutating func close(_ slot: Int, _ census: inout Census, _ deliver: Deliver) {
    let before = slots[slot].held
    flush(slot, &census, deliver)
    noteRest(slot, &census)
    held -= before
    unlink(slot)
    table.remove(Self.key(slots[slot].path))
    if slots[slot].isWaiting { waiting.removeAll { $0 == slot } }
    slots[slot] = TCPStream(path: slots[slot].path)
    free.append(slot)
  }

  /// It is the newest of its list.
  private mutating func use(_ slot: Int) {
    if slot == (slots[slot].isClosed ? closed.newest : live.newest) { return }
    unlink(slot)
    link(slot)
  }

  /// Into the list where it belongs by now.
  private mutating func file(_ slot: Int) {
    if slots[slot].isOver == slots[slot].isClosed { return }
    unlink(slot)
    slots[slot].isClosed.toggle()
    link(slot)
  }

  private mutating func link(_ slot: Int) {
    if slots[slot].isClosed { closed.append(slot, &slots) } else { live.append(slot, &slots) }
    // The first of a list is its oldest too.
    if slots[slot].older < 0 { idleDue = .distantPast }
  }

  private mutating func unlink(_ slot: Int) {
    if slots[slot].older < 0 { idleDue = .distantPast }
    if slots[slot].isClosed { closed.remove(slot, &slots) } else { live.remove(slot, &slots) }
  }
}
