package import IMSBytes

/// What joins a message to others, as numbers. A missing part is `Fingerprint.empty`, a missing CSeq number 0.
package struct SIPKeys: Hashable, Sendable {
  package var callID = Fingerprint.empty
  package var cseq: UInt32 = 0
  package var method: Method
  package var topBranch = Fingerprint.empty
  /// Host and port of the topmost Via, equal for equal hosts in different spellings.
  package var topSentBy = Fingerprint.empty
  /// Via elements, 255 for more.
  package var viaCount: UInt8 = 0
  /// The branch of the last Via, which every forwarded copy of a request keeps.
  package var bottomBranch = Fingerprint.empty
  package var fromTag = Fingerprint.empty
  /// Of `addressOfRecord` of To.
  package var toAOR = Fingerprint.empty
}

// Every message pays for its keys, so they are read from the span, without the values of Headers/: those count
// references for each piece. Both read the same grammar; a test compares them on every message it has.

extension SIPMessage {
  package var keys: SIPKeys {
    let span = bytes.span.bytes
    var keys = SIPKeys(method: .register)
    var cseq: SpanText.CSeq?
    var isFirstCSeq = true
    var bottom: Range<Int>?
    var from: Range<Int>?
    var to: Range<Int>?
    for field in fields {
      let value = SpanText.trim(span, Int(field.valueStart)..<Int(field.valueEnd))
      switch field.id {
      case HeaderName.via.id: readVias(span, value, &keys, &bottom)
      case HeaderName.callID.id where keys.callID == .empty: keys.callID = Fingerprint(of: span.extracting(value))
      case HeaderName.cseq.id where isFirstCSeq:
        cseq = SpanText.CSeq(span, value)
        isFirstCSeq = false
      case HeaderName.from.id: from = from ?? value
      case HeaderName.to.id: to = to ?? value
      default: break
      }
    }
    keys.cseq = cseq?.number ?? 0
    keys.method = isRequest ? method : Method(text(cseq?.method ?? 0..<0))
    if let bottom {
      let isTop = keys.viaCount == 1 && keys.topBranch != .empty
      keys.bottomBranch = isTop ? keys.topBranch : branch(span, bottom)
    }
    if let from, let parts = SpanText.nameAddr(span, from) {
      keys.fromTag = fingerprint(span, SpanText.parameter("tag", span, parts.parameters))
    }
    if let to, let parts = SpanText.nameAddr(span, to) {
      if let plain = SIPURI.plainAddressOfRecord(span.extracting(parts.uri)) {
        keys.toAOR = plain
      } else if let uri = SIPURI(text(parts.uri)) {
        keys.toAOR = uri.addressOfRecordFingerprint
      }
    }
    return keys
  }

  private func readVias(_ span: RawSpan, _ value: Range<Int>, _ keys: inout SIPKeys, _ bottom: inout Range<Int>?) {
    var at = value.lowerBound
    while let element = SpanText.piece(span, from: &at, to: value.upperBound, separator: 0x2c, brackets: true) {
      if keys.viaCount == 0, let sentBy = SpanText.sentBy(span, element) {
        keys.topSentBy = sentBy
        keys.topBranch = branch(span, element)
      }
      keys.viaCount = keys.viaCount == .max ? .max : keys.viaCount + 1
      bottom = element
    }
  }

  private func branch(_ span: RawSpan, _ element: Range<Int>) -> Fingerprint {
    guard let start = span.firstIndex(of: 0x3b, from: element.lowerBound, to: element.upperBound) else { return .empty }
    return fingerprint(span, SpanText.parameter("branch", span, (start + 1)..<element.upperBound))
  }

  private func fingerprint(_ span: RawSpan, _ value: Range<Int>?) -> Fingerprint {
    guard let value else { return .empty }
    guard !value.isEmpty, span.u8(value.lowerBound) == 0x22 else { return Fingerprint(of: span.extracting(value)) }
    return Fingerprint(of: text(value).unquoted)
  }
}

/// The few productions of RFC 3261 §25.1 that keys need, on ranges of a span.
private enum SpanText {
  static func trim(_ span: RawSpan, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, ASCII.isLWS(span.u8(start)) { start += 1 }
    while start < end, ASCII.isLWS(span.u8(end - 1)) { end -= 1 }
    return start..<end
  }

