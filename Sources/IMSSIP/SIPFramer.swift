internal import IMSBytes

/// Finds SIP messages in bytes: recognition on any port, framing on a stream (RFC 3261 §18.3, RFC 5626 §3.5.1 for the
/// CRLF keep-alives), resynchronisation after a gap. Allocates nothing.
package enum SIPFramer {
  package enum StartVerdict: Hashable, Sendable {
    case yes, no
    /// Nothing contradicts SIP, but the start line is not complete.
    case needMore
  }

  package enum FrameVerdict: Hashable, Sendable {
    /// One whole message.
    case message(Range<Int>)
    /// So many bytes of keep-alives before the next message.
    case skip(Int)
    /// At least so many bytes, counted from the first byte given, are needed to decide.
    case need(Int)
    case notSIP
  }

  package static var headerLimit: Int { Bounds.sipHeaders }
  package static var bodyLimit: Int { Bounds.sipBody }
  static var startLineLimit: Int { Bounds.sipStartLine }
  /// No method in a stream is longer: there a long run of token characters is rather somebody's text.
  static var methodLimit: Int { Bounds.sipMethod }
  static var schemeLimit: Int { Bounds.sipScheme }

  /// Does the first byte contradict SIP? A start line begins with a character of a method or of the version, and line ends
  /// may stand before it.
  package static func mayBegin(_ bytes: RawSpan) -> Bool {
    bytes.byteCount > 0 && mayBegin(bytes.u8(0))
  }

  package static func mayBegin(_ first: UInt8) -> Bool { ASCII.isToken(first) || first == 0x0d || first == 0x0a }

  /// Is this datagram SIP? A start line, and at least two of Via, From, To, Call-ID and CSeq, however long the first ones
  /// are (RFC 3261 §18.1.1: a message may fill a datagram).
  package static func recognise(_ bytes: RawSpan) -> Bool { recognise(bytes, count: 2) }

  /// The same of bytes that the capture cut: one of them is enough.
  package static func recogniseCut(_ bytes: RawSpan) -> Bool { recognise(bytes, count: 1) }

  private static func recognise(_ bytes: RawSpan, count: Int) -> Bool {
    let start = leadingLineEnds(bytes, from: 0)
    guard startLine(bytes, at: start, methodLimit: startLineLimit) == .yes else { return false }
    var at = Line(bytes, at: start).next
    var seen: UInt8 = 0
    while at < bytes.byteCount {
      let line = Line(bytes, at: at)
      if line.end == at { break }
      seen |= mandatory(bytes, at: at, to: line.end)
      if seen.nonzeroBitCount >= count { return true }
      at = line.next
    }
    return false
  }

  /// Why bytes that are not read as SIP look like it: no loss is silent. Nil for what looks like something else. To be asked
  /// where `recognise` or `frame` said no.
  package static func refusal(of bytes: RawSpan) -> String? {
    let start = leadingLineEnds(bytes, from: 0)
    guard start < bytes.byteCount, (0x20..<0x7f).contains(bytes.u8(start)) else { return nil }
    if startLine(bytes, at: start, methodLimit: startLineLimit) == .yes {
      return "a start line, but fewer than two of Via, From, To, Call-ID and CSeq"
    }
    let line = Line(bytes, at: start)
    guard line.end - start <= startLineLimit, resemblesStartLine(bytes, start, line.end) else { return nil }
    return "neither a request line nor a status line of SIP/2.0"
  }

  /// Does the stream position begin a message? CR and LF before it are skipped.
  package static func looksLikeStart(_ bytes: RawSpan) -> StartVerdict {
    startLine(bytes, at: leadingLineEnds(bytes, from: 0))
  }

  /// What stands at the beginning of a stream. Without Content-Length a message ends with its headers.
  package static func frame(stream bytes: RawSpan) -> FrameVerdict {
    let keepAlive = leadingLineEnds(bytes, from: 0)
    if keepAlive > 0 { return .skip(keepAlive) }
    switch startLine(bytes, at: 0) {
    case .no: return .notSIP
    case .needMore: return .need(bytes.byteCount + 1)
    case .yes: break
    }
    var at = Line(bytes, at: 0).next
    // The value of the first Content-Length with its folds, and whether the line before belongs to it.
    var value: Range<Int>?
    var isOpen = false
    while at < bytes.byteCount {
      let line = Line(bytes, at: at)
      guard line.isTerminated else { break }
      guard line.next <= headerLimit else { return .notSIP }
      if line.end == at { return whole(bytes, headers: line.next, contentLength: value) }
      if ASCII.isBlank(bytes.u8(at)) {
        if isOpen, let first = value { value = first.lowerBound..<line.end }
      } else if !mayBeLength(bytes.u8(at)) {
        isOpen = false
      } else {
        let header = headerID(bytes, at: at, to: line.end)
        isOpen = value == nil && header.id == HeaderName.contentLength.id
        if isOpen { value = header.value..<line.end }
      }
      at = line.next
    }
    return bytes.byteCount < headerLimit ? .need(bytes.byteCount + 1) : .notSIP
  }

  /// Does a line that begins with it tell a Content-Length, or `l` for short?
  private static func mayBeLength(_ first: UInt8) -> Bool { first | 0x20 == 0x63 || first | 0x20 == 0x6c }

  /// The next line start, at or after `from`, where a start line stands or may stand once more bytes are there.
  /// Offset 0 counts as a line start.
  package static func nextStart(in bytes: RawSpan, from: Int) -> Int? {
    var at = max(0, from)
    if at > 0, at <= bytes.byteCount, bytes.u8(at - 1) != 0x0a {
      guard let feed = bytes.firstIndex(of: 0x0a, from: at) else { return nil }
      at = feed + 1
    }
    while at < bytes.byteCount {
      if mayStart(bytes, at: at) { return at }
      guard let feed = bytes.firstIndex(of: 0x0a, from: at) else { return nil }
      at = feed + 1
    }
    return nil
  }

  /// Does a start line stand at this beginning of a line, or may one once more bytes are there? No at the end.
  package static func mayStart(_ bytes: RawSpan, at line: Int) -> Bool {
    // Method and version begin with a character of a token.
    line < bytes.byteCount && ASCII.isToken(bytes.u8(line)) && startLine(bytes, at: line) != .no
  }
}

