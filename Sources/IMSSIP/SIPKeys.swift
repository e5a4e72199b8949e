package import IMSBytes

/// What joins a message to others, as numbers. A missing part is `Fingerprint.empty`, a missing CSeq number 0.
package struct SIPKeys: Hashable, Sendable, BitwiseCopyable {
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

extension SIPKeys {
  init(_ span: RawSpan, _ index: HeaderIndex) {
    method = .register
    var cseq: SpanText.CSeq?
    var isFirstCSeq = true
    var bottom: Range<Int>?
    var from: Range<Int>?
    var to: Range<Int>?
    for place in index.fields.indices {
      let field = index.fields[place]
      var value: Range<Int> { SpanText.trim(span, Int(field.valueStart)..<Int(field.valueEnd)) }
      switch field.id {
      case HeaderName.via.id: readVias(span, value, &bottom)
      case HeaderName.callID.id where callID == .empty: callID = Fingerprint(of: span.extracting(value))
      case HeaderName.cseq.id where isFirstCSeq:
        cseq = SpanText.cseq(span, value)
        isFirstCSeq = false
      case HeaderName.from.id where from == nil: from = value
      case HeaderName.to.id where to == nil: to = value
      default: break
      }
    }
    self.cseq = cseq?.number ?? 0
    let line = index.startLine
    method = Method(span.extracting(line.isRequest ? line.method : cseq?.method ?? 0..<0))
    if let bottom {
      let isTop = viaCount == 1 && topBranch != .empty
      bottomBranch = isTop ? topBranch : Self.branch(span, bottom)
    }
    if let from, let parts = SpanText.nameAddr(span, from) {
      fromTag = Self.fingerprint(span, SpanText.parameter("tag", span, parts.parameters.range) ?? nil)
    }
    if let to, let parts = SpanText.nameAddr(span, to) {
      let uri = span.extracting(parts.uri.range)
      if let plain = SIPURI.plainAddressOfRecord(uri) {
        toAOR = plain
      } else if let uri = SIPURI(Text(uri.array)) {
        toAOR = uri.addressOfRecordFingerprint
      }
    }
  }

  private mutating func readVias(_ span: RawSpan, _ value: Range<Int>, _ bottom: inout Range<Int>?) {
    var at = value.lowerBound
    while let element = SpanText.piece(span, from: &at, to: value.upperBound, separator: 0x2c, brackets: true) {
      if viaCount == 0, let via = SpanText.via(span, element) {
        let transport = via.transport.range
        let isTLS = transport.count == 3 && span.spells("TLS", at: transport.lowerBound, ignoringCase: true)
        topSentBy = SentBy.fingerprint(
          host: span.extracting(via.host.range), port: via.port ?? (isTLS ? 5061 : 5060))
        topBranch = Self.branch(span, element)
      }
      viaCount = viaCount == .max ? .max : viaCount + 1
      bottom = element
    }
  }

  private static func branch(_ span: RawSpan, _ element: Range<Int>) -> Fingerprint {
    guard let start = span.firstIndex(of: 0x3b, from: element.lowerBound, to: element.upperBound) else { return .empty }
    // Most elements begin their parameters with it, and have no quotes.
    if span.spells("branch=", at: start + 1), start + 8 <= element.upperBound {
      let end = span.firstIndex(of: 0x3b, from: start + 8, to: element.upperBound) ?? element.upperBound
      if span.firstIndex(of: 0x22, from: start + 8, to: end) == nil {
        return Fingerprint(of: span.extracting(SpanText.trim(span, start + 8..<end)))
      }
    }
    return fingerprint(span, SpanText.parameter("branch", span, (start + 1)..<element.upperBound) ?? nil)
  }

  private static func fingerprint(_ span: RawSpan, _ value: Range<Int>?) -> Fingerprint {
    guard let value else { return .empty }
    let bytes = span.extracting(value)
    guard !value.isEmpty, span.u8(value.lowerBound) == 0x22 else { return Fingerprint(of: bytes) }
    return Fingerprint(of: Text(bytes.array).unquoted)
  }
}
