package import IMSBytes

/// What joins a message to others, as numbers. A missing part is `Fingerprint.empty`, a missing CSeq number 0.
package struct SIPKeys: Hashable, Sendable, BitwiseCopyable {
  package var callID = Fingerprint.empty
  package var cseq: UInt32 = 0
  package var method: Method = .register
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
  /// Makes the keys of the values of headers, in wire order.
  struct Reader {
    private(set) var keys = SIPKeys()
    /// The last Via.
    private var bottom: Range<Int>?

    init() { keys.method = .other }

    mutating func readMethod(_ span: RawSpan, _ name: Range<Int>) { keys.method = Method(span.extracting(name)) }

    mutating func readCallID(_ span: RawSpan, _ value: Range<Int>) {
      keys.callID = Fingerprint(of: span.extracting(value))
    }

    mutating func readCSeq(_ span: RawSpan, _ value: Range<Int>) {
      guard let cseq = SpanText.cseq(span, value) else { return }
      keys.cseq = cseq.number
      keys.method = Method(span.extracting(cseq.method))
    }

    mutating func readFrom(_ span: RawSpan, _ value: Range<Int>) {
      guard let parts = SpanText.nameAddr(span, value) else { return }
      let tag = SpanText.parameter("tag", span, parts.parameters.range) ?? nil
      keys.fromTag = SpanText.fingerprint(span, tag)
    }

    mutating func readTo(_ span: RawSpan, _ value: Range<Int>) {
      guard let parts = SpanText.nameAddr(span, value) else { return }
      keys.toAOR = SIPURI.addressOfRecord(span.extracting(parts.uri.range)) ?? .empty
    }

    mutating func readVias(_ span: RawSpan, _ value: Range<Int>) {
      var at = value.lowerBound
      while let element = SpanText.element(span, from: &at, to: value.upperBound) { readVia(span, element) }
    }

    private mutating func readVia(_ span: RawSpan, _ element: Range<Int>) {
      if keys.viaCount == 0, let via = SpanText.via(span, element) {
        let transport = via.transport.range
        let isTLS = transport.count == 3 && span.spells("TLS", at: transport.lowerBound, ignoringCase: true)
        keys.topSentBy = SentBy.fingerprint(
          host: span.extracting(via.host.range), port: via.port ?? (isTLS ? 5061 : 5060))
        keys.topBranch = SpanText.branch(span, element)
      }
      keys.viaCount = keys.viaCount == .max ? .max : keys.viaCount + 1
      bottom = element
    }

    /// When the last header was read.
    mutating func finish(_ span: RawSpan) {
      guard let bottom else { return }
      let isTop = keys.viaCount == 1 && keys.topBranch != .empty
      keys.bottomBranch = isTop ? keys.topBranch : SpanText.branch(span, bottom)
    }
  }
}

extension SpanText {
  /// The next element of a list of values with commas between them.
  @inline(__always)
  static func element(_ span: RawSpan, from at: inout Int, to end: Int) -> Range<Int>? {
    // Nearly always there is but one.
    if at < end, !ASCII.isLWS(span.u8(at)), !ASCII.isLWS(span.u8(end - 1)),
      span.firstIndex(of: 0x2c, from: at, to: end) == nil
    {
      defer { at = end }
      return at..<end
    }
    return piece(span, from: &at, to: end, separator: 0x2c, brackets: true)
  }

  /// Protocol, transport and sent-by of a Via: what stands before its parameters.
  static func head(_ span: RawSpan, _ element: Range<Int>) -> Range<Int> {
    let end = span.firstIndex(of: 0x3b, from: element.lowerBound, to: element.upperBound)
    return element.lowerBound..<(end ?? element.upperBound)
  }

  /// Of the branch of a Via as a text without quotes; `empty` without one.
  static func branch(_ span: RawSpan, _ element: Range<Int>) -> Fingerprint {
    guard let start = span.firstIndex(of: 0x3b, from: element.lowerBound, to: element.upperBound) else { return .empty }
    // Most elements begin their parameters with it, and have no quotes.
    if span.spells("branch=", at: start + 1), start + 8 <= element.upperBound {
      let end = span.firstIndex(of: 0x3b, from: start + 8, to: element.upperBound) ?? element.upperBound
      if span.firstIndex(of: 0x22, from: start + 8, to: end) == nil {
        return Fingerprint(of: span.extracting(trim(span, start + 8..<end)))
      }
    }
    return fingerprint(span, parameter("branch", span, (start + 1)..<element.upperBound) ?? nil)
  }

  /// Of what a parameter says, without quotes; `empty` for none.
  static func fingerprint(_ span: RawSpan, _ value: Range<Int>?) -> Fingerprint {
    guard let value else { return .empty }
    let bytes = span.extracting(value)
    guard !value.isEmpty, span.u8(value.lowerBound) == 0x22 else { return Fingerprint(of: bytes) }
    // Hardly anything in quotes is escaped.
    if value.count > 1, span.u8(value.upperBound - 1) == 0x22,
      span.firstIndex(of: 0x5c, from: value.lowerBound, to: value.upperBound) == nil
    {
      return Fingerprint(of: span.extracting(value.lowerBound + 1..<value.upperBound - 1))
    }
    return Fingerprint(of: Text(bytes.array).unquoted)
  }
}
