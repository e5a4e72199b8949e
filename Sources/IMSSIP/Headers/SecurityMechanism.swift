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
    items = element.read { Items($0, rest) }
  }

  package var spiC: UInt32? { items.spiC }
  package var spiS: UInt32? { items.spiS }
  package var portC: UInt16? { items.portC }
  package var portS: UInt16? { items.portS }
  /// Of the media plane: says nothing of the signalling.
  package var isOfMedia: Bool { items.isOfMedia }

  package var mechanism: Text { raw.part(name) }
  package var parameters: Parameters { Parameters(raw.part(rest)) }

  package var alg: Text? { text(items.alg) }
  package var ealg: Text? { text(items.ealg) }
  package var prot: Text? { text(items.prot) }
  package var mod: Text? { text(items.mod) }
  package var q: Text? { text(items.q) }

  private func text(_ value: Part??) -> Text? { (value ?? nil).map { raw.part($0).unquoted } }
}

/// What is asked of a mechanism again and again, in one pass; the first of several parameters of a name counts.
private struct Items: Hashable, Sendable, BitwiseCopyable {
  var spiC: UInt32?
  var spiS: UInt32?
  var portC: UInt16?
  var portS: UInt16?
  var isOfMedia = false
  /// Outer nil without the parameter, inner nil without a value.
  var alg: Part??
  var ealg: Part??
  var prot: Part??
  var mod: Part??
  var q: Part??

  init(_ span: RawSpan, _ parameters: Range<Int>) {
    // Parameters of these names may stand there without being numbers.
    var met: (spiC: Bool, spiS: Bool, portC: Bool, portS: Bool) = (false, false, false, false)
    var at = parameters.lowerBound
    while let piece = SpanText.piece(span, from: &at, to: parameters.upperBound, separator: 0x3b, brackets: false) {
      switch span.u8(piece.lowerBound) | 0x20 {
      case UInt8(ascii: "s"):
        if Self.read("spi-c", span, piece, &met.spiC, &spiC) { continue }
        _ = Self.read("spi-s", span, piece, &met.spiS, &spiS)
      case UInt8(ascii: "p"):
        if Self.read("port-c", span, piece, &met.portC, &portC) { continue }
        if Self.read("port-s", span, piece, &met.portS, &portS) { continue }
        Self.keep("prot", span, piece, &prot)
      case UInt8(ascii: "m"):
        Self.keep("mod", span, piece, &mod)
        if SpanText.value(of: "mediasec", span, piece) != nil { isOfMedia = true }
      case UInt8(ascii: "a"): Self.keep("alg", span, piece, &alg)
      case UInt8(ascii: "e"): Self.keep("ealg", span, piece, &ealg)
      case UInt8(ascii: "q"): Self.keep("q", span, piece, &q)
      default: continue
      }
    }
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