extension SIPFramer {
  private static func leadingLineEnds(_ bytes: RawSpan, from start: Int) -> Int {
    var index = start
    while index < bytes.byteCount, bytes.u8(index) == 0x0d || bytes.u8(index) == 0x0a { index += 1 }
    return index
  }

  /// `SIP/2.0 SP 3DIGIT SP` or `METHOD SP uri SP SIP/2.0 CRLF`; a method is any token (RFC 3261 §25.1).
  private static func startLine(
    _ bytes: RawSpan, at start: Int, methodLimit: Int = SIPFramer.methodLimit
  ) -> StartVerdict {
    let count = bytes.byteCount
    let status = matches("SIP/2.0 ", bytes, at: start)
    if status == .needMore { return .needMore }
    if status == .yes { return statusCode(bytes, at: start + 8) }

    var index = start
    while index < count, index - start <= methodLimit, ASCII.isToken(bytes.u8(index)) { index += 1 }
    guard index - start <= methodLimit else { return .no }
    if index == count { return .needMore }
    guard index > start, bytes.u8(index) == 0x20 else { return .no }
    while index < count, ASCII.isBlank(bytes.u8(index)) { index += 1 }
    let scheme = uriScheme(bytes, at: index)
    guard scheme == .yes else { return scheme }
    return requestLineEnd(bytes, from: index, limit: start + startLineLimit)
  }

  private static func statusCode(_ bytes: RawSpan, at start: Int) -> StartVerdict {
    for index in start..<(start + 3) {
      guard index < bytes.byteCount else { return .needMore }
      guard ASCII.isDigit(bytes.u8(index)) else { return .no }
    }
    guard start + 3 < bytes.byteCount else { return .needMore }
    let after = bytes.u8(start + 3)
    return ASCII.isLWS(after) ? .yes : .no
  }

