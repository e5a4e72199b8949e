import Crypto
package import IMSBytes

/// The parts of a digest response as they stand in the Authorization of one request (RFC 7616 §3.4, RFC 3310 §3.3).
///
/// All values are unquoted and byte-exact.
package struct DigestRequest: Sendable, Hashable {
  package var method: Text
  package var username: Text
  package var realm: Text
  package var uri: Text
  package var nonce: Text
  package var algorithm: Text?
  package var qop: Text?
  package var nonceCount: Text?
  package var clientNonce: Text?
  package var body: Text

  package init(
    method: Text, username: Text, realm: Text, uri: Text, nonce: Text, algorithm: Text? = nil, qop: Text? = nil,
    nonceCount: Text? = nil, clientNonce: Text? = nil, body: Text = ""
  ) {
    self.method = method
    self.username = username
    self.realm = realm
    self.uri = uri
    self.nonce = nonce
    self.algorithm = algorithm
    self.qop = qop
    self.nonceCount = nonceCount
    self.clientNonce = clientNonce
    self.body = body
  }

  /// The algorithm without "AKAvN-" and "-sess".
  package var hash: DigestHash {
    algorithm?.containsIgnoringCase("sha-256") ?? false ? .sha256 : .md5
  }

  /// What the UE should have answered, as lower-case hexadecimal text.
  package func response(to secret: DigestSecret) -> Text {
    hash.hex(join([ha1(of: secret)] + middle + [ha2]))
  }

  private func ha1(of secret: DigestSecret) -> Text {
    let plain: Text =
      switch secret {
      case .ha1(let value): value.lowercased
      case .password(let octets): hash.hex(join([username, realm, Text(octets)]))
      }
    guard let algorithm, algorithm.count >= 5, Text(algorithm.bytes.suffix(5)).isToken("-sess") else { return plain }
    return hash.hex(join([plain, nonce, clientNonce ?? ""]))
  }

  private var ha2: Text {
    guard qop?.equalsIgnoringCase("auth-int") ?? false else { return hash.hex(join([method, uri])) }
    return hash.hex(join([method, uri, hash.hex(Array(body.bytes))]))
  }

  private var middle: [Text] {
    guard let qop else { return [nonce] }
    return [nonce, nonceCount ?? "", clientNonce ?? "", qop]
  }

  private func join(_ parts: [Text]) -> [UInt8] {
    var result: [UInt8] = []
    for (index, part) in parts.enumerated() {
      if index > 0 { result.append(UInt8(ascii: ":")) }
      result += part.bytes
    }
    return result
  }
}

/// What both sides know.
package enum DigestSecret: Sendable, Hashable {
  /// The password, or RES of AKAv1 as octets.
  case password([UInt8])
  /// HA1 itself, as the HSS gives it for SIP Digest.
  case ha1(Text)
}

/// The hash of a digest algorithm.
package enum DigestHash: Sendable, Hashable {
  case md5, sha256

  package func hex(_ bytes: [UInt8]) -> Text {
    switch self {
    case .md5: Text(Insecure.MD5.hash(data: bytes).withUnsafeBytes { Hex.octets(RawSpan(_unsafeBytes: $0)) })
    case .sha256: Text(SHA256.hash(data: bytes).withUnsafeBytes { Hex.octets(RawSpan(_unsafeBytes: $0)) })
    }
  }

  fileprivate func authenticationCode(_ key: [UInt8], _ text: String) -> [UInt8] {
    let key = SymmetricKey(data: key)
    let data = Array(text.utf8)
    switch self {
    case .md5: return Array(HMAC<Insecure.MD5>.authenticationCode(for: data, using: key))
    case .sha256: return Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
    }
  }
}

/// The password of AKAv2 (RFC 4169 §2.1): base 64 of an HMAC over a fixed text with the key RES‖IK‖CK.
package enum AKAv2 {
  package static func password(
    response: [UInt8], integrityKey: [UInt8], confidentialityKey: [UInt8], hash: DigestHash
  ) -> DigestSecret {
    let code = hash.authenticationCode(response + integrityKey + confidentialityKey, "http-digest-akav2-password")
    return .password(Array(Base64.encode(code).utf8))
  }
}
