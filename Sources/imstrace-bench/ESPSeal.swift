import Crypto
import CryptoExtras
import IMSForge

/// Protects packets with hmac-sha-1-96 and aes-cbc, whose keys are IK and CK (TS 33.203, Annex I). The same packet gives
/// the same bytes: its initialization vector is made of its SPI and sequence number.
struct ESPSeal {
  private let cipher: SymmetricKey
  private let integrity: SymmetricKey

  init(vector: AKAVector) {
    cipher = SymmetricKey(data: vector.ck)
    integrity = SymmetricKey(data: vector.ik + [0, 0, 0, 0])
  }

  func packet(_ esp: ESPBuilder) -> [UInt8] {
    let start = Array(SHA256.hash(data: esp.header).prefix(16))
    guard let vector = try? AES._CBC.IV(ivBytes: start),
      let secret = try? AES._CBC.encrypt(esp.content(blockSize: 16), using: cipher, iv: vector, noPadding: true)
    else {
      // No input reaches this: the keys are those of the forge, and its builder pads to whole blocks.
      preconditionFailure("keys of 16 octets and whole blocks can be used")
    }
    let covered = esp.header + start + secret
    return covered + HMAC<Insecure.SHA1>.authenticationCode(for: covered, using: integrity).prefix(12)
  }
}
