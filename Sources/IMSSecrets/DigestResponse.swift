import Crypto
import CryptoExtras
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

  /// What the UE should have answered, as lower-case hexadecimal text. Nil for an algorithm that is not known, and where the
  /// secret is no secret of it: HA1 of another hash, or AKAv2 without CK and IK.
  package func response(to secret: DigestSecret) -> Text? {
    guard let algorithm = DigestAlgorithm(algorithm) else { return nil }
    var line = HashedLine(algorithm.hash)
    guard writeHA1(of: secret, algorithm, &line) else { return nil }
    line.add(nonce)
    if let qop {
      line.add(nonceCount ?? "")
      line.add(clientNonce ?? "")
      line.add(qop)
    }
    var last = HashedLine(algorithm.hash)
    writeHA2(&last)
    line.add(last.octets[...])
    line.hash()
    return Text(line.octets)
  }

  /// False where the secret is none of the algorithm.
  private func writeHA1(of secret: DigestSecret, _ algorithm: DigestAlgorithm, _ line: inout HashedLine) -> Bool {
    switch secret {
    case .ha1(let value):
      guard value.count == algorithm.hash.digits else { return false }
      line.add(value.lowercased)
    case .password(let octets): writeHA1(octets, &line)
    case .aka(let response, let keys):
      guard let password = algorithm.password(response, keys) else { return false }
      writeHA1(password, &line)
    }
    if algorithm.isSession {
      line.add(nonce)
      line.add(clientNonce ?? "")
      line.hash()
    }
    return true
  }

  private func writeHA1(_ password: [UInt8], _ line: inout HashedLine) {
    line.add(username)
    line.add(realm)
    line.add(password[...])
    line.hash()
  }

  private func writeHA2(_ line: inout HashedLine) {
    if qop?.equalsIgnoringCase("auth-int") ?? false {
      line.add(body)
      line.hash()
      let body = line.octets
      line = HashedLine(line.algorithm)
      line.add(method)
      line.add(uri)
      line.add(body[...])
    } else {
      line.add(method)
      line.add(uri)
    }
    line.hash()
  }
}

/// A text of parts with colons between them, which becomes the first part of the next when it is hashed.
private struct HashedLine {
  let algorithm: DigestHash
  private(set) var octets: [UInt8] = []
  private var isEmpty = true

  init(_ algorithm: DigestHash) {
    self.algorithm = algorithm
    octets.reserveCapacity(256)
  }

  mutating func add(_ part: Text) { add(part.bytes) }

  mutating func add(_ part: ArraySlice<UInt8>) {
    if !isEmpty { octets.append(UInt8(ascii: ":")) }
    isEmpty = false
    octets.append(contentsOf: part)
  }

  mutating func hash() { algorithm.replace(&octets) }
}

/// What both sides know.
package enum DigestSecret: Sendable, Hashable {
  case password([UInt8])
  /// HA1 itself, as the HSS gives it for SIP Digest.
  case ha1(Text)
  /// RES; CK and IK where they are known: AKAv2 needs them.
  case aka(response: [UInt8], keys: AKAKeys?)
}

/// An algorithm of Digest as its name tells it (RFC 3310 §3.1, RFC 4169 §3, RFC 7616 §3.3).
package struct DigestAlgorithm: Sendable, Hashable {
  package let hash: DigestHash
  /// 1 or 2 of AKA, nil where a password is hashed.
  package let akaVersion: Int?
  /// HA1 covers nonce and cnonce too.
  package let isSession: Bool

  private static let known: [(name: StaticString, hash: DigestHash, akaVersion: Int?, isSession: Bool)] = [
    ("AKAv1-MD5", .md5, 1, false), ("MD5", .md5, nil, false), ("AKAv2-SHA-256", .sha256, 2, false),
    ("AKAv2-MD5", .md5, 2, false), ("MD5-sess", .md5, nil, true), ("SHA-256", .sha256, nil, false),
    ("SHA-256-sess", .sha256, nil, true), ("SHA-512-256", .sha512Half, nil, false),
    ("SHA-512-256-sess", .sha512Half, nil, true),
  ]

  /// Without a name MD5 is meant; nil for one that is not known.
  package init?(_ name: Text?) {
    guard let name else {
      (hash, akaVersion, isSession) = (.md5, nil, false)
      return
    }
    guard let found = DigestAlgorithm.known.first(where: { name.isToken($0.name) }) else { return nil }
    (hash, akaVersion, isSession) = (found.hash, found.akaVersion, found.isSession)
  }

  /// The password of AKA: RES, or what AKAv2 makes of it and the keys.
  fileprivate func password(_ response: [UInt8], _ keys: AKAKeys?) -> [UInt8]? {
    guard akaVersion == 2 else { return response }
    return keys.map { AKAv2.password(response: response, keys: $0, hash: hash) }
  }
}

/// The hash of a digest algorithm.
package enum DigestHash: Sendable, Hashable {
  case md5, sha256
  /// SHA-512/256 (FIPS 180-4 §6.7), which RFC 7616 calls SHA-512-256.
  case sha512Half

  /// Of the hash in hexadecimal text.
  var digits: Int { self == .md5 ? 32 : 64 }

  package func hex(_ bytes: [UInt8]) -> Text {
    var octets = bytes
    replace(&octets)
    return Text(octets)
  }

  /// Puts the hash of some octets in their place, in hexadecimal text.
  fileprivate func replace(_ octets: inout [UInt8]) {
    switch self {
    case .md5:
      let digest = Self.digest(octets, Insecure.MD5.self)
      digest.withUnsafeBytes { Hex.replace(&octets, with: RawSpan(_unsafeBytes: $0)) }
    case .sha256:
      let digest = Self.digest(octets, SHA256.self)
      digest.withUnsafeBytes { Hex.replace(&octets, with: RawSpan(_unsafeBytes: $0)) }
    case .sha512Half:
      let digest = Self.digest(octets, SHA512256.self)
      digest.withUnsafeBytes { Hex.replace(&octets, with: RawSpan(_unsafeBytes: $0)) }
    }
  }

  /// A hash that was handed in would have two holders, and be copied before it takes anything.
  private static func digest<Hash: HashFunction>(_ octets: [UInt8], _: Hash.Type) -> Hash.Digest {
    var hash = Hash()
    octets.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize()
  }

  fileprivate func authenticationCode(_ key: [UInt8], _ text: String) -> [UInt8] {
    let key = SymmetricKey(data: key)
    let data = Array(text.utf8)
    switch self {
    case .md5: return Array(HMAC<Insecure.MD5>.authenticationCode(for: data, using: key))
    case .sha256: return Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
    case .sha512Half: return Array(HMAC<SHA512256>.authenticationCode(for: data, using: key))
    }
  }
}

/// The password of AKAv2 (RFC 4169 §2.1): base 64 of an HMAC over a fixed text with the key RES‖IK‖CK.
package enum AKAv2 {
  package static func password(response: [UInt8], keys: AKAKeys, hash: DigestHash) -> [UInt8] {
    let code = hash.authenticationCode(
      response + keys.integrity + keys.confidentiality, "http-digest-akav2-password")
    return Array(Base64.encode(code).utf8)
  }
}
