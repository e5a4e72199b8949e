internal import IMSBytes

/// One pass over the bytes of a message: start line, header fields, keys, body. Copies nothing.
struct HeaderIndex {
  var startLine: StartLine
  /// The known headers that stand in it, and those of them that stand in it more than once.
  var present = HeaderSet()
  var repeated = HeaderSet()
  var keys = SIPKeys()
  var body: Range<Int> = 0..<0
  var issues = IssueList()
  /// The first Content-Length among the fields.
  private var length = -1

  typealias Fields = EntryList<SIPMessage.Field>

  init(_ bytes: RawSpan, truncated: Bool, onStream: Bool, _ fields: inout Fields) throws(DecodeIssue) {
    guard bytes.byteCount <= Int(UInt32.max) else { throw DecodeIssue("SIP", "message larger than 4 GiB", at: 0) }
    var start = 0
    while start < bytes.byteCount, bytes.u8(start) == 0x0d || bytes.u8(start) == 0x0a { start += 1 }
    guard start < bytes.byteCount else { throw DecodeIssue("SIP", "no start line", at: 0) }
    let line = Line(bytes, at: start)
    startLine = try StartLine(parsing: bytes, at: start, to: line.end, next: line.next, issues: &issues)
    if truncated, !line.isTerminated { issues = IssueList() }
    var bareLF = line.isTerminated && !line.hasCR ? line.end : -1
    let end = readHeaders(bytes, from: line.next, truncated: truncated, &fields, bareLF: &bareLF)
    if bareLF >= 0 { issues.add("line ends with LF alone", at: bareLF) }
    survey(bytes, fields)
    body = bytes.byteCount..<bytes.byteCount
    if let end { readBody(bytes, from: end, truncated: truncated, onStream: onStream, fields) }
  }

  /// Offset of the body; nil when there is no empty line.
  private mutating func readHeaders(
    _ bytes: RawSpan, from start: Int, truncated: Bool, _ fields: inout Fields, bareLF: inout Int
  ) -> Int? {
    let names = HeaderName.lookup
    var at = start
    while at < bytes.byteCount {
      let line = Line(bytes, at: at)
      if line.isTerminated, !line.hasCR, bareLF < 0 { bareLF = line.end }
      if line.end == at, line.isTerminated { return line.next }
      if ASCII.isBlank(bytes.u8(at)) {
        fold(bytes, line, at: at, &fields)
      } else {
        let (id, count) = names.known(bytes, at: at, to: line.end)
        if id != 0 {
          fields.append(SIPMessage.Field(bytes, name: at..<at &+ count, value: at &+ count &+ 1, line, id: id))
        } else {
          readField(bytes, at: at, line: line, truncated: truncated, &fields)
        }
      }
      at = line.next
    }
    if !truncated { issues.add("headers do not end with an empty line", at: bytes.byteCount) }
    return nil
  }

  private mutating func fold(_ bytes: RawSpan, _ line: Line, at offset: Int, _ fields: inout Fields) {
    guard fields.count > 0 else { return issues.add("continuation line without a header", at: offset) }
    fields[fields.count - 1].extend(bytes, to: line)
  }

  private mutating func readField(
    _ bytes: RawSpan, at start: Int, line: Line, truncated: Bool, _ fields: inout Fields
  ) {
    guard let colon = bytes.firstIndex(of: 0x3a, from: start, to: line.end) else {
      if !truncated || line.isTerminated { issues.add("header line without colon", at: start) }
      return
    }
    var nameEnd = colon
    while nameEnd > start, ASCII.isBlank(bytes.u8(nameEnd - 1)) { nameEnd -= 1 }
    guard nameEnd > start, nameEnd - start <= Int(UInt16.max) else {
      return issues.add("header line without name", at: start)
    }
    let id = HeaderName.id(of: bytes.extracting(start..<nameEnd))
    if id == 0, let odd = (start..<nameEnd).first(where: { !ASCII.isToken(bytes.u8($0)) }) {
      issues.add("header name is not a token", at: odd)
    }
    fields.append(SIPMessage.Field(bytes, name: start..<nameEnd, value: colon + 1, line, id: id))
  }

