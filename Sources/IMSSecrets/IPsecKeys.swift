// TS 33.203, Annex I (key expansion) and Annex H (names of the algorithms); TS 33.220, Annex B (KDF).

import Crypto
package import IMSBytes

/// CK and IK of one authentication vector, 16 octets each: what all keys of the security associations on Gm come from.
package struct AKAKeys: Sendable, Hashable {
  package let confidentiality: [UInt8]
  package let integrity: [UInt8]

  /// Nil for other lengths.
  package init?(confidentiality: [UInt8], integrity: [UInt8]) {
    guard confidentiality.count == 16, integrity.count == 16 else { return nil }
    self.confidentiality = confidentiality
    self.integrity = integrity
  }

  /// How an association with these algorithms protects its packets. A missing `ealg` is null; a missing `alg` is null,
  /// too: aes-gcm needs none. Algorithms that are not known, and des-ede3-cbc, give a suite that names them.
  package func suite(alg: Text?, ealg: Text?) -> ESPSuite {
    ESPSuite(encryption: encryption(ealg), integrity: integrity(alg))
  }

  private func encryption(_ name: Text?) -> ESPSuite.Encryption {
    switch name?.lowercased.string ?? "null" {
    case "null": .null
    case "aes-cbc": .aesCBC(key: confidentiality)
    case "aes-gcm": .aesGCM(key: confidentiality, salt: salt(0x59, "AES_GCM_SALT"), checkLength: 16)
    case let other: .unsupported(other)
    }
  }

  private func integrity(_ name: Text?) -> ESPSuite.Integrity {
    switch name?.lowercased.string ?? "null" {
    case "null": .null
    case "hmac-md5-96": .hmac(.md5, key: integrity, length: 12)
    case "hmac-sha-1-96": .hmac(.sha1, key: integrity + [0, 0, 0, 0], length: 12)
    case "aes-gmac": .aesGMAC(key: integrity, salt: salt(0x58, "AES_GMAC_SALT"))
    case let other: .unsupported(other)
    }
  }

  /// The last four octets of the derived key.
  private func salt(_ function: UInt8, _ name: String) -> [UInt8] {
    let text = Array(name.utf8)
    let input = [function] + text + [UInt8(text.count >> 8), UInt8(text.count & 0xff)]
    let key = SymmetricKey(data: confidentiality + integrity)
    return Array(HMAC<SHA256>.authenticationCode(for: input, using: key)).suffix(4)
  }
}
