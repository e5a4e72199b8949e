internal import IMSBytes

/// One pass over the bytes of a message: start line, header fields, body. Copies nothing.
struct HeaderIndex {
  var startLine: StartLine
  var fields: [SIPMessage.Field] = []
  var body: Range<Int> = 0..<0
  var issues = IssueList()

  init(_ bytes: RawSpan, truncated: Bool, onStream: Bool) throws(DecodeIssue) {
    guard bytes.byteCount <= Int(UInt32.max) else { throw DecodeIssue("SIP", "message larger than 4 GiB", at: 0) }
    var start = 0
    while start < bytes.byteCount, bytes.u8(start) == 0x0d || bytes.u8(start) == 0x0a { start += 1 }
    guard start < bytes.byteCount else { throw DecodeIssue("SIP", "no start line", at: 0) }
    let line = Line(bytes, at: start)
    startLine = try StartLine(parsing: bytes, at: start, to: line.end, next: line.next, issues: &issues)
    if truncated, !line.isTerminated { issues = IssueList() }
    // About 40 bytes per header is usual; a second allocation is then rare.
    fields.reserveCapacity(min(64, bytes.byteCount / 40 + 4))
    var bareLF = line.isTerminated && !line.hasCR ? line.end : -1
    let end = readHeaders(bytes, from: line.next, truncated: truncated, bareLF: &bareLF)
    if bareLF >= 0 { issues.add("line ends with LF alone", at: bareLF) }
    body = bytes.byteCount..<bytes.byteCount
    if let end { readBody(bytes, from: end, truncated: truncated, onStream: onStream) }
  }

  /// Offset of the body; nil when there is no empty line.
  private mutating func readHeaders(_ bytes: RawSpan, from start: Int, truncated: Bool, bareLF: inout Int) -> Int? {
    var at = start
    while at < bytes.byteCount {
      let line = Line(bytes, at: at)
      if line.isTerminated, !line.hasCR, bareLF < 0 { bareLF = line.end }
      if line.end == at, line.isTerminated { return line.next }
      if ASCII.isBlank(bytes.u8(at)) {
        fold(line, at: at)
      } else {
        readField(bytes, at: at, line: line, truncated: truncated)
      }
      at = line.next
    }
    if !truncated { issues.add("headers do not end with an empty line", at: bytes.byteCount) }
    return nil
  }

  private mutating func fold(_ line: Line, at offset: Int) {
    guard !fields.isEmpty else { return issues.add("continuation line without a header", at: offset) }
    fields[fields.count - 1].valueEnd = UInt32(line.end)
  }

  private mutating func readField(_ bytes: RawSpan, at start: Int, line: Line, truncated: Bool) {
    if let (id, count) = HeaderName.known(bytes, at: start, to: line.end) {
      return fields.append(
        SIPMessage.Field(
          nameStart: UInt32(start), valueStart: UInt32(start + count + 1), valueEnd: UInt32(line.end),
          nameCount: UInt16(count), id: id))
    }
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
    fields.append(
      SIPMessage.Field(
        nameStart: UInt32(start), valueStart: UInt32(colon + 1), valueEnd: UInt32(line.end),
        nameCount: UInt16(nameEnd - start), id: id))
  }

  /// RFC 3261 §18.3: on a datagram the body ends at Content-Length or with the datagram; on a stream Content-Length rules.
  private mutating func readBody(_ bytes: RawSpan, from start: Int, truncated: Bool, onStream: Bool) {
    let available = bytes.byteCount - start
    body = start..<bytes.byteCount
    guard let length = contentLength(bytes) else {
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

  private mutating func contentLength(_ bytes: RawSpan) -> UInt64? {
    var result: UInt64?
    for field in fields where field.id == HeaderName.contentLength.id {
      guard let value = Decimal.read(bytes, Int(field.valueStart)..<Int(field.valueEnd)) else {
        issues.add("Content-Length is not a number", at: Int(field.valueStart))
        continue
      }
      if let first = result, first != value {
        issues.add("Content-Length repeated with another value", at: Int(field.valueStart))
      } else {
        result = value
      }
    }
    return result
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
