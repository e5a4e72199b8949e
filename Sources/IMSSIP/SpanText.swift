internal import IMSBytes

/// The productions of RFC 3261 §25.1 that keys and headers are made of, on ranges of a span: they count no reference and
/// copy nothing.
enum SpanText {
  static func trim(_ span: RawSpan, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, ASCII.isLWS(span.u8(start)) { start += 1 }
    while start < end, ASCII.isLWS(span.u8(end - 1)) { end -= 1 }
    return start..<end
  }

  /// The next piece before a separator outside quoted strings (and, if asked, outside `<>`), trimmed, empty ones left out.
  static func piece(
    _ span: RawSpan, from at: inout Int, to end: Int, separator: UInt8, brackets: Bool
  ) -> Range<Int>? {
    while at < end {
      let start = at
      at = pieceEnd(span, start, end, separator: separator, brackets: brackets)
      let piece = trim(span, start..<at)
      at += 1
      if !piece.isEmpty { return piece }
    }
    return nil
  }

  private static func pieceEnd(
    _ span: RawSpan, _ start: Int, _ end: Int, separator: UInt8, brackets: Bool
  ) -> Int {
    var at = start
    if !brackets {
      // Nearly all hold no quote.
      let stop = span.firstIndex(of: separator, from: at, to: end) ?? end
      if span.firstIndex(of: 0x22, from: at, to: stop) == nil { return stop }
    }
    var stop = start
    while true {
      // Searched for anew only when what was quoted reached past it: each byte is looked at a few times at the most.
      if at >= stop {
        guard at < end else { return end }
        guard let next = span.firstIndex(of: separator, from: at, to: end) else { return end }
        stop = next
      }
      let quote = span.firstIndex(of: 0x22, from: at, to: stop)
      if brackets, let open = span.firstIndex(of: 0x3c, from: at, to: quote ?? stop) {
        guard let close = span.firstIndex(of: 0x3e, from: open, to: end) else { return end }
        at = close + 1
      } else if let quote {
        guard let close = closingQuote(span, quote + 1, end) else { return end }
        at = close + 1
      } else {
        return stop
      }
      if at <= stop, at < end { continue }
      stop = at
    }
  }

  /// The quote that ends a quoted string; what stands behind a backslash does not.
  private static func closingQuote(_ span: RawSpan, _ start: Int, _ end: Int) -> Int? {
    var at = start
    while let quote = span.firstIndex(of: 0x22, from: at, to: end) {
      guard let escape = span.firstIndex(of: 0x5c, from: at, to: quote) else { return quote }
      at = escape + 2
    }
    return nil
  }

  /// A parameter of a header: its name, and what stands behind the `=`, with quotes; nil without one.
  struct Parameter: Hashable, Sendable, BitwiseCopyable {
    var name: Part
    var value: Part?

    /// Letter for letter.
    func isSame(_ span: RawSpan, as other: Parameter, _ otherSpan: RawSpan) -> Bool {
      guard span.extracting(name.range).isEqual(to: otherSpan.extracting(other.name.range)) else { return false }
      guard let value, let otherValue = other.value else { return value == nil && other.value == nil }
      return span.extracting(value.range).isEqual(to: otherSpan.extracting(otherValue.range))
    }
  }

  static func parameter(_ span: RawSpan, _ piece: Range<Int>) -> Parameter {
    guard let equal = span.firstIndex(of: 0x3d, from: piece.lowerBound, to: piece.upperBound) else {
      return Parameter(name: Part(piece), value: nil)
    }
    return Parameter(
      name: Part(trim(span, piece.lowerBound..<equal)), value: Part(trim(span, (equal + 1)..<piece.upperBound)))
  }

  /// The value of the first parameter of this name: outer nil when it is missing, inner nil when it has no `=`.
  static func parameter(
    _ name: StaticString, _ span: RawSpan, _ range: Range<Int>, separator: UInt8 = 0x3b
  ) -> Range<Int>?? {
    var at = range.lowerBound
    while let piece = piece(span, from: &at, to: range.upperBound, separator: separator, brackets: false) {
      if let value = value(of: name, span, piece) { return value }
    }
    return nil
  }

