// RFC 9260, section 6.9; RFC 8260, section 2.2.3: the fragments of a user message have successive TSNs (FSNs).

import IMSBytes

/// Fragments of user messages, kept per capture point, association, direction and stream until a message is whole.
struct SCTPFragments {
  struct Piece {
    var header: SCTP.Header
    /// The frames that carried it, copies included.
    var frames: [FrameList]
    var bytes: [UInt8] = []
    /// Bytes behind `bytes` that the capture cut.
    var missing: Int

    init(_ header: SCTP.Header, _ walk: Walk, missing: Int) {
      self.header = header
      frames = [walk.frames]
      self.missing = missing
    }

    /// Memory that it holds.
    var cost: Int { bytes.count + 64 }
  }

  struct Message {
    var bytes: [UInt8]
    /// TSN of its first fragment.
    var position: UInt32
    var protocolIdentifier: UInt32
    var frames: FrameList
    var isTruncated: Bool
  }

  static var largestMessage: Int { Bounds.sctpMessage }
  static var mostPieces: Int { Bounds.sctpFragments }
  static var mostBytes: Int { Bounds.sctpBytes }
  static var mostMessages: Int { Bounds.sctpMessages }
  static var mostCopies: Int { Bounds.namedCopies }
  static var patience: Interval { .seconds(Int64(Bounds.sctpPatience)) }

  /// Each end may have several addresses: an association is told by the tag that its receiver chose, and by its ports.
  private struct Key: Hashable {
    var point: CapturePoint
    var sourcePort: UInt16
    var destinationPort: UInt16
    var tag: UInt32
    var stream: UInt16
    var message: UInt32
    var isUnordered: Bool
    var isInterleaved: Bool

    init(_ walk: Walk, _ header: SCTP.Header) {
      point = walk.point
      sourcePort = walk.sourcePort
      destinationPort = walk.destinationPort
      tag = walk.verificationTag
      stream = header.stream
      message = header.message
      isUnordered = header.isUnordered
      isInterleaved = header.isInterleaved
    }
  }

  private var table: [Key: [Run]] = [:]
  /// Messages that were given: what comes of them again is a copy and no loss when it does not become whole.
  private var given: [(key: Key, first: UInt32, count: Int)] = []
  private var serial: UInt64 = 0
  private var open = 0
  private var held = 0
  /// Frames of copies that are not named.
  private(set) var unnamed = 0
  /// Runs as they came, the oldest first; those that were joined to an older one or are whole stand there too.
  private var order = FIFO<(key: Key, serial: UInt64, since: Timestamp)>()

  /// The message that the piece made whole.
  mutating func add(
    _ piece: Piece, _ data: RawSpan, _ walk: Walk, now: Timestamp, _ census: inout Census
  ) -> Message? {
    expire(now, &census)
    let key = Key(walk, piece.header)
    let sequence = piece.header.sequence
    if let index = table[key]?.firstIndex(where: { $0.contains(sequence) }) {
      unnamed += table[key]?[index].noteCopy(of: sequence, data, walk.frames) ?? 0
      return nil
    }
    var piece = piece
    piece.bytes = data.array
    makeRoom(piece.cost, &census)
    var runs = table.removeValue(forKey: key) ?? []
    open -= runs.count
    serial += 1
    var run = Run(piece, walk, serial: serial, since: now)
    if !piece.header.isFirst, let left = runs.firstIndex(where: { $0.end == sequence && !$0.hasEnd }) {
      run = runs.remove(at: left).joined(run)
    }
    if !piece.header.isLast, let right = runs.firstIndex(where: { $0.first == run.end && !$0.hasBegin }) {
      run = run.joined(runs.remove(at: right))
    }
    held += piece.cost
    var message: Message?
    if run.length > Self.largestMessage || run.pieces.count > Self.mostPieces {
      held -= run.cost
      census.note("SCTP", "message of more than 1 MiB or 4096 fragments", frame: run.frame, bytes: run.length)
    } else if run.hasBegin, run.hasEnd {
      held -= run.cost
      message = run.message
      remember(key, run)
    } else {
      runs.append(run)
    }
    open += runs.count
    if !runs.isEmpty { table[key] = runs }
    if run.serial == serial, message == nil { queue(key, run) }
    return message
  }

  /// The sender begins anew, or ends: what is not whole in its direction never will be.
  mutating func reset(_ walk: Walk, _ census: inout Census) {
    if open == 0 { return }
    let source = Endpoint(walk.source, walk.sourcePort)
    let destination = Endpoint(walk.destination, walk.destinationPort)
    drop("message not whole: the association ended", &census) { key, run in
      key.point == walk.point && run.source == source && run.destination == destination
    }
  }

  /// End of input: what is not whole is counted.
  mutating func finish(_ census: inout Census) {
    drop("message not whole: fragments are missing", &census) { _, _ in true }
  }

  private mutating func queue(_ key: Key, _ run: Run) {
    order.append((key, run.serial, run.since))
    guard order.count > 4 * Self.mostMessages else { return }
    var kept = FIFO<(key: Key, serial: UInt64, since: Timestamp)>()
    while let entry = order.popFirst() {
      if isOpen(entry.key, entry.serial) { kept.append(entry) }
    }
    order = kept
  }

