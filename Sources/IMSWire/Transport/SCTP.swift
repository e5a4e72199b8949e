// RFC 9260, section 3: a common header of 12 bytes, then chunks.
//
//     Source Port (2) | Destination Port (2) | Verification Tag (4) | Checksum (4)
//     Type (1) | Flags (1) | Length (2) | value, padded to 4                          every chunk
//     TSN (4) | Stream (2) | Stream Sequence (2) | Payload Protocol Identifier (4)    of a DATA chunk, then user data

import IMSBytes

enum SCTP {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 12 else { return .stop(DecodeIssue("SCTP", "header cut", at: bytes.byteCount)) }
    walk.layers.append(.sctp)
    walk.sourcePort = bytes.u16(0)
    walk.destinationPort = bytes.u16(2)
    walk.start += 12
    return .done(.sctp)
  }

  /// The header of a DATA chunk. Bits of `flags`: E 1, B 2, U 4.
  struct Data {
    static let headerLength = 16

    var tsn: UInt32
    var stream: UInt16
    var payloadProtocol: UInt32
    var begins: Bool
    var ends: Bool
    var isUnordered: Bool

    /// `bytes` are the whole chunk.
    init(_ bytes: RawSpan) {
      let flags = bytes.u8(1)
      ends = flags & 1 != 0
      begins = flags & 2 != 0
      isUnordered = flags & 4 != 0
      tsn = bytes.u32(4)
      stream = bytes.u16(8)
      payloadProtocol = bytes.u32(12)
    }

    /// Diameter in clear, or nothing said (older stacks): RFC 6733 §2.1.1, RFC 4168 §5.
    var maySignal: Bool { payloadProtocol == 46 || payloadProtocol == 0 }
  }
}

/// Takes packets apart into user messages; those that came in several chunks are put together by TSN, per capture point,
/// direction and stream. The order of messages among each other is nobody's business here.
struct SCTPMessages {
  static let largestMessage = 1 << 20
  static let mostBytes = 4 << 20
  static let patience = Interval.seconds(30)

  private struct Key: Hashable {
    var point: CapturePoint
    var source: Endpoint
    var destination: Endpoint
    var stream: UInt16
    var isUnordered: Bool
  }

  private struct Piece {
    var data: SCTP.Data
    var bytes: [UInt8]
    var frames: FrameList
    var time: Timestamp
  }

  private var pieces: [Key: [Piece]] = [:]
  private var held = 0
  private var nextExpiry = Timestamp.distantFuture

  /// The walk's range lies behind the common header.
  mutating func feed(
    _ walk: Walk, _ bytes: RawSpan, now: Timestamp, _ census: inout Census, _ deliver: (borrowing Payload) -> Taken
  ) {
    expire(now, &census)
    var offset = 0
    while offset + 4 <= bytes.byteCount {
      let type = bytes.u8(offset)
      let length = Int(bytes.u16(offset + 2))
      guard length >= 4 else { return census.note("SCTP", "chunk length under 4", frame: walk.frames.first) }
      let isCut = offset + length > bytes.byteCount
      let chunk = bytes.extracting(offset..<min(offset + length, bytes.byteCount))
      switch type {
      case 0: take(chunk, isCut, walk, now, &census, deliver)
      case 64: census.count(.sctp("I-DATA"))
      default: break
      }
      offset += (length + 3) & ~3
    }
    let padding = (4 - bytes.byteCount % 4) % 4
    if walk.missing > 0 || offset > bytes.byteCount + padding || offset < bytes.byteCount { noteCut(walk, &census) }
  }

  mutating func finish(_ census: inout Census) {
    for list in pieces.values {
      for piece in list { census.note("SCTP", "user message never whole", frame: piece.frames.first) }
    }
    pieces = [:]
    held = 0
  }

  private func noteCut(_ walk: Walk, _ census: inout Census) {
    census.note(
      "SCTP", walk.missing > 0 ? "chunk cut by the capture" : "chunk length beyond the packet", frame: walk.frames.first
    )
  }

