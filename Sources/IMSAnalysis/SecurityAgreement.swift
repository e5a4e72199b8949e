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
  var client: [AgreedMechanism]
  /// Security-Server of the 401.
  var server: [AgreedMechanism]

  /// The four associations, for each algorithm that the server offers and the client does not exclude; what the server
  /// prefers comes last, so that it is tried first. An SPI is that of the sender's inbound association.
  func associations(_ keys: AKAKeys) -> [SecurityAssociation] {
    let (inbound, outbound) = (Self.spis(of: server), Self.spis(of: client))
    let (ue, proxy) = (AddressPattern(ue), AddressPattern(proxy))
    let chosen = chosen
    var associations: [SecurityAssociation] = []
    associations.reserveCapacity(chosen.count * (inbound.count + outbound.count))
    for mechanism in chosen.reversed() {
      let suite = keys.suite(alg: mechanism.alg.text, ealg: mechanism.ealg.text)
      for spi in inbound {
        associations.append(SecurityAssociation(source: ue, destination: proxy, spi: spi, suite: suite))
      }
      for spi in outbound {
        associations.append(SecurityAssociation(source: proxy, destination: ue, spi: spi, suite: suite))
      }
    }
    return associations
  }

  /// By preference; the order of the header where that is equal.
  private var chosen: [AgreedMechanism] {
    if server.count == 1 { return server }
    let offered = server.filter { mine in
      client.isEmpty || client.contains { $0.hasAlgorithms(of: mine) }
    }
    return (offered.isEmpty ? server : offered).enumerated().sorted { left, right in
      let (a, b) = (left.element.preference, right.element.preference)
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
  }

  /// Each once.
  private static func spis(of mechanisms: [AgreedMechanism]) -> [UInt32] {
    var spis: [UInt32] = []
    func add(_ spi: UInt32?) {
      if let spi, !spis.contains(spi) { spis.append(spi) }
    }
    for mechanism in mechanisms {
      add(mechanism.spiS)
      add(mechanism.spiC)
    }
    return spis
  }
}

/// What keys need of a mechanism ipsec-3gpp: thousands are remembered, so not the header's text.
struct AgreedMechanism {
  let alg: AlgorithmName
  let ealg: AlgorithmName
  let spiC: UInt32?
  let spiS: UInt32?
  /// `q` in thousandths, 0 when it is missing or no number.
  let preference: Int16

  init(_ mechanism: SecurityMechanism) {
    alg = AlgorithmName(mechanism.alg)
    ealg = AlgorithmName(mechanism.ealg)
    (spiC, spiS) = (mechanism.spiC, mechanism.spiS)
    let q = mechanism.q.flatMap { Double($0.string) } ?? 0
    preference = q >= 0 && q <= 1 ? Int16(q * 1000) : 0
  }

  fileprivate func hasAlgorithms(of other: AgreedMechanism) -> Bool { alg == other.alg && ealg == other.ealg }
}

/// The name of an algorithm in any case; a missing one is null.
enum AlgorithmName: Equatable {
  /// In `usual`.
  case known(Int8)
  indirect case other(Text)

  private static let usual: [Text] = [
    "null", "hmac-md5-96", "hmac-sha-1-96", "aes-gmac", "des-ede3-cbc", "aes-cbc", "aes-gcm",
  ]

  init(_ name: Text?) {
    guard let name else {
      self = .known(0)
      return
    }
    if let number = Self.usual.firstIndex(where: { $0.equalsIgnoringCase(name) }) {
      self = .known(Int8(number))
    } else {
      // With bytes of its own: the message is not kept for its sake.
      self = .other(Text(Array(name.lowercased.bytes)))
    }
  }

  var text: Text {
    switch self {
    case .known(let number): Self.usual[Int(number)]
    case .other(let name): name
    }
  }
}
