internal import IMSBytes

/// How a story's subscriber is known: by what the UE, the S-CSCF and the HSS say of it (TS 33.203).
package enum Proof: String, Hashable, Sendable, CaseIterable {
  case aka
  /// Annex N.
  case sipDigest = "sip-digest"
  /// Annex O: for what is told on Mw and Cx.
  case sipDigestTLS = "sip-digest-tls"
  /// Annex T.
  case giba
  /// Annex R.
  case nassBundled = "nass-bundled"

  /// The UE says nothing of itself that the network would have to prove.
  var isSilent: Bool { self == .giba || self == .nassBundled }
  var isDigest: Bool { self == .sipDigest || self == .sipDigestTLS }

  /// SIP-Authentication-Scheme (TS 29.229 §6.3.9).
  var scheme: String {
    switch self {
    case .aka: "Digest-AKAv1-MD5"
    case .sipDigest, .sipDigestTLS: "SIP Digest"
    case .giba: "Early-IMS-Security"
    case .nassBundled: "NASS-Bundled"
    }
  }

  /// `integrity-protected` as the P-CSCF writes it (TS 24.229 §7.2A.2); nil where it writes none.
  func integrity(answers: Bool, isRegistered: Bool) -> String? {
    switch self {
    case .aka: answers ? "yes" : "no"
    case .sipDigest: isRegistered ? "ip-assoc-yes" : answers ? "ip-assoc-pending" : nil
    case .sipDigestTLS: isRegistered ? "tls-yes" : "tls-pending"
    case .giba, .nassBundled: nil
    }
  }
}

/// One challenge of SIP Digest, its answer and what the S-CSCF gives back for it (RFC 2617 §3.2), of `name.private@hims.net`
/// with the password "secret" and the request URI `sip:hims.net`.
enum DigestExchange {
  static let nonce = "b2c4f1a07d3e4859a6b1c0d2e3f40516"
  static let secret = "89772ccfbacffed56ace5f65f24053c6"
  private static let client = "cnonce=\"0a4f113b\", qop=auth, nc=00000001"

  static func challenge(realm: String) -> String {
    "Digest realm=\"\(realm)\", nonce=\"\(nonce)\", algorithm=MD5, qop=\"auth\""
  }

  static let answer = "algorithm=MD5, \(client), response=\"d22d1ed0f5c2f1e40ba3381a257a4d11\""
  static let information =
    "nextnonce=\"c3d5e2b18e4f596ab7c2d1e3f4051627\", \(client), rspauth=\"640db9359bb2ea82be2d7eeed70d65fc\""
}

extension Story {
  /// The Authorization of the UE's REGISTER; nil for a UE that has nothing to say.
  func credentials() -> String? {
    let start = "Digest username=\"\(cast.privateIdentity)\", realm=\"\(cast.domain)\", uri=\"sip:\(cast.domain)\""
    if cast.proof.isSilent { return nil }
    guard let challenge = subscriber.challenge else { return start + ", nonce=\"\", response=\"\"" }
    if cast.proof.isDigest { return start + ", nonce=\"\(challenge.nonce)\", \(DigestExchange.answer)" }
    let response = cast.vectors[min(challenge.vector, cast.vectors.count - 1)].response(domain: cast.domain)
    return start + ", nonce=\"\(challenge.nonce)\", algorithm=AKAv1-MD5, response=\"\(response)\""
  }

  /// Where the access network has the UE.
  static let line = "dslam7.vims.net/1/14"

  /// The WWW-Authenticate of the S-CSCF.
  mutating func challenge() -> String {
    if cast.proof.isDigest { return DigestExchange.challenge(realm: cast.domain) }
    let vector = takeVector()
    let keys = cast.vectors[min(vector, cast.vectors.count - 1)]
    return "Digest realm=\"\(cast.domain)\", nonce=\"\(keys.nonce)\", algorithm=AKAv1-MD5, "
      + "ck=\"\(Hex.encode(keys.ck))\", ik=\"\(Hex.encode(keys.ik))\""
  }

  /// What the HSS gives in a MAA for another mechanism than AKA.
  func authenticationItem() -> [AVPBuilder] {
    let scheme = AVPBuilder.named("SIP-Authentication-Scheme", cast.proof.scheme)
    if cast.proof == .giba { return [scheme, .named("Framed-IP-Address", octets: cast.address(.ue).host.bytes)] }
    // Line-Identifier (TS 29.229 §6.3.42), of ETSI.
    if cast.proof == .nassBundled { return [scheme, AVPBuilder(500, vendor: 13019, text: Self.line)] }
    return [
      scheme,
      .named(
        "SIP-Digest-Authenticate",
        group: [
          .named("Digest-Realm", cast.domain), .named("Digest-Algorithm", "MD5"), .named("Digest-QoP", "auth"),
          .named("Digest-HA1", DigestExchange.secret),
        ]),
    ]
  }
}
