package import IMSBytes

/// One mechanism of Security-Client, Security-Server or Security-Verify (RFC 3329 §2.2, TS 33.203 Annex H).
package struct SecurityMechanism: Hashable, Sendable {
  package let raw: Text
  private let name: Part
  private let rest: Part
  package let isIPsec: Bool
  private let numbers: Numbers

  package init?(_ element: Text) {
    guard let (token, rest) = element.read({ SpanText.tokenAndRest($0, separator: 0x3b) }) else { return nil }
    raw = element
    name = Part(token)
    self.rest = Part(rest)
    isIPsec = element.part(name).isToken("ipsec-3gpp")
    numbers = element.read { Numbers($0, rest) }
  }

  package var spiC: UInt32? { numbers.spiC }
  package var spiS: UInt32? { numbers.spiS }
  package var portC: UInt16? { numbers.portC }
  package var portS: UInt16? { numbers.portS }
  /// Of the media plane: says nothing of the signalling.
  package var isOfMedia: Bool { numbers.isOfMedia }

  package var mechanism: Text { raw.part(name) }
  package var parameters: Parameters { Parameters(raw.part(rest)) }

  package var alg: Text? { parameters["alg"] }
  package var ealg: Text? { parameters["ealg"] }
  package var prot: Text? { parameters["prot"] }
  package var mod: Text? { parameters["mod"] }
  package var q: Text? { parameters["q"] }
}

/// What is asked of a mechanism again and again, in one pass; the first of several parameters of a name counts.
private struct Numbers: Hashable, Sendable, BitwiseCopyable {
  var spiC: UInt32?
  var spiS: UInt32?
  var portC: UInt16?
  var portS: UInt16?
  var isOfMedia = false

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
        _ = Self.read("port-s", span, piece, &met.portS, &portS)
      case UInt8(ascii: "m"): if SpanText.value(of: "mediasec", span, piece) != nil { isOfMedia = true }
      default: continue
      }
    }
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
