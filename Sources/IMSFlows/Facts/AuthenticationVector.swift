package import IMSBytes
import IMSDiameter
package import IMSSecrets
import IMSSIP

/// One authentication vector (TS 29.229 §6.3.13): what the UE is asked and what it should answer.
package struct AuthenticationVector: Sendable {
  /// Index of the MAA in the flow; nil for one that was computed from the subscriber's key.
  package var answer: Int?
  /// SIP-Item-Number.
  package var number: UInt32?
  /// RAND‖AUTN, 32 octets; empty for SIP Digest.
  package var challenge: [UInt8]
  /// XRES of AKA.
  package var expected: [UInt8]?
  package var ck: Text?
  package var ik: Text?
  /// HA1 of SIP Digest, 32 hexadecimal digits in lower case.
  package var ha1: Text?

  /// RES with its keys, or HA1.
  package var secret: DigestSecret? {
    if let ha1 { return .ha1(ha1) }
    return expected.map { .aka(response: $0, keys: keys) }
  }

  package var keys: AKAKeys? {
    guard let ck, let ik else { return nil }
    return AKAKeys(confidentiality: Array(ck.bytes), integrity: Array(ik.bytes))
  }

  /// In the order of the messages and of the items in them.
  static func all(of flow: Flow) -> [AuthenticationVector] {
    if !flow.index.hasVectors { return [] }
    var vectors: [AuthenticationVector] = []
    for number in flow.exchanges.indices {
      guard let index = flow.exchanges[number].answer, flow.messages[index].command == .multimediaAuth,
        let answer = flow.messages[index].diameter
      else { continue }
      for item in answer.authDataItems {
        var vector = AuthenticationVector(answer: index, challenge: [])
        // What another vendor calls by the same number is another thing (RFC 6733 §4.1), where both are there.
        for avp in item.children where avp.vendor == Vendor.tgpp.rawValue { vector.take(avp) }
        if !vector.isWhole { for avp in item.children where avp.vendor != Vendor.tgpp.rawValue { vector.take(avp) } }
        let scheme = item.children.first(.sipAuthenticationScheme)?.data
        if vector.ha1 == nil, let scheme, !scheme.hasPrefixIgnoringCase("Digest-AKA") { continue }
        if vector.challenge.count == 32 || vector.ha1 != nil { vectors.append(vector) }
      }
    }
    return vectors
  }

  private var isWhole: Bool { ha1 != nil || challenge.count == 32 && expected != nil && ck != nil && ik != nil }

  /// The first AVP of a code counts.
  private mutating func take(_ avp: AVP) {
    switch avp.code {
    case 609: if challenge.isEmpty { challenge = Array(avp.data.bytes.prefix(32)) }
    case 610: if expected == nil { expected = Array(avp.data.bytes) }
    case 613: if number == nil { number = avp.unsigned32 }
    case 625: if ck == nil { ck = avp.data }
    case 626: if ik == nil { ik = avp.data }
    case 635: if ha1 == nil { ha1 = avp.children.first { $0.code == 121 }?.data.lowercased }
    default: break
    }
  }
}

extension AuthenticationVector {
  /// What the key makes of each challenge of a registration whose MAC-A follows from it.
  static func proven(
    of flow: Flow, by milenage: Milenage, known: [AuthenticationVector], _ nonces: FlowFacts.Nonces
  ) -> [AuthenticationVector] {
    var challenges = known.map(\.challenge)
    for index in flow.index.registerMessages where flow.messages[index].status == 401 {
      for challenge in flow.messages[index].sip?.wwwAuthenticate ?? [] {
        if let octets = FlowFacts.challengeOctets(of: challenge.nonce, known: nonces) { challenges.append(octets) }
      }
    }
    var seen = Set<[UInt8]>()
    return challenges.filter { seen.insert($0).inserted }.compactMap { octets in
      guard let challenge = AKAChallenge(octets), let opened = milenage.open(challenge) else { return nil }
      return AuthenticationVector(
        answer: nil, challenge: octets, expected: opened.answer.response,
        ck: Text(opened.answer.keys.confidentiality), ik: Text(opened.answer.keys.integrity))
    }
  }
}

extension AKAChallenge {
  /// RAND and AUTN of a nonce (RFC 3310 §3.2); nil for one that holds none.
  package static func octets(of nonce: Text?) -> [UInt8]? {
    guard let octets = nonce.flatMap({ Base64.decode($0) }), octets.count >= 32 else { return nil }
    return octets.count == 32 ? octets : Array(octets[..<32])
  }
}
