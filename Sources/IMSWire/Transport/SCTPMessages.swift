// RFC 9260, sections 6.9 (fragments) and 6.10 (bundling), as an observer sees them: user messages are given as soon as
// they are whole, whatever the order of their stream.

import IMSBytes

/// The user messages of the SCTP associations of all capture points.
struct SCTPMessages {
  typealias Deliver = (borrowing Payload) -> Taken

  /// Diameter in DTLS (RFC 6733, section 11.4).
  static let dtls: UInt32 = 47

  private var fragments = SCTPFragments()
  /// Frames of copies that are not named.
  var unnamed: Int { fragments.unnamed }

  /// All chunks of a packet; `bytes` begin behind the common header.
  mutating func feed(_ walk: Walk, _ bytes: RawSpan, now: Timestamp, _ census: inout Census, _ deliver: Deliver) {
    let frame = walk.frames.first
    let whole = bytes.byteCount + walk.missing
    var offset = 0
    var isCut = false
    var unread: [UInt32] = []
    while offset + 4 <= bytes.byteCount {
      let length = Int(bytes.u16(offset + 2))
      guard length >= 4, offset + length <= whole else {
        census.note("SCTP", length < 4 ? "chunk length under 4" : "chunk beyond the packet", frame: frame)
        census.lose(Loss(walk, isCut: false))
        break
      }
      let end = min(offset + length, bytes.byteCount)
      let missing = offset + length - end
      isCut = isCut || missing > 0
      let chunk = bytes.extracting(offset..<end)
      switch SCTP.chunk(chunk, missing: missing) {
      case .data(let header):
        let piece = SCTPFragments.Piece(header, walk, missing: missing)
        add(piece, chunk.suffix(from: header.count), walk, now, &unread, &census, deliver)
      case .boundary:
        fragments.reset(walk, &census)
        if chunk.u8(0) == SCTP.abort {
          let cause = chunk.byteCount >= 6 ? chunk.u16(4) : 0
          _ = walk.tell(.abort(cause: cause), .sctp, deliver)
        }
      case .other: break
      case .empty(let reason): census.note("SCTP", reason, frame: frame)
      }
      offset += (length + 3) & ~3
    }
    if walk.missing > 0, isCut || offset + 4 <= whole {
      census.note("SCTP", "packet cut by the capture", frame: frame, bytes: walk.missing)
      census.lose(Loss(walk, isCut: true))
    } else if walk.missing == 0, offset < whole, offset + 4 > whole {
      census.note("SCTP", "bytes behind the last chunk", frame: frame, bytes: whole - offset)
    }
    for number in unread { census.count(.sctpPayload(number)) }
  }

  /// End of input.
  mutating func finish(_ census: inout Census) { fragments.finish(&census) }

  private mutating func add(
    _ piece: SCTPFragments.Piece, _ data: RawSpan, _ walk: Walk, _ now: Timestamp, _ unread: inout [UInt32],
    _ census: inout Census, _ deliver: Deliver
  ) {
    let header = piece.header
    let isRead: Bool
    let number: UInt32
    if header.isFirst, header.isLast {
      number = header.protocolIdentifier
      isRead = offer(
        data, number, position: header.tsn, walk.frames, isTruncated: piece.missing > 0, walk, deliver)
    } else if let message = fragments.add(piece, data, walk, now: now, &census) {
      number = message.protocolIdentifier
      isRead = offer(
        message.bytes.span.bytes, number, position: message.position, message.frames,
        isTruncated: message.isTruncated, walk, deliver)
    } else {
      return
    }
    if !isRead, !unread.contains(number) { unread.append(number) }
  }

  /// False when nobody can read it.
  private func offer(
    _ bytes: RawSpan, _ number: UInt32, position: UInt32, _ frames: FrameList, isTruncated: Bool, _ walk: Walk,
    _ deliver: Deliver
  ) -> Bool {
    guard number != Self.dtls else { return false }
    guard bytes.byteCount > 0 else { return true }  // cut by the capture, which is counted
    let payload = Payload(
      path: walk.path(.sctp), time: walk.time, bytes: bytes, delivery: .message(position: position), carried: frames,
      isTruncated: isTruncated)
    return deliver(payload).bytes > 0
  }
}
