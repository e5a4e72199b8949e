internal import IMSBytes

/// An authentication vector with what a UE makes of it.
package struct AKAVector: Hashable, Sendable {
  package var rand: [UInt8]
  package var autn: [UInt8]
  package var xres: [UInt8]
  package var ck: [UInt8]
  package var ik: [UInt8]
  /// The AKAv1-MD5 digest without qop of REGISTER to the home domain, by domain (`name.private@domain`).
  package var responses: [String: String]

  package init(
    rand: [UInt8], autn: [UInt8], xres: [UInt8], ck: [UInt8], ik: [UInt8], responses: [String: String] = [:]
  ) {
    self.rand = rand
    self.autn = autn
    self.xres = xres
    self.ck = ck
    self.ik = ik
    self.responses = responses
  }

  /// base64(RAND ‖ AUTN), the nonce of the challenge (RFC 3310 §3.2).
  package var nonce: String { base64(rand + autn) }

  package func response(domain: String) -> String { responses[domain] ?? responses["hims.net"] ?? "" }

  /// Three challenges of one subscriber, in the order in which an HSS gives them out. Computed once with MILENAGE, test
  /// set 1 of TS 35.208 (K 465b5ce8…, OP cdc202d5…, AMF b9b9): the first has its RAND and SQN, the others have SQN + 32
  /// and SQN + 64. The digests were computed from RES with username `name.private@domain`, realm and uri of the domain.
  package static let standard: [AKAVector] = [
    make(
      "23553cbe9637a89d218ae64dae47bf35", "55f328b43577b9b94a9ffac354dfafb3", "a54211d5e3ba50bf",
      "b40ba9a3c58b2a05bbf0d987b21bf8cb", "f769bcd751044604127672711c6d3441",
      "48f8e42850c542326d78277d14b7bfa4", "e52b9f5799b2e5e22eeff933f3a02013"),
    make(
      "faafd31b4559c9706d8f71eb199f0d09", "e007dd47207ab9b948434605be4d45a7", "beda75a9806b3d6a",
      "fcc9bf8781b6ac97cfef005693701ffc", "57ff24a173a1344c612d567aaf8f9175",
      "266a0477a5065e60d283fb8bdc5ac13b", "813136c9a6d73753b65d64f4d17fe673"),
    make(
      "c038479cb9c0dc6031040aadbb404481", "ac799ea09337b9b94d6e1acac8e6399f", "e353ad06650e27e8",
      "1bb1233b2df8de9acb1528e437065125", "48269d867dc7f9a06ffbac4d6bfb02be",
      "38ef8669f1356aca006ea6e9f6dc3721", "5e320a7d1183add58321298cd79ad2ec"),
  ]

  /// A vector of the right shape for one of many subscribers: distinct, but from no key, and its response is no digest.
  package static func distinct(_ number: Int) -> AKAVector {
    var state = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func octets(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(state >> 32 & 255)
      }
    }
    return AKAVector(
      rand: octets(16), autn: octets(16), xres: octets(8), ck: octets(16), ik: octets(16),
      responses: ["hims.net": Hex.encode(octets(16))])
  }

  private static func make(
    _ rand: String, _ autn: String, _ xres: String, _ ck: String, _ ik: String, _ hims: String, _ home: String
  ) -> AKAVector {
    let octets: (String) -> [UInt8] = { Hex.decode($0) ?? [] }
    return AKAVector(
      rand: octets(rand), autn: octets(autn), xres: octets(xres), ck: octets(ck), ik: octets(ik),
      responses: ["hims.net": hims, "home.net": home])
  }
}

/// RFC 4648 §4, with padding.
func base64(_ bytes: [UInt8]) -> String {
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let piece = bytes[start..<min(start + 3, bytes.count)]
    let value = piece.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - piece.count))
    for digit in 0..<4 {
      text.append(digit <= piece.count ? alphabet[value >> (18 - 6 * digit) & 63] : 0x3d)
    }
  }
  return String(decoding: text, as: UTF8.self)
}

/// The inverse; characters outside the alphabet are skipped.
func unbase64(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  var value: UInt32 = 0
  var bits = 0
  for digit in text.utf8.compactMap({ alphabet.firstIndex(of: $0) }) {
    value = value << 6 | UInt32(digit)
    bits += 6
    guard bits >= 8 else { continue }
    bits -= 8
    bytes.append(UInt8(value >> UInt32(bits) & 255))
  }
  return bytes
}

private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
