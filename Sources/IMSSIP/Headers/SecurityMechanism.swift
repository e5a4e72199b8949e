package import IMSBytes

/// One mechanism of Security-Client, Security-Server or Security-Verify (RFC 3329 §2.2, TS 33.203 Annex H).
package struct SecurityMechanism: Hashable, Sendable {
  package let raw: Text
  private let name: Part
  private let rest: Part

  package init?(_ element: Text) {
    guard let (token, rest) = element.read({ SpanText.tokenAndRest($0, separator: 0x3b) }) else { return nil }
    raw = element
    name = Part(token)
    self.rest = Part(rest)
  }

  /// `ipsec-3gpp`, `tls`, …
  package var mechanism: Text { raw.part(name) }
  package var parameters: Parameters { Parameters(raw.part(rest)) }

  package var isIPsec: Bool { mechanism.isToken("ipsec-3gpp") }
  package var spiC: UInt32? { number("spi-c") }
  package var spiS: UInt32? { number("spi-s") }
  package var portC: UInt16? { number("port-c") }
  package var portS: UInt16? { number("port-s") }
  package var alg: Text? { parameters["alg"] }
  package var ealg: Text? { parameters["ealg"] }
  package var prot: Text? { parameters["prot"] }
  package var mod: Text? { parameters["mod"] }
  package var q: Text? { parameters["q"] }

  private func number<Number: FixedWidthInteger>(_ name: StaticString) -> Number? {
    parameters[name]?.number.flatMap { Number(exactly: $0) }
  }
}