  private func isOpen(_ key: Key, _ serial: UInt64) -> Bool { table[key]?.contains { $0.serial == serial } ?? false }

  private mutating func expire(_ now: Timestamp, _ census: inout Census) {
    while let oldest = order.first {
      guard oldest.since + Self.patience <= now || !isOpen(oldest.key, oldest.serial) else { return }
      dropOldest("message not whole: fragments are missing", &census)
    }
  }

  private mutating func makeRoom(_ cost: Int, _ census: inout Census) {
    while !order.isEmpty, open >= Self.mostMessages || held + cost > Self.mostBytes {
      dropOldest("message not whole: too many fragments at once", &census)
    }
  }

  private mutating func dropOldest(_ reason: String, _ census: inout Census) {
    guard let (key, serial, _) = order.popFirst(), let index = table[key]?.firstIndex(where: { $0.serial == serial }),
      let run = table[key]?.remove(at: index)
    else { return }
    if table[key]?.isEmpty ?? false { table[key] = nil }
    forget(key, run, reason, &census)
  }

  private mutating func drop(_ reason: String, _ census: inout Census, where isDue: (Key, Run) -> Bool) {
    var due: [(key: Key, run: Run)] = []
    for (key, runs) in table {
      let dropped = runs.filter { isDue(key, $0) }
      if dropped.isEmpty { continue }
      due += dropped.map { (key, $0) }
      table[key] = dropped.count == runs.count ? nil : runs.filter { !isDue(key, $0) }
    }
    for (key, run) in due.sorted(by: { $0.run.serial < $1.run.serial }) { forget(key, run, reason, &census) }
  }

  private mutating func forget(_ key: Key, _ run: Run, _ reason: String, _ census: inout Census) {
    open -= 1
    held -= run.cost
    if wasGiven(key, run.first) { return }
    census.note("SCTP", reason, frame: run.frame, bytes: run.length)
    let ends = Loss.Ends(run.source.address, run.destination.address)
    census.lose(Loss(input: key.point.input, time: run.since, ends: ends))
  }

  private mutating func remember(_ key: Key, _ run: Run) {
    if wasGiven(key, run.first) { return }
    if given.count == 256 { given.removeFirst() }
    given.append((key, run.first, run.pieces.count))
  }

  private func wasGiven(_ key: Key, _ sequence: UInt32) -> Bool {
    given.contains { $0.key == key && (0..<$0.count).contains(sequence.distance(from: $0.first)) }
  }
}

/// Successive fragments of one message.
private struct Run {
  /// As of the oldest fragment.
  private(set) var serial: UInt64
  private(set) var since: Timestamp
  private(set) var pieces: [SCTPFragments.Piece]
  /// Bytes of the message, with those that the capture cut.
  private(set) var length: Int
  private(set) var cost: Int
  /// Between which addresses one of the fragments travelled.
  let source: Endpoint
  let destination: Endpoint

  init(_ piece: SCTPFragments.Piece, _ walk: Walk, serial: UInt64, since: Timestamp) {
    self.serial = serial
    self.since = since
    pieces = [piece]
    source = Endpoint(walk.source, walk.sourcePort)
    destination = Endpoint(walk.destination, walk.destinationPort)
    length = piece.bytes.count + piece.missing
    cost = piece.cost
  }

  var first: UInt32 { pieces[0].header.sequence }
  /// Behind the last.
  var end: UInt32 { first.advanced(pieces.count) }
  var hasBegin: Bool { pieces[0].header.isFirst }
  var hasEnd: Bool { pieces[pieces.count - 1].header.isLast }
  var frame: UInt32 { pieces[0].frames[0].first }

  func contains(_ sequence: UInt32) -> Bool { (0..<pieces.count).contains(sequence.distance(from: first)) }

  /// With a run that begins where this one ends.
  consuming func joined(_ other: Run) -> Run {
    serial = min(serial, other.serial)
    since = min(since, other.since)
    pieces += other.pieces
    length += other.length
    cost += other.cost
    return self
  }

  /// The bytes that came first stay; a frame that carried others is not named.
  /// The number of frames that are not named because too many are.
  mutating func noteCopy(of sequence: UInt32, _ data: RawSpan, _ frames: FrameList) -> Int {
    let index = sequence.distance(from: first)
    guard pieces[index].bytes.equals(data, at: 0) else { return 0 }
    guard pieces[index].frames.count <= SCTPFragments.mostCopies else { return frames.all.count }
    pieces[index].frames.append(frames)
    return 0
  }

  var message: SCTPFragments.Message {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length)
    var isTruncated = false
    for piece in pieces where !isTruncated {
      bytes += piece.bytes
      isTruncated = piece.missing > 0
    }
    return SCTPFragments.Message(
      bytes: bytes, position: pieces[0].header.tsn, protocolIdentifier: pieces[0].header.protocolIdentifier,
      frames: FrameList(joining: pieces.flatMap(\.frames)) ?? FrameList(0, fileOffset: 0), isTruncated: isTruncated)
  }
}