  /// The value of this one parameter: outer nil when it has another name, inner nil when it has no `=`.
  static func value(of name: StaticString, _ span: RawSpan, _ piece: Range<Int>) -> Range<Int>?? {
    guard span.u8(piece.lowerBound) | 0x20 == name.utf8Start[0] | 0x20,
      span.spells(name, at: piece.lowerBound, ignoringCase: true)
    else { return nil }
    var index = piece.lowerBound + name.utf8CodeUnitCount
    while index < piece.upperBound, ASCII.isLWS(span.u8(index)) { index += 1 }
    if index >= piece.upperBound { return .some(nil) }
    return span.u8(index) == 0x3d ? trim(span, (index + 1)..<piece.upperBound) : nil
  }

  private static func skipLWS(_ span: RawSpan, _ at: inout Int, _ end: Int) {
    while at < end, ASCII.isLWS(span.u8(at)) { at += 1 }
  }

  private static func token(_ span: RawSpan, _ at: inout Int, _ end: Int) -> Range<Int>? {
    let start = at
    while at < end, ASCII.isToken(span.u8(at)) { at += 1 }
    return at > start ? start..<at : nil
  }

  /// Takes `byte` and the white space around it.
  private static func skip(_ byte: UInt8, _ span: RawSpan, _ at: inout Int, _ end: Int) -> Bool {
    skipLWS(span, &at, end)
    guard at < end, span.u8(at) == byte else { return false }
    at += 1
    skipLWS(span, &at, end)
    return true
  }
}

// MARK: - Headers

extension SpanText {
  struct CSeq {
    var number: UInt32
    var method: Range<Int>
  }

  static func cseq(_ span: RawSpan, _ range: Range<Int>) -> CSeq? {
    var at = range.lowerBound
    skipLWS(span, &at, range.upperBound)
    let start = at
    while at < range.upperBound, ASCII.isDigit(span.u8(at)) { at += 1 }
    guard let digits = Decimal.read(span, start..<at), let number = UInt32(exactly: digits) else { return nil }
    skipLWS(span, &at, range.upperBound)
    return token(span, &at, range.upperBound).map { CSeq(number: number, method: $0) }
  }

  /// A token and the parameters behind it, as in security mechanisms; `separator` nil: with white space between them, as
  /// in credentials.
  static func tokenAndRest(_ span: RawSpan, separator: UInt8?) -> (token: Range<Int>, rest: Range<Int>)? {
    var at = 0
    let end = span.byteCount
    skipLWS(span, &at, end)
    guard let token = token(span, &at, end) else { return nil }
    if let separator { guard skip(separator, span, &at, end) || at == end else { return nil } }
    return (token, at..<end)
  }

  struct ViaParts: Hashable, Sendable, BitwiseCopyable {
    var name: Part
    var version: Part
    var transport: Part
    var host: Part
    var port: UInt16?
    var parameters: Part
  }

  /// Offsets count from the first byte of the span. Nil when the element is not `name/version/transport host[:port]`.
  static func via(_ span: RawSpan, _ element: Range<Int>) -> ViaParts? {
    var at = element.lowerBound
    let end = element.upperBound
    let (name, version): (Range<Int>, Range<Int>)
    if end - at > 8, span.spells("SIP/2.0/", at: at), !ASCII.isLWS(span.u8(at + 8)) {
      // As nearly all begin.
      (name, version) = (at..<at + 3, at + 4..<at + 7)
      at += 8
    } else {
      skipLWS(span, &at, end)
      guard let first = token(span, &at, end), skip(0x2f, span, &at, end), let second = token(span, &at, end),
        skip(0x2f, span, &at, end)
      else { return nil }
      (name, version) = (first, second)
    }
    guard let transport = token(span, &at, end) else { return nil }
    skipLWS(span, &at, end)
    guard let (host, port) = place(span, &at, end), at == end || skip(0x3b, span, &at, end) else { return nil }
    return ViaParts(
      name: Part(name), version: Part(version), transport: Part(transport), host: Part(host), port: port,
      parameters: Part(at..<end))
  }

