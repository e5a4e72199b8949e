// RFC 3329 (the headers); TS 33.203, section 7 and Annex H (their parameters for IPsec).

import IMSBytes
import IMSSIP
import IMSSecrets
import IMSWire

/// What UE and P-CSCF agreed on in one challenge round: whose SPIs, which algorithms.
struct SecurityAgreement {
  var ue: IPAddress
  var proxy: IPAddress
  /// Security-Client of the REGISTER; empty when it was not seen.
  var client: [SecurityMechanism]
  /// Security-Server of the 401.
  var server: [SecurityMechanism]

  /// The four associations, for each algorithm that the server offers and the client does not exclude; what the server
  /// prefers comes last, so that it is tried first. An SPI is that of the sender's inbound association.
  func associations(_ keys: AKAKeys) -> [SecurityAssociation] {
    chosen.reversed().flatMap { mechanism -> [SecurityAssociation] in
      let suite = keys.suite(alg: mechanism.alg, ealg: mechanism.ealg)
      return distinct(server).map { association(from: ue, to: proxy, spi: $0, suite) }
        + distinct(client).map { association(from: proxy, to: ue, spi: $0, suite) }
    }
  }

  /// By preference; the order of the header where that is equal.
  private var chosen: [SecurityMechanism] {
    let offered = server.filter { mine in
      client.isEmpty || client.contains { $0.hasAlgorithms(of: mine) }
    }
    return (offered.isEmpty ? server : offered).enumerated().sorted { left, right in
      let (a, b) = (left.element.preference, right.element.preference)
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
  }

  private func distinct(_ mechanisms: [SecurityMechanism]) -> [UInt32] {
    mechanisms.flatMap { [$0.spiS, $0.spiC] }.compactMap(\.self).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  private func association(
    from source: IPAddress, to destination: IPAddress, spi: UInt32, _ suite: ESPSuite
  ) -> SecurityAssociation {
    SecurityAssociation(
      source: AddressPattern(source), destination: AddressPattern(destination), spi: spi, suite: suite)
  }
}

extension SecurityMechanism {
  fileprivate func hasAlgorithms(of other: SecurityMechanism) -> Bool {
    let null: Text = "null"
    return (alg ?? null).equalsIgnoringCase(other.alg ?? null)
      && (ealg ?? null).equalsIgnoringCase(other.ealg ?? null)
  }

  /// `q` in thousandths, 0 when it is missing or no number.
  fileprivate var preference: Int {
    guard let text = q?.string, let value = Double(text), value >= 0, value <= 1 else { return 0 }
    return Int(value * 1000)
  }
}
