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
  let path: [NameAddr]
  let serviceRoute: [NameAddr]
  let wwwAuthenticate: [Digest]
  let authorization: [Digest]
  let securityClient: [SecurityMechanism]
  let securityServer: [SecurityMechanism]
  /// From, To, Via or Contact, where it stands there and cannot be read.
  let unreadable: HeaderName?

  /// One pass over the fields.
  ///
  /// - Parameter similar: of a message that says much the same, as the copy of a request on the next hop: what is letter for
  ///   letter alike is taken from it.
  init(_ message: SIPMessage, similar: SIPReadings?) {
    var (from, to, callID, cseq, expires): (Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?)
    var via = Elements(similar?.via, Via.init)
    var contacts = Elements(similar?.contacts, NameAddr.init)
    var path = Elements(similar?.path, NameAddr.init)
    var serviceRoute = Elements(similar?.serviceRoute, NameAddr.init)
    var wwwAuthenticate = Elements(similar?.wwwAuthenticate, Digest.init)
    var authorization = Elements(similar?.authorization, Digest.init)
    var securityClient = Elements(similar?.securityClient, SecurityMechanism.init)
    var securityServer = Elements(similar?.securityServer, SecurityMechanism.init)
    let span = message.bytes.span.bytes
    for field in message.fields where field.id != 0 {
      let range = SpanText.trim(span, Int(field.valueStart)..<Int(field.valueEnd))
      switch field.id {
      case HeaderName.via.id: via.readList(message, span, range)
      case HeaderName.contact.id: contacts.readList(message, span, range)
      case HeaderName.path.id: path.readList(message, span, range)
      case HeaderName.serviceRoute.id: serviceRoute.readList(message, span, range)
      case HeaderName.securityClient.id: securityClient.readList(message, span, range)
      case HeaderName.securityServer.id: securityServer.readList(message, span, range)
      case HeaderName.wwwAuthenticate.id: wwwAuthenticate.read(message, span, range)
      case HeaderName.authorization.id: authorization.read(message, span, range)
      case HeaderName.from.id: from = from ?? range
      case HeaderName.to.id: to = to ?? range
      case HeaderName.callID.id: callID = callID ?? range
      case HeaderName.cseq.id: cseq = cseq ?? range
      case HeaderName.expires.id: expires = expires ?? range
      default: break
      }
    }
    self.via = via.values
    self.from = from.flatMap { Self.address($0, message, span, similar?.from) }
    self.to = to.flatMap { Self.address($0, message, span, similar?.to) }
    self.callID = callID.map { message.text($0) }
    self.cseq = cseq.flatMap { CSeq(message.text($0)) }
    self.expires = expires.flatMap { message.text($0).number }
    self.contacts = contacts.values
    self.path = path.values
    self.serviceRoute = serviceRoute.values
    self.wwwAuthenticate = wwwAuthenticate.values
    self.authorization = authorization.values
    self.securityClient = securityClient.values
    self.securityServer = securityServer.values
    unreadable =
      if from != nil, self.from == nil {
        .from
      } else if to != nil, self.to == nil {
        .to
      } else if via.isThere, via.values.isEmpty {
        .via
      } else if contacts.isThere, contacts.values.isEmpty, message.isContactUnreadable {
        .contact
      } else {
        nil
      }
  }

  private static func address(
    _ range: Range<Int>, _ message: SIPMessage, _ span: RawSpan, _ similar: NameAddr?
  ) -> NameAddr? {
    if let similar, similar.raw.read({ $0.isEqual(to: span.extracting(range)) }) { return similar }
    return NameAddr(message.text(range))
  }

  /// The values of one header.
  private struct Elements<Value: HeaderValue> {
    var values: [Value] = []
    var isThere = false
    private let similar: [Value]
    private let make: (Text) -> Value?

    init(_ similar: [Value]?, _ make: @escaping (Text) -> Value?) {
      self.similar = similar ?? []
      self.make = make
    }

    /// Of a comma list.
    mutating func readList(_ message: SIPMessage, _ span: RawSpan, _ range: Range<Int>) {
      isThere = true
      var at = range.lowerBound
      while let piece = SpanText.piece(span, from: &at, to: range.upperBound, separator: 0x2c, brackets: true) {
        read(message, span, piece)
      }
    }

    mutating func read(_ message: SIPMessage, _ span: RawSpan, _ piece: Range<Int>) {
      isThere = true
      for index in similar.indices where similar[index].raw.count == piece.count {
        if similar[index].raw.read({ $0.isEqual(to: span.extracting(piece)) }) { return values.append(similar[index]) }
      }
      if let value = make(message.text(piece)) { values.append(value) }
    }
  }
}

/// A typed header value and the text that it was read from.
private protocol HeaderValue {
  var raw: Text { get }
}

extension Via: HeaderValue {}
extension NameAddr: HeaderValue {}
extension Digest: HeaderValue {}
extension SecurityMechanism: HeaderValue {}

// The headers of a registration as values, read when they are asked for. An element that cannot be read is left out of
// a list; `first`, `all` and `list` still give its text.

extension SIPMessage {
  package var via: [Via] { readings?.via ?? elements(.via).compactMap { Via($0) } }
  package var topVia: Via? { elements(.via).first { _ in true }.flatMap { Via($0) } }
  package var from: NameAddr? { readings.map(\.from) ?? first(.from).flatMap { NameAddr($0) } }
  package var to: NameAddr? { readings.map(\.to) ?? first(.to).flatMap { NameAddr($0) } }
  package var fromTag: Text? { readings.map { $0.from?.tag } ?? from?.tag }
  package var toTag: Text? { readings.map { $0.to?.tag } ?? to?.tag }
  package var hasFromTag: Bool { readings.map { $0.from?.hasTag ?? false } ?? (from?.hasTag ?? false) }
  package var hasToTag: Bool { readings.map { $0.to?.hasTag ?? false } ?? (to?.hasTag ?? false) }
  package var callID: Text? { readings.map(\.callID) ?? first(.callID) }
  package var cseq: CSeq? { readings.map(\.cseq) ?? first(.cseq).flatMap { CSeq($0) } }
  package var maxForwards: UInt64? { first(.maxForwards)?.number }
  /// The Expires header as a number of seconds.
  package var expires: UInt64? { readings.map(\.expires) ?? first(.expires)?.number }

  package var contacts: [NameAddr] { readings?.contacts ?? addresses(.contact) }
  /// `Contact: *`, the removal of all bindings (RFC 3261 §10.2.2).
  package var isWildcardContact: Bool { elements(.contact).contains { $0.isExactly("*") } }
  /// What the message asks for or grants: `expires` of the first contact that can be read, else the Expires header.
  package var requestedExpiry: UInt64? {
    let contact = readings.map(\.contacts.first) ?? elements(.contact).lazy.compactMap { NameAddr($0) }.first
    return contact?.expires ?? expires
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
  fileprivate var isContactUnreadable: Bool { !isWildcardContact && !(first(.contact)?.isEmpty ?? true) }

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
