package import IMSBytes

/// One mechanism of Security-Client, Security-Server or Security-Verify (RFC 3329 §2.2, TS 33.203 Annex H).
package struct SecurityMechanism: Hashable, Sendable {
  /// `ipsec-3gpp`, `tls`, …
  package let mechanism: Text
  package let parameters: Parameters
  package let raw: Text

  package init?(_ element: Text) {
    var scanner = Scanner(element)
    scanner.skipLWS()
    guard let mechanism = scanner.token() else { return nil }
    guard scanner.skip(0x3b) || scanner.isAtEnd else { return nil }
    self.mechanism = mechanism
    parameters = Parameters(scanner.remainder)
    raw = element
  }

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
