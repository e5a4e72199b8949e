package import IMSBytes

// The headers of a registration as values, read when they are asked for. An element that cannot be read is left out of
// a list; `first`, `all` and `list` still give its text.

extension SIPMessage {
  package var via: [Via] { readings?.via ?? elements(.via).compactMap { Via($0) } }
  package var topVia: Via? { elements(.via).first { _ in true }.flatMap { Via($0) } }
  package var from: NameAddr? { readings.map(\.from) ?? first(.from).flatMap { NameAddr($0) } }
  package var to: NameAddr? { readings.map(\.to) ?? first(.to).flatMap { NameAddr($0) } }
  package var fromTag: Text? { readings.map { $0.senders.first?.tag } ?? from?.tag }
  package var toTag: Text? { readings.map { $0.recipients.first?.tag } ?? to?.tag }
  package var hasFromTag: Bool { readings.map { $0.senders.first?.hasTag ?? false } ?? (from?.hasTag ?? false) }
  package var hasToTag: Bool { readings.map { $0.recipients.first?.hasTag ?? false } ?? (to?.hasTag ?? false) }
  package var callID: Text? { readings.map(\.callID) ?? first(.callID) }
  package var cseq: CSeq? { readings.map(\.cseq) ?? first(.cseq).flatMap { CSeq($0) } }
  package var maxForwards: UInt64? { first(.maxForwards)?.number }
  /// The Expires header as a number of seconds.
  package var expires: UInt64? { readings.map(\.expires) ?? first(.expires)?.number }

  package var contacts: [NameAddr] { readings?.contacts ?? addresses(.contact) }
  /// `Contact: *`, the removal of all bindings (RFC 3261 §10.2.2).
  package var isWildcardContact: Bool { lists("*", in: .contact) }
  /// What the message asks for or grants: `expires` of the first contact that can be read, else the Expires header.
  package var requestedExpiry: UInt64? {
    if let readings { return readings.contacts.first?.expires ?? readings.expires }
    return elements(.contact).lazy.compactMap { NameAddr($0) }.first?.expires ?? expires
  }
  /// The expiry that a 2xx grants: the longest of its contacts, else the Expires header.
  package var grantedExpiry: UInt64? {
    contacts.compactMap(\.expires).max() ?? expires
  }

  /// From, To, Via or Contact, where it stands there and cannot be read.
  package var unreadableHeader: HeaderName? {
    if let readings { return readings.unreadable }
    if from == nil, has(.from) { return .from }
    if to == nil, has(.to) { return .to }
    if via.isEmpty, has(.via) { return .via }
    return contacts.isEmpty && has(.contact) && isContactUnreadable ? .contact : nil
  }

  /// There is no contact that can be read: and is it neither the wildcard nor empty?
  var isContactUnreadable: Bool { !isWildcardContact && !(first(.contact)?.isEmpty ?? true) }

  /// Does any element of a header of this form name a URI?
  package func hasAddress(_ name: HeaderName) -> Bool { elements(name).contains { NameAddr($0) != nil } }
  /// Does a list of tokens hold this one, in letters of either case?
  package func lists(_ token: StaticString, in name: HeaderName) -> Bool {
    guard has(name) else { return false }
    let span = bytes.span.bytes
    for field in fields where matches(field, name) {
      var at = Int(field.valueStart)
      while let piece = SpanText.piece(span, from: &at, to: Int(field.valueEnd), separator: 0x2c, brackets: true) {
        if piece.count == token.utf8CodeUnitCount, span.spells(token, at: piece.lowerBound, ignoringCase: true) {
          return true
        }
      }
    }
    return false
  }
  /// Does any element stand in it?
  package func hasElement(_ name: HeaderName) -> Bool { has(name) && elements(name).contains { _ in true } }

  package var path: [NameAddr] { readings?.path ?? addresses(.path) }
  package var serviceRoute: [NameAddr] { readings?.serviceRoute ?? addresses(.serviceRoute) }
  package var route: [NameAddr] { addresses(.route) }
  package var recordRoute: [NameAddr] { addresses(.recordRoute) }
  package var associatedURI: [NameAddr] { addresses(.pAssociatedURI) }

  package var wwwAuthenticate: [Digest] {
    readings?.wwwAuthenticate ?? all(.wwwAuthenticate).compactMap { Digest($0) }
  }
  package var authorization: [Digest] { readings?.authorization ?? all(.authorization).compactMap { Digest($0) } }
  /// Whom the first credentials name that name anybody.
  package var authorizedUser: Text? {
    if let first = first(.authorization), let user = Digest.username(in: first) { return user }
    return all(.authorization).lazy.compactMap { Digest.username(in: $0) }.first
  }
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