  /// The parameters of a Via that are asked for again and again.
  struct ViaMarks: Hashable, Sendable, BitwiseCopyable {
    var branch: Part?
    var received: Part?
    /// Outer nil without the parameter, inner nil without a value.
    var rport: Part??
  }

  /// In one pass; the first of several parameters of a name counts.
  static func viaMarks(_ span: RawSpan, _ parameters: Range<Int>) -> ViaMarks {
    var marks = ViaMarks()
    var (hasBranch, hasReceived) = (false, false)
    var at = parameters.lowerBound
    while let piece = piece(span, from: &at, to: parameters.upperBound, separator: 0x3b, brackets: false) {
      switch span.u8(piece.lowerBound) | 0x20 {
      case UInt8(ascii: "b") where !hasBranch:
        guard let value = value(of: "branch", span, piece) else { continue }
        hasBranch = true
        marks.branch = value.map { Part($0) }
      case UInt8(ascii: "r"):
        if marks.rport == nil, let value = value(of: "rport", span, piece) {
          marks.rport = .some(value.map { Part($0) })
        } else if !hasReceived, let value = value(of: "received", span, piece) {
          hasReceived = true
          marks.received = value.map { Part($0) }
        }
      default: continue
      }
    }
    return marks
  }

  /// `host [":" port]` with white space around the colon; white space behind it is taken.
  private static func place(_ span: RawSpan, _ at: inout Int, _ end: Int) -> (host: Range<Int>, port: UInt16?)? {
    let start = at
    if at < end, span.u8(at) == 0x5b {
      guard let close = span.firstIndex(of: 0x5d, from: at, to: end),
        span.firstIndex(of: 0x3b, from: at, to: close) == nil  // else a quote behind the semicolon was met
      else { return nil }
      at = close + 1
    } else {
      while at < end, !isHostEnd(span.u8(at)) { at += 1 }
    }
    let host = start..<at
    guard !host.isEmpty else { return nil }
    guard skip(0x3a, span, &at, end) else { return (host, nil) }
    let digits = at
    while at < end, ASCII.isDigit(span.u8(at)) { at += 1 }
    guard let number = Decimal.read(span, digits..<at), let port = UInt16(exactly: number) else { return nil }
    skipLWS(span, &at, end)
    return (host, port)
  }

  /// Colon, semicolon, comma and white space.
  private static func isHostEnd(_ byte: UInt8) -> Bool { byte < 64 && 0x0c00_1001_0000_2600 >> UInt64(byte) & 1 == 1 }

  struct NameAddrParts: Hashable, Sendable, BitwiseCopyable {
    /// With quotes, where it has them.
    var name: Part?
    /// Without brackets.
    var uri: Part
    var parameters: Part
  }

  /// Nil when a quote or bracket is not closed.
  static func nameAddr(_ span: RawSpan, _ range: Range<Int>) -> NameAddrParts? {
    var at = range.lowerBound
    let end = range.upperBound
    skipLWS(span, &at, end)
    let start = at
    let isQuoted = at < end && span.u8(at) == 0x22
    if isQuoted {
      at += 1
      while at < end, span.u8(at) != 0x22 { at += span.u8(at) == 0x5c ? 2 : 1 }
      at += 1
      skipLWS(span, &at, end)
      guard at < end, span.u8(at) == 0x3c else { return nil }
    }
    if let open = span.firstIndex(of: 0x3c, from: at, to: end), !isBehindURI(span, at..<open) {
      guard let close = span.firstIndex(of: 0x3e, from: open, to: end) else { return nil }
      let name = trim(span, start..<open)
      return NameAddrParts(
        name: name.isEmpty ? nil : Part(name), uri: Part(trim(span, (open + 1)..<close)),
        parameters: Part((close + 1)..<end))
    }
    // Without brackets the parameters after the URI belong to the header (§20.10).
    let semicolon = span.firstIndex(of: 0x3b, from: at, to: end) ?? end
    return NameAddrParts(name: nil, uri: Part(trim(span, at..<semicolon)), parameters: Part(semicolon..<end))
  }

