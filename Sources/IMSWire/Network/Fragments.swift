// RFC 791, section 3.2; RFC 8200, section 4.5. Overlaps: the bytes that came first win.

import IMSBytes

/// Fragments of IPv4 and IPv6 datagrams, kept per capture point until a datagram is whole.
struct Fragments {
  /// What the fragment's header says.
  struct Piece: BitwiseCopyable {
    var identification: UInt32
    var transport: UInt8
    var offset: Int
    var isLast: Bool
  }

  /// Bytes that were put together, or decrypted.
  struct Datagram {
    var bytes: [UInt8]
    var next: Next
    /// As of the first fragment, with the frames of all; the range counts in `bytes`.
    var walk: Walk
  }

  static var largestDatagram: Int { Bounds.fragmentedDatagram }
  static var mostBytes: Int { Bounds.fragmentBytes }
  static var mostDatagrams: Int { Bounds.fragmentedDatagrams }
  static var patience: Interval { .seconds(Int64(Bounds.fragmentPatience)) }
  /// A second copy of every fragment of a datagram comes soon, or it is another datagram of the same number.
  static var copyPatience: Interval { .seconds(1) }

  private struct Key: Hashable {
    var point: CapturePoint
    var source: IPAddress
    var destination: IPAddress
    var identification: UInt32
    /// 0 for IPv6, which does not tell datagrams apart by it.
    var transport: UInt8
  }

  private var table: [Key: Assembly] = [:]
  private var serial: UInt64 = 0
  private var held = 0
  /// Frames of copies that are not named.
  private(set) var unnamed = 0
  private var nextExpiry = Timestamp.distantFuture

  /// The datagram that the piece made whole. The walk's range is the piece; `bytes` are its bytes.
  mutating func add(
    _ piece: Piece, _ bytes: RawSpan, _ walk: Walk, now: Timestamp, _ census: inout Census
  ) -> Datagram? {
    expire(now, &census)
    let length = bytes.byteCount + walk.missing
    let layer = walk.source.isIPv4 ? "IPv4" : "IPv6"
    guard piece.offset + length <= Self.largestDatagram else {
      census.note(layer, "fragment reaches beyond 64 KiB", frame: walk.frames.first)
      return nil
    }
    guard length > 0, piece.isLast || length % 8 == 0 else {
      census.note(layer, "fragment length is no multiple of 8", frame: walk.frames.first)
      return nil
    }
    let key = Key(
      point: walk.point, source: walk.source, destination: walk.destination, identification: piece.identification,
      transport: walk.source.isIPv4 ? piece.transport : 0)
    var assembly = table.removeValue(forKey: key)
    if assembly == nil || assembly!.isFinished {
      makeRoom(&census)
      serial += 1
      assembly = Assembly(
        serial: serial, isCopy: assembly != nil, deadline: .distantFuture, frame: walk.frames.first, since: walk.time)
      assembly!.deadline = now + (assembly!.isCopy ? Self.copyPatience : Self.patience)
      nextExpiry = min(nextExpiry, assembly!.deadline)
    }
    held -= assembly!.bytes.count
    unnamed += assembly!.add(piece, bytes, length, walk)
    let whole = assembly!.finish(walk)
    if assembly!.isFinished {
      assembly!.deadline = now + Self.copyPatience
      nextExpiry = min(nextExpiry, assembly!.deadline)
    }
    held += assembly!.bytes.count
    table[key] = assembly
    return whole
  }

  /// End of input: what is not whole is counted.
  mutating func finish(_ census: inout Census) { expire(.distantFuture, &census) }

  private mutating func expire(_ now: Timestamp, _ census: inout Census) {
    guard now >= nextExpiry || now == .distantFuture else { return }
    let due = table.filter { $0.value.deadline <= now }.sorted { $0.value.serial < $1.value.serial }
    for (key, _) in due { drop(key, "datagram not whole: fragments are missing", &census) }
    nextExpiry = table.values.map(\.deadline).min() ?? .distantFuture
  }

  private mutating func makeRoom(_ census: inout Census) {
    while table.count >= Self.mostDatagrams || held + Self.largestDatagram > Self.mostBytes {
      guard let oldest = table.min(by: { $0.value.serial < $1.value.serial }) else { return }
      drop(oldest.key, "datagram not whole: too many fragments at once", &census)
    }
  }

  private mutating func drop(_ key: Key, _ reason: String, _ census: inout Census) {
    guard let assembly = table.removeValue(forKey: key) else { return }
    held -= assembly.bytes.count
    if assembly.isFinished || assembly.isCopy { return }
    census.note(key.source.isIPv4 ? "IPv4" : "IPv6", reason, frame: assembly.frame, bytes: assembly.covered)
    census.lose(Loss(input: key.point.input, time: assembly.since, ends: Loss.Ends(key.source, key.destination)))
  }
}