  /// Any scheme with its colon (RFC 3261 §25.1: a Request-URI may be an absoluteURI); the URI may stand in angle brackets,
  /// which is wrong but clear (RFC 4475 §3.1.2.7).
  private static func uriScheme(_ bytes: RawSpan, at uri: Int) -> StartVerdict {
    let count = bytes.byteCount
    let start = uri < count && bytes.u8(uri) == 0x3c ? uri + 1 : uri
    var index = start
    while index < count, index - start < schemeLimit, isScheme(bytes.u8(index), isFirst: index == start) { index += 1 }
    if index == count { return .needMore }
    return index > start && bytes.u8(index) == 0x3a ? .yes : .no
  }

  private static func isScheme(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case 0x61...0x7a, 0x41...0x5a: true
    case 0x30...0x39, 0x2b, 0x2d, 0x2e: !isFirst
    default: false
    }
  }

  private static func requestLineEnd(_ bytes: RawSpan, from start: Int, limit: Int) -> StartVerdict {
    let line = Line(bytes, at: start)
    guard line.end <= limit else { return .no }
    guard line.isTerminated else { return .needMore }
    var end = line.end
    while end > start, ASCII.isBlank(bytes.u8(end - 1)) { end -= 1 }
    let isVersion = end - 8 > start && bytes.spells(" SIP/2.0", at: end - 8, ignoringCase: true)
    return isVersion ? .yes : .no
  }

  /// The first or the last word begins with `SIP/`, or the second one with `sip:` or `sips:`.
  private static func resemblesStartLine(_ bytes: RawSpan, _ start: Int, _ lineEnd: Int) -> Bool {
    if bytes.spells("SIP/", at: start, ignoringCase: true) { return true }
    var end = lineEnd
    while end > start, ASCII.isBlank(bytes.u8(end - 1)) { end -= 1 }
    var at = start
    while let slash = bytes.firstIndex(of: 0x2f, from: at, to: end) {
      let word = slash - 3
      if word > start, ASCII.isBlank(bytes.u8(word - 1)), end - word > 4,
        bytes.spells("SIP/", at: word, ignoringCase: true),
        !(word..<end).contains(where: { ASCII.isBlank(bytes.u8($0)) })
      {
        return true
      }
      at = slash + 1
    }
    var second = start
    while second < end, ASCII.isToken(bytes.u8(second)) { second += 1 }
    guard second > start else { return false }
    while second < end, ASCII.isBlank(bytes.u8(second)) { second += 1 }
    return bytes.spells("sip:", at: second, ignoringCase: true) || bytes.spells("sips:", at: second, ignoringCase: true)
  }

  private static func matches(_ word: StaticString, _ bytes: RawSpan, at start: Int) -> StartVerdict {
    for index in 0..<word.utf8CodeUnitCount {
      guard start + index < bytes.byteCount else { return .needMore }
      guard bytes.u8(start + index) == word.utf8Start[index] else { return .no }
    }
    return .yes
  }

  /// One bit for each of the headers that every message has, 0 for another line.
  private static func mandatory(_ bytes: RawSpan, at start: Int, to end: Int) -> UInt8 {
    switch headerID(bytes, at: start, to: end).id {
    case HeaderName.via.id: 1
    case HeaderName.from.id: 2
    case HeaderName.to.id: 4
    case HeaderName.callID.id: 8
    case HeaderName.cseq.id: 16
    default: 0
    }
  }

  private static func whole(_ bytes: RawSpan, headers: Int, contentLength: Range<Int>?) -> FrameVerdict {
    let length = contentLength.flatMap { Decimal.read(bytes, $0) } ?? 0
    guard length <= UInt64(bodyLimit) else { return .notSIP }
    let total = headers + Int(length)
    return total <= bytes.byteCount ? .message(0..<total) : .need(total)
  }

  private static func headerID(_ bytes: RawSpan, at start: Int, to end: Int) -> (id: UInt8, value: Int) {
    let (id, count) = HeaderName.lookup.known(bytes, at: start, to: end)
    if id != 0 { return (id, start + count + 1) }
    // No known name with white space before its colon is longer.
    guard let colon = bytes.firstIndex(of: 0x3a, from: start, to: min(end, start + 64)) else { return (0, end) }
    var nameEnd = colon
    while nameEnd > start, ASCII.isBlank(bytes.u8(nameEnd - 1)) { nameEnd -= 1 }
    return (HeaderName.id(of: bytes.extracting(start..<nameEnd)), colon + 1)
  }
}
