// RFC 4303 (ESP); RFC 2403, 2404, 4868 (HMAC), RFC 3602 (AES-CBC), RFC 4106 (AES-GCM), RFC 4543 (AES-GMAC).
//
//   packet   SPI 4, sequence number 4, IV, payload, padding 1, 2, 3, …, pad length 1, next header 1, ICV

import Crypto
import CryptoExtras
import IMSBytes

/// The algorithms and keys of one security association.
package struct ESPSuite: Sendable, Hashable {
  package enum Encryption: Sendable, Hashable {
    case null
    /// 16, 24 or 32 octets.
    case aesCBC(key: [UInt8])
    /// The ICV is cut to `checkLength` octets: 8, 12 or 16.
    case aesGCM(key: [UInt8], salt: [UInt8], checkLength: Int)
    case unsupported(String)
  }

  package enum Integrity: Sendable, Hashable {
    case null
    /// The code is cut to `length` octets.
    case hmac(Hash, key: [UInt8], length: Int)
    /// With an IV of its own, even where nothing is encrypted.
    case aesGMAC(key: [UInt8], salt: [UInt8])
    /// An ICV of this length that nobody verifies.
    case unchecked(length: Int)
    case unsupported(String)
  }

  package enum Hash: Sendable, Hashable { case md5, sha1, sha256, sha384, sha512 }

  package let encryption: Encryption
  package let integrity: Integrity

  package init(encryption: Encryption, integrity: Integrity) {
    self.encryption = encryption
    self.integrity = integrity
  }

  /// The algorithm that cannot be computed here, as it was named.
  package var unsupported: String? {
    if case .unsupported(let name) = encryption { return name }
    if case .unsupported(let name) = integrity { return name }
    return nil
  }

  /// Does it take a key to tell a right packet from a wrong one?
  package var isVerifiable: Bool {
    if case .aesGCM = encryption { return true }
    switch integrity {
    case .hmac, .aesGMAC: return true
    case .null, .unchecked, .unsupported: return false
    }
  }

  package var encrypts: Bool { encryption != .null }
}

/// What became of one ESP packet.
package enum ESPOpened: Sendable, Equatable {
  /// Not encrypted: the payload is this part of the packet.
  case clear(Range<Int>, next: UInt8)
  case decrypted([UInt8], next: UInt8)
  /// The integrity check value is another: wrong key, or bytes were changed on the way.
  case wrongCheck
  /// Too short, no multiple of the block size, or a trailer that cannot be.
  case malformed
}

extension ESPSuite {
  /// `packet` goes from the SPI to the ICV. The ICV is verified before anything is decrypted.
  package func open(_ packet: RawSpan) -> ESPOpened {
    guard unsupported == nil else { return .malformed }
    let bytes = packet.array
    let trailing = checkLength
    guard bytes.count >= 8 + initialization + 2 + trailing else { return .malformed }
    let body = 8 + initialization..<bytes.count - trailing
    guard isRight(bytes, body) else { return .wrongCheck }
    switch encryption {
    case .null: return trailer(bytes[body]).map { .clear(body.lowerBound..<$0.end, next: $0.next) } ?? .malformed
    case .aesCBC(let key): return finish(decryptCBC(bytes, body, key))
    case .aesGCM(let key, let salt, let length): return openGCM(bytes, body, key, salt, length)
    case .unsupported: return .malformed
    }
  }

  /// Octets of the IV.
  private var initialization: Int {
    switch encryption {
    case .aesCBC: return 16
    case .aesGCM: return 8
    case .null, .unsupported: break
    }
    if case .aesGMAC = integrity { return 8 }
    return 0
  }

  private var checkLength: Int {
    if case .aesGCM(_, _, let length) = encryption { return length }
    switch integrity {
    case .hmac(_, _, let length), .unchecked(let length): return length
    case .aesGMAC: return 16
    case .null, .unsupported: return 0
    }
  }