  /// Does a URI stand before the bracket, and a semicolon behind that? Then the bracket is within a parameter of the header.
  private static func isBehindURI(_ span: RawSpan, _ range: Range<Int>) -> Bool {
    guard let semicolon = span.firstIndex(of: 0x3b, from: range.lowerBound, to: range.upperBound) else { return false }
    return span.firstIndex(of: 0x3a, from: range.lowerBound, to: semicolon) != nil
  }

  /// The parameters of an address that are asked for again and again; nil without a value.
  struct AddressMarks: Hashable, Sendable, BitwiseCopyable {
    var tag: Part?
    var expires: Part?
  }

  /// In one pass; the first of several parameters of a name counts.
  static func addressMarks(_ span: RawSpan, _ parameters: Range<Int>) -> AddressMarks {
    var marks = AddressMarks()
    var (hasTag, hasExpires) = (false, false)
    var at = parameters.lowerBound
    while let piece = piece(span, from: &at, to: parameters.upperBound, separator: 0x3b, brackets: false) {
      if !hasTag, let value = value(of: "tag", span, piece) {
        hasTag = true
        marks.tag = value.map { Part($0) }
      } else if !hasExpires, let value = value(of: "expires", span, piece) {
        hasExpires = true
        marks.expires = value.map { Part($0) }
      }
    }
    return marks
  }

  struct URIParts: Hashable, Sendable, BitwiseCopyable {
    enum Kind: BitwiseCopyable { case sip, tel, other }
    var kind: Kind
    var scheme: Part
    var user: Part?
    var password: Part?
    var host: Part
    var port: UInt16?
    var parameters: Part
    var headers: Part?
  }

  /// Offsets count from the first byte of the span. Nil without a scheme, or for a SIP URI without a host.
  static func uri(_ span: RawSpan) -> URIParts? {
    let whole = trim(span, 0..<span.byteCount)
    let begin = whole.lowerBound
    guard let colon = span.firstIndex(of: 0x3a, from: begin, to: whole.upperBound), colon > begin else { return nil }
    for index in begin..<colon {
      let byte = span.u8(index)
      guard ASCII.isAlphanumeric(byte) || byte == 0x2b || byte == 0x2d || byte == 0x2e else { return nil }
    }
    let kind = uriKind(span, begin..<colon)
    var (start, end) = (colon + 1, whole.upperBound)
    var userinfo: Range<Int>?
    var headers: Part?
    if kind == .sip {
      if let at = span.firstIndex(of: 0x40, from: start, to: end) {
        userinfo = start..<at
        start = at + 1
      }
      if let mark = span.firstIndex(of: 0x3f, from: start, to: end) {
        headers = Part((mark + 1)..<end)
        end = mark
      }
    }
    let semicolon = span.firstIndex(of: 0x3b, from: start, to: end) ?? end
    let subject = trim(span, start..<semicolon)
    var parts = URIParts(
      kind: kind, scheme: Part(begin..<colon), user: nil, password: nil, host: Part(subject), port: nil,
      parameters: Part(min(semicolon + 1, end)..<end), headers: headers)
    switch kind {
    case .other: break
    case .tel:
      parts.user = parts.host
      parts.host = Part(subject.upperBound..<subject.upperBound)
    case .sip:
      var at = subject.lowerBound
      guard let (host, port) = place(span, &at, subject.upperBound), at == subject.upperBound else { return nil }
      parts.host = Part(host)
      parts.port = port
      if let userinfo {
        let split = span.firstIndex(of: 0x3a, from: userinfo.lowerBound, to: userinfo.upperBound)
        parts.user = Part(userinfo.lowerBound..<(split ?? userinfo.upperBound))
        parts.password = split.map { Part(($0 + 1)..<userinfo.upperBound) }
      }
    }
    return parts
  }

  private static func uriKind(_ span: RawSpan, _ scheme: Range<Int>) -> URIParts.Kind {
    switch scheme.count {
    case 3:
      if span.spells("sip", at: scheme.lowerBound, ignoringCase: true) { return .sip }
      return span.spells("tel", at: scheme.lowerBound, ignoringCase: true) ? .tel : .other
    case 4: return span.spells("sips", at: scheme.lowerBound, ignoringCase: true) ? .sip : .other
    default: return .other
    }
  }
}
