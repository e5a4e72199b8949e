package import IMSBytes

/// One mechanism of Security-Client, Security-Server or Security-Verify (RFC 3329 §2.2, TS 33.203 Annex H).
package struct SecurityMechanism: Hashable, Sendable {
  package let raw: Text
  private let name: Part
  private let rest: Part
  package let isIPsec: Bool
  private let items: Items

  package init?(_ element: Text) {
    guard let (token, rest) = element.read({ SpanText.tokenAndRest($0, separator: 0x3b) }) else { return nil }
    raw = element
    name = Part(token)
    self.rest = Part(rest)
    isIPsec = element.part(name).isToken("ipsec-3gpp")
    (items, facts) = element.read { span in
      var facts = SecurityFacts()
      let items = Items(span, rest, &facts)
      return (items, facts)
    }
  }

  /// What rules ask of it before they read its texts.
  package let facts: SecurityFacts

  package var spiC: UInt32? { facts.spiC }
  package var spiS: UInt32? { facts.spiS }
  package var portC: UInt16? { facts.portC }
  package var portS: UInt16? { facts.portS }
  /// Of the media plane: says nothing of the signalling.
  package var isOfMedia: Bool { facts.isOfMedia }

  package var mechanism: Text { raw.part(name) }
  package var parameters: Parameters { Parameters(raw.part(rest)) }

  package var alg: Text? { text(items.alg) }
  package var ealg: Text? { text(items.ealg) }
  package var prot: Text? { text(items.prot) }
  package var mod: Text? { text(items.mod) }
  package var q: Text? { text(items.q) }

  private func text(_ value: Part??) -> Text? { (value ?? nil).map { raw.part($0).unquoted } }
}

/// The numbers of a mechanism, and what it is like.
package struct SecurityFacts: Hashable, Sendable, BitwiseCopyable {
  package fileprivate(set) var spiC: UInt32?
  package fileprivate(set) var spiS: UInt32?
  package fileprivate(set) var portC: UInt16?
  package fileprivate(set) var portS: UInt16?
  /// Of the media plane: says nothing of the signalling.
  package fileprivate(set) var isOfMedia = false
  /// As most are: `alg`, four numbers that may stand there, and nothing else that need be looked at (TS 33.203 Annex H).
  package fileprivate(set) var isPlain = false
  /// Neither algorithm is one that was taken out of TS 33.203, as far as they are not quoted.
  package fileprivate(set) var isStrong = true
  /// Of `alg` and `ealg` as they are written, which is null where it is missing.
  package fileprivate(set) var algorithms = Fingerprint.empty

  fileprivate var hasPlainNumbers: Bool {
    guard let spiC, let spiS, let portC, let portS else { return false }
    return spiC >= 256 && spiS >= 256 && portC != 0 && portS != 0
  }
}

/// The texts that are asked for again and again, in one pass; the first of several parameters of a name counts.
private struct Items: Hashable, Sendable, BitwiseCopyable {
  /// Outer nil without the parameter, inner nil without a value.
  var alg: Part??
  var ealg: Part??
  var prot: Part??
  var mod: Part??
  var q: Part??

  init(_ span: RawSpan, _ parameters: Range<Int>, _ facts: inout SecurityFacts) {
    // Parameters of these names may stand there without being numbers.
    var met: (spiC: Bool, spiS: Bool, portC: Bool, portS: Bool) = (false, false, false, false)
    var at = parameters.lowerBound
    while let piece = SpanText.piece(span, from: &at, to: parameters.upperBound, separator: 0x3b, brackets: false) {
      switch span.u8(piece.lowerBound) | 0x20 {
      case UInt8(ascii: "s"):
        if Self.read("spi-c", span, piece, &met.spiC, &facts.spiC) { continue }
        _ = Self.read("spi-s", span, piece, &met.spiS, &facts.spiS)
      case UInt8(ascii: "p"):
        if Self.read("port-c", span, piece, &met.portC, &facts.portC) { continue }
        if Self.read("port-s", span, piece, &met.portS, &facts.portS) { continue }
        Self.keep("prot", span, piece, &prot)
      case UInt8(ascii: "m"):
        Self.keep("mod", span, piece, &mod)
        if SpanText.value(of: "mediasec", span, piece) != nil { facts.isOfMedia = true }
      case UInt8(ascii: "a"): Self.keep("alg", span, piece, &alg)
      case UInt8(ascii: "e"): Self.keep("ealg", span, piece, &ealg)
      case UInt8(ascii: "q"): Self.keep("q", span, piece, &q)
      default: continue
      }
    }
    facts.isPlain = facts.hasPlainNumbers && hasPlainWords(span)
    facts.isStrong = Self.isStrong(span, alg) && Self.isStrong(span, ealg)
    if let alg = alg ?? nil { facts.algorithms.combine(span.extracting(alg.range)) }
    if let ealg = ealg ?? nil, !Self.isExactly("null", span, ealg) {
      facts.algorithms.combine(span.extracting(ealg.range))
    }
  }

  private func hasPlainWords(_ span: RawSpan) -> Bool {
    guard (alg ?? nil) != nil else { return false }
    if let prot = prot ?? nil, !Self.isExactly("esp", span, prot) { return false }
    if let mod = mod ?? nil, !Self.isExactly("trans", span, mod) { return false }
    return (q ?? nil).map { Self.isPreference(span, $0.range) } ?? true
  }

  private static func isExactly(_ word: StaticString, _ span: RawSpan, _ value: Part) -> Bool {
    value.range.count == word.utf8CodeUnitCount && span.spells(word, at: value.range.lowerBound)
  }

  /// "0.5", "1": a number from 0 to 1 as most write it.
  private static func isPreference(_ span: RawSpan, _ value: Range<Int>) -> Bool {
    if value.count == 1 { return span.u8(value.lowerBound) == 0x30 || span.u8(value.lowerBound) == 0x31 }
    return value.count == 3 && span.spells("0.", at: value.lowerBound) && ASCII.isDigit(span.u8(value.lowerBound + 2))
  }

  private static func isStrong(_ span: RawSpan, _ algorithm: Part??) -> Bool {
    guard let range = (algorithm ?? nil)?.range, let start = range.first else { return true }
    if span.u8(start) == 0x22 { return false }
    let isWeak =
      range.count == 11 && span.spells("hmac-md5-96", at: start, ignoringCase: true)
      || range.count == 12 && span.spells("des-ede3-cbc", at: start, ignoringCase: true)
    return !isWeak
  }

  private static func keep(_ name: StaticString, _ span: RawSpan, _ piece: Range<Int>, _ kept: inout Part??) {
    if kept == nil, let value = SpanText.value(of: name, span, piece) { kept = .some(value.map { Part($0) }) }
  }

  /// Is it this parameter?
  private static func read<Number: FixedWidthInteger>(
    _ name: StaticString, _ span: RawSpan, _ piece: Range<Int>, _ isMet: inout Bool, _ number: inout Number?
  ) -> Bool {
    guard let value = SpanText.value(of: name, span, piece) else { return false }
    if !isMet, let range = value {
      let isQuoted = range.count >= 2 && span.u8(range.lowerBound) == 0x22 && span.u8(range.upperBound - 1) == 0x22
      let digits = isQuoted ? range.lowerBound + 1..<range.upperBound - 1 : range
      number = Decimal.read(span, digits).flatMap { Number(exactly: $0) }
    }
    isMet = true
    return true
  }
}