  /// As `Pieces`: the next non-empty piece, trimmed.
  static func piece(
    _ span: RawSpan, from at: inout Int, to end: Int, separator: UInt8, brackets: Bool
  ) -> Range<Int>? {
    while at < end {
      let start = at
      var quoted = false
      var bracketed = false
      scan: while at < end {
        switch span.u8(at) {
        case 0x22 where !bracketed: quoted.toggle()
        case 0x5c where quoted: at += 1
        case 0x3c where brackets && !quoted: bracketed = true
        case 0x3e where brackets && !quoted: bracketed = false
        case separator where !quoted && !bracketed: break scan
        default: break
        }
        at += 1
      }
      let piece = trim(span, start..<min(at, end))
      at += 1
      if !piece.isEmpty { return piece }
    }
    return nil
  }

  /// The value of the first parameter of this name; nil when it is missing or has no `=`.
  static func parameter(_ name: StaticString, _ span: RawSpan, _ range: Range<Int>) -> Range<Int>? {
    var at = range.lowerBound
    while let piece = piece(span, from: &at, to: range.upperBound, separator: 0x3b, brackets: false) {
      guard span.spells(name, at: piece.lowerBound, ignoringCase: true) else { continue }
      var index = piece.lowerBound + name.utf8CodeUnitCount
      while index < piece.upperBound, ASCII.isLWS(span.u8(index)) { index += 1 }
      if index >= piece.upperBound { return nil }
      if span.u8(index) == 0x3d { return trim(span, (index + 1)..<piece.upperBound) }
    }
    return nil
  }

  /// As `NameAddr`: the URI, and what follows it.
  static func nameAddr(_ span: RawSpan, _ range: Range<Int>) -> (uri: Range<Int>, parameters: Range<Int>)? {
    var at = range.lowerBound
    let end = range.upperBound
    if at < end, span.u8(at) == 0x22 {
      at += 1
      while at < end, span.u8(at) != 0x22 { at += span.u8(at) == 0x5c ? 2 : 1 }
      at += 1
      while at < end, ASCII.isLWS(span.u8(at)) { at += 1 }
      guard at < end, span.u8(at) == 0x3c else { return nil }
    }
    if let open = span.firstIndex(of: 0x3c, from: at, to: end) {
      guard let close = span.firstIndex(of: 0x3e, from: open, to: end) else { return nil }
      return (trim(span, (open + 1)..<close), (close + 1)..<end)
    }
    let semicolon = span.firstIndex(of: 0x3b, from: at, to: end) ?? end
    return (trim(span, at..<semicolon), semicolon..<end)
  }

  /// As `CSeq` of Headers/.
  struct CSeq {
    var number: UInt32
    var method: Range<Int>

    init?(_ span: RawSpan, _ range: Range<Int>) {
      var at = range.lowerBound
      while at < range.upperBound, ASCII.isDigit(span.u8(at)) { at += 1 }
      guard let digits = Decimal.read(span, range.lowerBound..<at), let number = UInt32(exactly: digits) else {
        return nil
      }
      while at < range.upperBound, ASCII.isLWS(span.u8(at)) { at += 1 }
      let start = at
      while at < range.upperBound, ASCII.isToken(span.u8(at)) { at += 1 }
      guard at > start else { return nil }
      self.number = number
      method = start..<at
    }
  }

  /// As `Via`: the fingerprint of sent-by.
  static func sentBy(_ span: RawSpan, _ element: Range<Int>) -> Fingerprint? {
    let end = element.upperBound
    var at = element.lowerBound
    func skipLWS() { while at < end, ASCII.isLWS(span.u8(at)) { at += 1 } }
    func token() -> Range<Int>? {
      let start = at
      while at < end, ASCII.isToken(span.u8(at)) { at += 1 }
      return at > start ? start..<at : nil
    }
    for _ in 0..<2 {
      guard token() != nil else { return nil }
      skipLWS()
      guard at < end, span.u8(at) == 0x2f else { return nil }
      at += 1
      skipLWS()
    }
    guard let transport = token() else { return nil }
    skipLWS()
    let start = at
    if at < end, span.u8(at) == 0x5b { at = span.firstIndex(of: 0x5d, from: at, to: end) ?? at }
    while at < end, span.u8(at) != 0x3a, span.u8(at) != 0x3b, !ASCII.isLWS(span.u8(at)) { at += 1 }
    let host = start..<at
    guard !host.isEmpty else { return nil }
    skipLWS()
    var port: UInt16 =
      transport.count == 3 && span.spells("TLS", at: transport.lowerBound, ignoringCase: true) ? 5061 : 5060
    if at < end, span.u8(at) == 0x3a {
      let stop = span.firstIndex(of: 0x3b, from: at, to: end) ?? end
      guard let number = Decimal.read(span, (at + 1)..<stop), let value = UInt16(exactly: number) else { return nil }
      port = value
      at = stop
    }
    guard at == end || span.u8(at) == 0x3b else { return nil }
    return SentBy.fingerprint(host: span.extracting(host), port: port)
  }
}