/// One datagram on its way to be whole.
private struct Assembly {
  let serial: UInt64
  /// A datagram of the same number was whole shortly before: this is probably the same packet captured twice.
  let isCopy: Bool
  var deadline: Timestamp
  /// The first that came, and its stamp.
  let frame: UInt32
  let since: Timestamp
  private(set) var isFinished = false
  private(set) var bytes: [UInt8] = []
  /// Sorted, apart from each other.
  private var ranges: [Range<Int>] = []
  private var total: Int?
  /// The first byte that the capture cut.
  private var cut = Int.max
  private var frames: [(number: UInt32, offset: UInt64)] = []
  /// Of `frames`, those that brought nothing new.
  private var copies = 0
  private var first: Walk?
  private var transport: UInt8 = 0

  init(serial: UInt64, isCopy: Bool, deadline: Timestamp, frame: UInt32, since: Timestamp) {
    self.serial = serial
    self.isCopy = isCopy
    self.deadline = deadline
    self.frame = frame
    self.since = since
  }

  var covered: Int { ranges.reduce(0) { $0 + $1.count } }

  /// The number of frames that are not named: of copies beyond so many for each piece.
  mutating func add(_ piece: Fragments.Piece, _ new: RawSpan, _ length: Int, _ walk: Walk) -> Int {
    let range = piece.offset..<piece.offset + length
    if bytes.count < range.upperBound {
      bytes.append(contentsOf: repeatElement(0, count: range.upperBound - bytes.count))
    }
    var position = range.lowerBound
    var used = false
    for old in ranges where old.upperBound > range.lowerBound && old.lowerBound < range.upperBound {
      if old.lowerBound > position { used = copy(new, position..<old.lowerBound, piece.offset) || used }
      position = max(position, old.upperBound)
    }
    if position < range.upperBound { used = copy(new, position..<range.upperBound, piece.offset) || used }
    guard used || equals(new, at: piece.offset) else { return 0 }
    if !used {
      let count = walk.frames.all.count
      guard copies < Bounds.namedCopies * (frames.count - copies) else { return count }
      copies += count
    }
    // A piece may have come in several frames itself, as an inner fragment in an outer datagram.
    for number in walk.frames.all { frames.append((number, walk.frames.fileOffset)) }
    if used { insert(range) }
    if piece.isLast, total == nil { total = range.upperBound }
    if piece.offset == 0, first == nil {
      first = walk
      transport = piece.transport
    }
    return 0
  }

  /// The datagram when it is whole; from then on this is only a note that it was.
  mutating func finish(_ walk: Walk) -> Fragments.Datagram? {
    guard let total, var result = first, let range = ranges.first, range.lowerBound == 0, range.upperBound >= total
    else { return nil }
    let numbers = frames.map(\.number)
    let lowest = frames.min { $0.number < $1.number } ?? (walk.frames.first, walk.frames.fileOffset)
    let others = numbers.filter { $0 != lowest.number }.sortedDistinct(without: lowest.number)
    result.frames = FrameList(lowest.number, fileOffset: lowest.offset, more: others)
    result.time = walk.time
    result.start = 0
    result.end = min(total, cut)
    result.missing = total - result.end
    let whole = Fragments.Datagram(bytes: bytes, next: .transport(transport), walk: result)
    bytes = []
    ranges = []
    frames = []
    isFinished = true
    return whole
  }

  /// True when some bytes were new. Bytes that the capture cut stay zero.
  private mutating func copy(_ new: RawSpan, _ range: Range<Int>, _ offset: Int) -> Bool {
    let held = range.lowerBound..<max(range.lowerBound, min(range.upperBound, offset + new.byteCount))
    for index in held { bytes[index] = new.u8(index - offset) }
    if held.upperBound < range.upperBound { cut = min(cut, held.upperBound) }
    return !range.isEmpty
  }

  private func equals(_ new: RawSpan, at offset: Int) -> Bool {
    (0..<new.byteCount).allSatisfy { bytes[offset + $0] == new.u8($0) }
  }

  private mutating func insert(_ range: Range<Int>) {
    let touching = ranges.filter { $0.upperBound >= range.lowerBound && $0.lowerBound <= range.upperBound }
    ranges.removeAll { $0.upperBound >= range.lowerBound && $0.lowerBound <= range.upperBound }
    let lower = min(range.lowerBound, touching.map(\.lowerBound).min() ?? .max)
    let upper = max(range.upperBound, touching.map(\.upperBound).max() ?? 0)
    ranges.append(lower..<upper)
    ranges.sort { $0.lowerBound < $1.lowerBound }
  }
}
