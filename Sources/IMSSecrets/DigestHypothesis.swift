package import IMSBytes

/// What a UE may have done wrong: tried until one reproduces the response it sent.
package enum DigestHypothesis: String, Sendable, CaseIterable {
  case responseAsHexText = "RES was used as hexadecimal text"
  case emptyPassword = "the password was empty, as in a resynchronisation"
  case qopIgnored = "qop was left out of the computation"
  case usernameWithoutRealm = "the username was used without its realm"
  case uriWithoutParameters = "the uri was used without port and parameters"
  case truncatedResponse = "RES was cut to 8 octets"
  case bodyIncluded = "the body was included (auth-int)"
  case passwordOfAKAv1 = "the password was RES, as in AKAv1"
  case passwordOfAKAv2 = "the password was that of AKAv2"
  case session = "nonce and cnonce were hashed into HA1, as in MD5-sess"

  /// The first that gives this response, nil when none does: then RES itself differs.
  package static func explaining(_ response: Text, _ request: DigestRequest, secret: DigestSecret) -> DigestHypothesis?
  {
    allCases.first { $0.response(request, secret)?.equalsIgnoringCase(response) ?? false }
  }

  private func response(_ request: DigestRequest, _ secret: DigestSecret) -> Text? {
    var request = request
    var secret = secret
    switch self {
    case .responseAsHexText:
      guard let response = secret.response else { return nil }
      secret = .password(Array(Hex.encode(response).utf8))
    case .emptyPassword: secret = .password([])
    case .qopIgnored:
      guard request.qop != nil else { return nil }
      request.qop = nil
    case .usernameWithoutRealm:
      request.username = Text(request.username.bytes.prefix { $0 != UInt8(ascii: "@") })
    case .uriWithoutParameters: request.uri = Text(DigestHypothesis.bare(request.uri))
    case .truncatedResponse:
      guard let response = secret.response, response.count > 8 else { return nil }
      secret = secret.with(response: Array(response.prefix(8)))
    case .bodyIncluded:
      guard request.qop?.equalsIgnoringCase("auth") ?? false else { return nil }
      request.qop = "auth-int"
    case .passwordOfAKAv1:
      guard version(request) == 2, let response = secret.response else { return nil }
      secret = .password(response)
    case .passwordOfAKAv2:
      guard version(request) == 1, case .aka = secret else { return nil }
      request.algorithm = "AKAv2-MD5"
    case .session:
      guard request.algorithm?.equalsIgnoringCase("MD5") ?? true, request.clientNonce != nil else { return nil }
      request.algorithm = "MD5-sess"
    }
    return request.response(to: secret)
  }

  private func version(_ request: DigestRequest) -> Int? { DigestAlgorithm(request.algorithm)?.akaVersion }

  /// "sip:host" of "sip:host:5060;transport=udp".
  private static func bare(_ uri: Text) -> ArraySlice<UInt8> {
    let scheme = uri.bytes.prefix { $0 != UInt8(ascii: ":") }
    let rest = uri.bytes.dropFirst(scheme.count + 1).prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
    return uri.bytes.prefix(scheme.count + 1 + rest.count)
  }
}

extension DigestSecret {
  /// RES of AKA, or a password.
  fileprivate var response: [UInt8]? {
    switch self {
    case .password(let octets): octets
    case .aka(let response, _): response
    case .ha1: nil
    }
  }

  fileprivate func with(response: [UInt8]) -> DigestSecret {
    if case .aka(_, let keys) = self { .aka(response: response, keys: keys) } else { .password(response) }
  }
}
