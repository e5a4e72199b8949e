internal import IMSBytes

/// The offsets of a start line (RFC 3261 §7.1, §7.2) within the bytes of the message.
struct StartLine: Sendable {
  var isRequest = false
  var method: Range<Int> = 0..<0
  var uri: Range<Int> = 0..<0
  var status = 0
  var reason: Range<Int> = 0..<0
  /// First byte after the line.
  var next = 0
}

extension StartLine {
  /// Reads the line in `start..<end` leniently: what RFC 4475 §3.1.2 calls invalid but can still be understood becomes
  /// an issue. Throws when the line is neither a request line nor a status line.
  init(parsing bytes: RawSpan, at start: Int, to end: Int, next: Int, issues: inout IssueList) throws(DecodeIssue) {
    self.next = next
    if bytes.spells("SIP/", at: start, ignoringCase: true) {
      try readStatusLine(bytes, start, end, &issues)
    } else {
      try readRequestLine(bytes, start, end, &issues)
    }
  }

  private mutating func readStatusLine(
    _ bytes: RawSpan, _ start: Int, _ end: Int, _ issues: inout IssueList
  ) throws(DecodeIssue) {
    var index = start
    while index < end, !ASCII.isBlank(bytes.u8(index)) { index += 1 }
    checkVersion(bytes, start..<index, &issues)
    let gap = index
    while index < end, ASCII.isBlank(bytes.u8(index)) { index += 1 }
    if index - gap > 1 { issues.add("more than one space in the status line", at: gap) }
    let digits = index
    while index < end, index - digits < 4, ASCII.isDigit(bytes.u8(index)) {
      status = status * 10 + Int(bytes.u8(index) - 0x30)
      index += 1
    }
    guard index - digits == 3, index == end || ASCII.isBlank(bytes.u8(index)) else {
      throw DecodeIssue("SIP", "status code is not three digits", at: digits)
    }
    if index == end { issues.add("no space after the status code", at: index) }
    reason = min(index + 1, end)..<end
  }

  private mutating func readRequestLine(
    _ bytes: RawSpan, _ start: Int, _ end: Int, _ issues: inout IssueList
  ) throws(DecodeIssue) {
    isRequest = true
    var index = start
    while index < end, ASCII.isToken(bytes.u8(index)) { index += 1 }
    method = start..<index
    guard index > start, index < end, ASCII.isBlank(bytes.u8(index)) else {
      throw DecodeIssue("SIP", "start line is neither a request line nor a status line", at: start)
    }
    let gap = index
    while index < end, ASCII.isBlank(bytes.u8(index)) { index += 1 }
    if index - gap > 1 { issues.add("more than one space in the request line", at: gap) }

    var last = end
    while last > index, ASCII.isBlank(bytes.u8(last - 1)) { last -= 1 }
    if last < end { issues.add("white space after the request line", at: last) }
    var version = last
    while version > index, !ASCII.isBlank(bytes.u8(version - 1)) { version -= 1 }
    guard bytes.spells("SIP/", at: version, ignoringCase: true), version + 4 < last else {
      throw DecodeIssue("SIP", "request line does not end with a SIP version", at: start)
    }
    checkVersion(bytes, version..<last, &issues)
    var uriEnd = version
    while uriEnd > index, ASCII.isBlank(bytes.u8(uriEnd - 1)) { uriEnd -= 1 }
    guard uriEnd > index else { throw DecodeIssue("SIP", "request line without Request-URI", at: index) }
    if version - uriEnd > 1 { issues.add("more than one space in the request line", at: uriEnd) }
    uri = index..<uriEnd
    if bytes.u8(index) == 0x3c { issues.add("Request-URI in angle brackets", at: index) }
    while index < uriEnd, !ASCII.isBlank(bytes.u8(index)) { index += 1 }
    if index < uriEnd { issues.add("white space in the Request-URI", at: index) }
  }

  private func checkVersion(_ bytes: RawSpan, _ range: Range<Int>, _ issues: inout IssueList) {
    if range.count != 7 || !bytes.spells("SIP/2.0", at: range.lowerBound, ignoringCase: true) {
      issues.add("SIP version is not 2.0", at: range.lowerBound)
    }
  }
}

/// The issues of one message, at most 16: a broken message says enough with the first ones.
struct IssueList {
  static var limit: Int { Bounds.sipIssues }
  var issues: [DecodeIssue] = []

  mutating func add(_ reason: String, at offset: Int) {
    if issues.count < IssueList.limit { issues.append(DecodeIssue("SIP", reason, at: offset)) }
  }
}
