package import IMSBytes

/// The headers that a registration is judged by, read once.
final class SIPReadings: Sendable {
  let via: [Via]
  let from: NameAddr?
  let to: NameAddr?
  let callID: Text?
  let cseq: CSeq?
  let expires: UInt64?
  let contacts: [NameAddr]
  let wwwAuthenticate: [Digest]
  let authorization: [Digest]
  let securityClient: [SecurityMechanism]
  let securityServer: [SecurityMechanism]

  /// One pass over the fields.
  init(_ message: SIPMessage) {
    var via: [Via] = []
    var (from, to, callID, cseq, expires): (Text?, Text?, Text?, Text?, Text?)
    var contacts: [NameAddr] = []
    var wwwAuthenticate: [Digest] = []
    var authorization: [Digest] = []
    var securityClient: [SecurityMechanism] = []
    var securityServer: [SecurityMechanism] = []
    let span = message.bytes.span.bytes
    for field in message.fields where field.id != 0 {
      let range = SpanText.trim(span, Int(field.valueStart)..<Int(field.valueEnd))
      func value() -> Text { message.text(range) }
      switch field.id {
      case HeaderName.via.id: Self.read(message, span, range, into: &via, Via.init)
      case HeaderName.contact.id: Self.read(message, span, range, into: &contacts, NameAddr.init)
      case HeaderName.securityClient.id: Self.read(message, span, range, into: &securityClient, SecurityMechanism.init)
      case HeaderName.securityServer.id: Self.read(message, span, range, into: &securityServer, SecurityMechanism.init)
      case HeaderName.wwwAuthenticate.id: if let digest = Digest(value()) { wwwAuthenticate.append(digest) }
      case HeaderName.authorization.id: if let digest = Digest(value()) { authorization.append(digest) }
      case HeaderName.from.id: from = from ?? value()
      case HeaderName.to.id: to = to ?? value()
      case HeaderName.callID.id: callID = callID ?? value()
      case HeaderName.cseq.id: cseq = cseq ?? value()
      case HeaderName.expires.id: expires = expires ?? value()
      default: break
      }
    }
    self.via = via
    self.from = from.flatMap { NameAddr($0) }
    self.to = to.flatMap { NameAddr($0) }
    self.callID = callID
    self.cseq = cseq.flatMap { CSeq($0) }
    self.expires = expires?.number
    self.contacts = contacts
    self.wwwAuthenticate = wwwAuthenticate
    self.authorization = authorization
    self.securityClient = securityClient
    self.securityServer = securityServer
  }

  private static func read<Value>(
    _ message: SIPMessage, _ span: RawSpan, _ range: Range<Int>, into values: inout [Value], _ make: (Text) -> Value?
  ) {
    var at = range.lowerBound
    while let piece = SpanText.piece(span, from: &at, to: range.upperBound, separator: 0x2c, brackets: true) {
      if let value = make(message.text(piece)) { values.append(value) }
    }
  }
}

// The headers of a registration as values, read when they are asked for. An element that cannot be read is left out of
// a list; `first`, `all` and `list` still give its text.

extension SIPMessage {
  package var via: [Via] { readings?.via ?? elements(.via).compactMap { Via($0) } }
  package var topVia: Via? { elements(.via).first { _ in true }.flatMap { Via($0) } }
  package var from: NameAddr? { readings.map(\.from) ?? first(.from).flatMap { NameAddr($0) } }
  package var to: NameAddr? { readings.map(\.to) ?? first(.to).flatMap { NameAddr($0) } }
  package var callID: Text? { readings.map(\.callID) ?? first(.callID) }
  package var cseq: CSeq? { readings.map(\.cseq) ?? first(.cseq).flatMap { CSeq($0) } }
  package var maxForwards: UInt64? { first(.maxForwards)?.number }
  /// The Expires header as a number of seconds.
  package var expires: UInt64? { readings.map(\.expires) ?? first(.expires)?.number }

  package var contacts: [NameAddr] { readings?.contacts ?? addresses(.contact) }
  /// `Contact: *`, the removal of all bindings (RFC 3261 §10.2.2).
  package var isWildcardContact: Bool { elements(.contact).contains { $0.isExactly("*") } }
  /// What the message asks for or grants: `expires` of the first contact, else the Expires header.
  package var requestedExpiry: UInt64? {
    let contact = elements(.contact).first { _ in true }.flatMap { NameAddr($0) }
    return contact?.parameters["expires"]?.number ?? expires
  }
  /// The expiry that a 2xx grants: the longest of its contacts, else the Expires header.
  package var grantedExpiry: UInt64? {
    contacts.compactMap { $0.parameters["expires"]?.number }.max() ?? expires
  }

  /// Does any element of a header of this form name a URI?
  package func hasAddress(_ name: HeaderName) -> Bool { elements(name).contains { NameAddr($0) != nil } }
  /// Does a list of tokens hold this one, in letters of either case?
  package func lists(_ token: StaticString, in name: HeaderName) -> Bool {
    elements(name).contains { $0.isToken(token) }
  }

  package var path: [NameAddr] { addresses(.path) }
  package var serviceRoute: [NameAddr] { addresses(.serviceRoute) }
  package var route: [NameAddr] { addresses(.route) }
  package var recordRoute: [NameAddr] { addresses(.recordRoute) }
  package var associatedURI: [NameAddr] { addresses(.pAssociatedURI) }

  package var wwwAuthenticate: [Digest] {
    readings?.wwwAuthenticate ?? all(.wwwAuthenticate).compactMap { Digest($0) }
  }
  package var authorization: [Digest] { readings?.authorization ?? all(.authorization).compactMap { Digest($0) } }
  package var proxyAuthenticate: [Digest] { all(.proxyAuthenticate).compactMap { Digest($0) } }
  package var proxyAuthorization: [Digest] { all(.proxyAuthorization).compactMap { Digest($0) } }
  package var authenticationInfo: [Digest] { all(.authenticationInfo).map { Digest(withoutScheme: $0) } }

  package var securityClient: [SecurityMechanism] { readings?.securityClient ?? mechanisms(.securityClient) }
  package var securityServer: [SecurityMechanism] { readings?.securityServer ?? mechanisms(.securityServer) }
  package var securityVerify: [SecurityMechanism] { mechanisms(.securityVerify) }

  /// The elements of any header of this form.
  package func addresses(_ name: HeaderName) -> [NameAddr] { elements(name).compactMap { NameAddr($0) } }

  private func mechanisms(_ name: HeaderName) -> [SecurityMechanism] {
    elements(name).compactMap { SecurityMechanism($0) }
  }
}