  private mutating func take(
    _ chunk: RawSpan, _ isCut: Bool, _ walk: Walk, _ now: Timestamp, _ census: inout Census,
    _ deliver: (borrowing Payload) -> Taken
  ) {
    guard chunk.byteCount >= SCTP.Data.headerLength else {
      return census.note("SCTP", "DATA chunk without its header", frame: walk.frames.first)
    }
    let data = SCTP.Data(chunk)
    guard data.maySignal else { return census.count(.sctp("PPID \(data.payloadProtocol)")) }
    let content = chunk.suffix(from: SCTP.Data.headerLength)
    if data.begins && data.ends {
      let payload = Payload(
        path: walk.path(.sctp), time: walk.time, bytes: content, delivery: .message(position: data.tsn),
        carried: walk.frames, isTruncated: isCut)
      _ = deliver(payload)
    } else if !isCut {
      let key = Key(
        point: walk.point, source: Endpoint(walk.source, walk.sourcePort),
        destination: Endpoint(walk.destination, walk.destinationPort), stream: data.stream,
        isUnordered: data.isUnordered)
      add(Piece(data: data, bytes: content.array, frames: walk.frames, time: now), key, walk, &census, deliver)
    }
  }

  private mutating func add(
    _ piece: Piece, _ key: Key, _ walk: Walk, _ census: inout Census, _ deliver: (borrowing Payload) -> Taken
  ) {
    guard held + piece.bytes.count <= Self.mostBytes else {
      return census.note("SCTP", "fragment dropped: too many incomplete messages", frame: piece.frames.first)
    }
    var list = pieces[key] ?? []
    // A second copy of a fragment that still waits says nothing new.
    if list.contains(where: { $0.data.tsn == piece.data.tsn }) { return }
    list.append(piece)
    held += piece.bytes.count
    nextExpiry = min(nextExpiry, piece.time + Self.patience)
    guard let run = Self.whole(around: piece.data.tsn, in: list) else {
      pieces[key] = list
      return
    }
    let members = run.map { list[$0] }
    let taken = Set(run)
    list = list.indices.filter { !taken.contains($0) }.map { list[$0] }
    pieces[key] = list.isEmpty ? nil : list
    held -= members.reduce(0) { $0 + $1.bytes.count }
    give(members, walk, &census, deliver)
  }

  /// Indices of the consecutive TSNs from a beginning to an end that hold this one; TSNs wrap.
  private static func whole(around tsn: UInt32, in list: [Piece]) -> [Int]? {
    func index(_ number: UInt32) -> Int? { list.firstIndex { $0.data.tsn == number } }
    guard var first = index(tsn) else { return nil }
    while !list[first].data.begins {
      guard let before = index(list[first].data.tsn &- 1) else { return nil }
      first = before
    }
    var run = [first]
    while let last = run.last, !list[last].data.ends {
      guard run.count <= list.count, let after = index(list[last].data.tsn &+ 1) else { return nil }
      run.append(after)
    }
    return run
  }

  private func give(
    _ members: [Piece], _ walk: Walk, _ census: inout Census, _ deliver: (borrowing Payload) -> Taken
  ) {
    let bytes = members.flatMap(\.bytes)
    guard bytes.count <= Self.largestMessage, let first = members.first else {
      return census.note("SCTP", "user message over 1 MiB", frame: walk.frames.first)
    }
    let numbers = members.map(\.frames.first)
    let frames = numbers.indices.sorted { numbers[$0] < numbers[$1] }.map { members[$0].frames }
    var carried = frames[0]
    for list in frames.dropFirst() where list.first != carried.first && !carried.more.contains(list.first) {
      carried.more.append(list.first)
    }
    let payload = Payload(
      path: walk.path(.sctp), time: walk.time, bytes: bytes.span.bytes, delivery: .message(position: first.data.tsn),
      carried: carried, isTruncated: false)
    _ = deliver(payload)
  }

  private mutating func expire(_ now: Timestamp, _ census: inout Census) {
    guard now > nextExpiry else { return }
    nextExpiry = .distantFuture
    for (key, list) in pieces {
      let kept = list.filter { now - $0.time < Self.patience }
      for piece in list where now - piece.time >= Self.patience {
        census.note("SCTP", "user message never whole", frame: piece.frames.first)
        held -= piece.bytes.count
      }
      pieces[key] = kept.isEmpty ? nil : kept
      if let oldest = kept.map(\.time).min() { nextExpiry = min(nextExpiry, oldest + Self.patience) }
    }
  }
}