  private func isRight(_ bytes: [UInt8], _ body: Range<Int>) -> Bool {
    let check = bytes[body.upperBound...]
    switch integrity {
    case .null, .unchecked: return true
    case .unsupported: return false
    case .hmac(let hash, let key, let length):
      return hash.code(of: Array(bytes[..<body.upperBound]), key).prefix(length).elementsEqual(check)
    case .aesGMAC(let key, let salt):
      let header = bytes[..<8]
      let vector = bytes[8..<body.lowerBound]
      // RFC 4543 §7 leaves the IV out of the additional data as printed; implementations put it in.
      return [Array(header + vector), Array(header)].contains { start in
        isTag(check, of: start + bytes[body], key: key, nonce: salt + vector)
      }
    }
  }

  private func isTag(_ tag: ArraySlice<UInt8>, of data: [UInt8], key: [UInt8], nonce: [UInt8]) -> Bool {
    guard let nonce = try? AES.GCM.Nonce(data: nonce),
      let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: [UInt8](), tag: tag)
    else { return false }
    return (try? AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: data)) != nil
  }

  private func decryptCBC(_ bytes: [UInt8], _ body: Range<Int>, _ key: [UInt8]) -> [UInt8]? {
    guard !body.isEmpty, body.count % 16 == 0, let vector = try? AES._CBC.IV(ivBytes: bytes[8..<24]),
      let clear = try? AES._CBC.decrypt(
        Array(bytes[body]), using: SymmetricKey(data: key), iv: vector, noPadding: true)
    else { return nil }
    return octets(clear)
  }

  /// Decrypts in counter mode and seals again, because the library opens full tags only.
  private func openGCM(_ bytes: [UInt8], _ body: Range<Int>, _ key: [UInt8], _ salt: [UInt8], _ length: Int)
    -> ESPOpened
  {
    let nonce = salt + bytes[8..<16]
    let secret = SymmetricKey(data: key)
    guard let counter = try? AES._CTR.Nonce(nonceBytes: nonce + [0, 0, 0, 2]),
      let clear = try? AES._CTR.decrypt(Array(bytes[body]), using: secret, nonce: counter),
      let sealed = try? AES.GCM.seal(
        octets(clear), using: secret, nonce: AES.GCM.Nonce(data: nonce), authenticating: Array(bytes[..<8]))
    else { return .malformed }
    guard octets(sealed.tag).prefix(length).elementsEqual(bytes[body.upperBound...]) else { return .wrongCheck }
    return finish(octets(clear))
  }

  private func finish(_ clear: [UInt8]?) -> ESPOpened {
    guard let clear, let trailer = trailer(clear[...]) else { return .malformed }
    return .decrypted(Array(clear[..<trailer.end]), next: trailer.next)
  }

  /// Where the payload ends, and what it is. Padding proves the key where nothing else does.
  private func trailer(_ body: ArraySlice<UInt8>) -> (end: Int, next: UInt8)? {
    ESPTrailer(body, isProof: !isVerifiable).map { ($0.end, $0.next) }
  }

  private func octets(_ bytes: some Sequence<UInt8>) -> [UInt8] { Array(bytes) }
}

/// Padding, pad length and next header at the end of an ESP payload (RFC 4303 §2.4).
package struct ESPTrailer: Sendable {
  /// Behind the payload.
  package let end: Int
  package let next: UInt8

  /// With `isProof` the padding must count 1, 2, 3, … as the standard asks where an algorithm does not say otherwise.
  package init?(_ body: ArraySlice<UInt8>, isProof: Bool) {
    guard body.count >= 2 else { return nil }
    let padding = Int(body[body.endIndex - 2])
    guard padding + 2 <= body.count else { return nil }
    end = body.endIndex - 2 - padding
    next = body[body.endIndex - 1]
    if isProof, !body[end..<end + padding].elementsEqual((0..<padding).map { UInt8($0 + 1) }) { return nil }
  }
}

extension ESPSuite.Hash {
  fileprivate func code(of data: [UInt8], _ key: [UInt8]) -> [UInt8] {
    let key = SymmetricKey(data: key)
    switch self {
    case .md5: return Array(HMAC<Insecure.MD5>.authenticationCode(for: data, using: key))
    case .sha1: return Array(HMAC<Insecure.SHA1>.authenticationCode(for: data, using: key))
    case .sha256: return Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
    case .sha384: return Array(HMAC<SHA384>.authenticationCode(for: data, using: key))
    case .sha512: return Array(HMAC<SHA512>.authenticationCode(for: data, using: key))
    }
  }
}