  /// What stands there, and the keys. Of a header that stands there more than once the first makes them, but every Via.
  private mutating func survey(_ bytes: RawSpan, _ fields: borrowing Fields) {
    var reader = SIPKeys.Reader()
    for number in 0..<fields.count {
      let field = fields[number]
      if field.id == 0 { continue }
      if field.id == HeaderName.via.id { reader.readVias(bytes, field.value) }
      guard present.take(field.id) else {
        repeated.insert(field.id)
        continue
      }
      switch field.id {
      case HeaderName.callID.id: reader.readCallID(bytes, field.value)
      case HeaderName.cseq.id: reader.readCSeq(bytes, field.value)
      case HeaderName.from.id: reader.readFrom(bytes, field.value)
      case HeaderName.to.id: reader.readTo(bytes, field.value)
      case HeaderName.contentLength.id: length = number
      default: break
      }
    }
    if startLine.isRequest { reader.readMethod(bytes, startLine.method) }
    reader.finish(bytes)
    keys = reader.keys
  }

  /// RFC 3261 §18.3: on a datagram the body ends at Content-Length or with the datagram; on a stream Content-Length rules.
  private mutating func readBody(
    _ bytes: RawSpan, from start: Int, truncated: Bool, onStream: Bool, _ fields: borrowing Fields
  ) {
    let available = bytes.byteCount - start
    body = start..<bytes.byteCount
    guard let length = contentLength(bytes, fields) else {
      if onStream, !truncated { issues.add("no Content-Length on a stream", at: start) }
      return
    }
    if length <= UInt64(available) {
      body = start..<(start + Int(length))
      if length < UInt64(available) { issues.add("bytes after the end of the body", at: body.upperBound) }
    } else if !truncated {
      issues.add("Content-Length is larger than the body", at: start)
    }
  }

  private mutating func contentLength(_ bytes: RawSpan, _ fields: borrowing Fields) -> UInt64? {
    guard length >= 0 else { return nil }
    var result: UInt64?
    for number in length..<fields.count where fields[number].id == HeaderName.contentLength.id {
      let field = fields[number]
      guard let value = Decimal.read(bytes, field.value) else {
        issues.add("Content-Length is not a number", at: Self.behindColon(of: field, bytes))
        continue
      }
      if let first = result, first != value {
        issues.add("Content-Length repeated with another value", at: Self.behindColon(of: field, bytes))
      } else {
        result = value
      }
    }
    return result
  }

  private static func behindColon(of field: SIPMessage.Field, _ bytes: RawSpan) -> Int {
    bytes.firstIndex(of: 0x3a, from: Int(field.nameEnd)).map { $0 + 1 } ?? Int(field.valueStart)
  }
}

extension SIPMessage.Field {
  /// - Parameter start: of the value, with the white space before it.
  @inline(__always)
  init(_ bytes: RawSpan, name: Range<Int>, value start: Int, _ line: Line, id: UInt8) {
    nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
    nameCount = UInt16(truncatingIfNeeded: name.count)
    self.id = id
    isCut = !line.isTerminated
    let value = SpanText.trim(bytes, start..<line.end)
    valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
    valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
  }

  /// Takes a continuation line.
  mutating func extend(_ bytes: RawSpan, to line: Line) {
    self = Self(
      bytes, name: Int(nameStart)..<Int(nameEnd), value: Int(valueStart), line, id: id)
  }
}

/// One line: up to LF or the end of the bytes; a CR before the LF belongs to the line end.
struct Line {
  var end: Int
  var next: Int
  var hasCR: Bool
  var isTerminated: Bool

  init(_ bytes: RawSpan, at start: Int) {
    if let feed = bytes.firstIndex(of: 0x0a, from: start) {
      hasCR = feed > start && bytes.u8(feed - 1) == 0x0d
      end = hasCR ? feed - 1 : feed
      next = feed + 1
      isTerminated = true
    } else {
      (end, next, hasCR, isTerminated) = (bytes.byteCount, bytes.byteCount, false, false)
    }
  }
}

enum Decimal {
  /// The number that stands alone, between white space, in `range`; nil for anything else or past `UInt64`.
  static func read(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64? {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, ASCII.isLWS(bytes.u8(start)) { start += 1 }
    while start < end, ASCII.isLWS(bytes.u8(end - 1)) { end -= 1 }
    guard start < end else { return nil }
    var value: UInt64 = 0
    if end - start < 19 {
      for index in start..<end {
        let digit = bytes.u8(index) &- 0x30
        guard digit < 10 else { return nil }
        value = value &* 10 &+ UInt64(digit)
      }
      return value
    }
    for index in start..<end {
      guard ASCII.isDigit(bytes.u8(index)) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(bytes.u8(index) - 0x30))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }
}
