package import IMSBytes

/// What is asked of a message of REGISTER again and again, as numbers: found in one pass, compared without its texts.
package struct SIPFacts: Sendable, BitwiseCopyable {
  /// The known headers that stand in it, and those that stand in it more than once.
  package private(set) var present = HeaderSet()
  package private(set) var repeated = HeaderSet()
  package private(set) var vias = ViaNumbers()
  /// Of the first From and, of a request, To as they are written; `empty` without one.
  package private(set) var from = Fingerprint.empty
  package private(set) var to = Fingerprint.empty
  /// Of all headers of the name, as they are written; Contact of a request alone.
  package private(set) var contact = Fingerprint.empty
  package private(set) var path = Fingerprint.empty
  package private(set) var serviceRoute = Fingerprint.empty
  package private(set) var requestURI = Fingerprint.empty
  /// Of the first value of P-Visited-Network-ID, without quotes and parameters.
  package private(set) var visitedNetwork = Fingerprint.empty
  /// Of the icid-value of P-Charging-Vector as it is written; `empty` where nothing stands there.
  package private(set) var chargingIdentifier = Fingerprint.empty
  /// Contacts that can be read, the URI of the first of them as it is written, and its expiry.
  package private(set) var contactCount = 0
  package private(set) var contactURI = Fingerprint.empty
  package private(set) var contactExpires: UInt64?
  /// Of a request: the host of that URI.
  package private(set) var contactHost = AddressLiteral.none
  /// The Expires header.
  package private(set) var expires: UInt64?
  /// `empty` without a tag.
  package private(set) var toTag = Fingerprint.empty
  /// Of the first username that is not empty in the credentials of a request.
  package private(set) var username = Fingerprint.empty
  /// Of a request; nil where it is missing or no number.
  package private(set) var maxForwards: UInt64?
  /// Octets of the body.
  package private(set) var bodyCount = 0
  package private(set) var marks = Marks(bits: 0)

  /// What stands in a message.
  @usableFromInline package struct Marks: Equatable, Sendable, BitwiseCopyable {
    @usableFromInline var bits: UInt64

    @inlinable init(bits: UInt64) { self.bits = bits }
    @inlinable init(_ bit: UInt64) { bits = 1 << bit }

    @inlinable package func contains(_ other: Marks) -> Bool { other.bits & ~bits == 0 }
    @inlinable package func isDisjoint(with other: Marks) -> Bool { bits & other.bits == 0 }
    @inlinable package func union(_ other: Marks) -> Marks { Marks(bits: bits | other.bits) }
    @inlinable package func intersection(_ other: Marks) -> Marks { Marks(bits: bits & other.bits) }
    mutating func insert(_ other: Marks) { bits |= other.bits }
    mutating func remove(_ other: Marks) { bits &= ~other.bits }

    /// A Via without branch, or with one that does not go on behind the magic cookie.
    @inlinable package static var oddBranch: Marks { Marks(0) }
    /// Content-Length is no number, or not the number of octets behind the headers.
    @inlinable package static var oddLength: Marks { Marks(1) }
    @inlinable package static var oddMaxForwards: Marks { Marks(2) }
    /// The first CSeq of a request is not a number below 2^31 and REGISTER.
    @inlinable package static var oddCSeq: Marks { Marks(3) }
    /// A request without From tag, or a response other than 100 without To tag.
    @inlinable package static var noTag: Marks { Marks(4) }
    @inlinable package static var toTag: Marks { Marks(5) }
    @inlinable package static var unreadable: Marks { Marks(6) }
    @inlinable package static var issues: Marks { Marks(7) }
    /// A header that no table knows, Warning or Reason.
    @inlinable package static var freeText: Marks { Marks(8) }
    /// A key of AKA as a parameter of credentials or of a challenge.
    @inlinable package static var key: Marks { Marks(9) }
    @inlinable package static var integrityProtected: Marks { Marks(10) }
    /// From and To name two addresses of record.
    @inlinable package static var otherIdentity: Marks { Marks(11) }
    /// Option tags of Require.
    @inlinable package static var requiresPath: Marks { Marks(12) }
    @inlinable package static var requiresAgreement: Marks { Marks(13) }
    /// Of Proxy-Require.
    @inlinable package static var proxyRequiresAgreement: Marks { Marks(14) }
    /// An entry of Path that can be read.
    @inlinable package static var path: Marks { Marks(15) }
    /// An asterisk stands in a Contact.
    @inlinable package static var asterisk: Marks { Marks(16) }
    /// Its headers were not read, or it has more Via entries than are numbered.
    @inlinable package static var unknown: Marks { Marks(17) }
    @inlinable package static var request: Marks { Marks(18) }
    /// P-Visited-Network-ID with one value.
    @inlinable package static var visitedNetwork: Marks { Marks(19) }
    /// integrity-protected is another than "no".
    @inlinable package static var claimsProtection: Marks { Marks(20) }
    /// A Contact holds a plus sign, as instances and feature tags of a UE do.
    @inlinable package static var plus: Marks { Marks(21) }
    /// A Contact that can be read has no expiry of its own.
    @inlinable package static var noExpiry: Marks { Marks(22) }
    @inlinable package static var serviceRoute: Marks { Marks(23) }
    /// An entry of Path, or of Service-Route, that is not a SIP URI of a host name with `lr` and nothing hidden.
    @inlinable package static var oddRoute: Marks { Marks(24) }
    /// The Request-URI does not begin with "sip:", or has an at sign.
    @inlinable package static var oddTarget: Marks { Marks(25) }
    /// Credentials or a challenge with `qop` or `nc`.
    @inlinable package static var counts: Marks { Marks(26) }
    /// Credentials with a response.
    @inlinable package static var responds: Marks { Marks(27) }
    /// Credentials or a challenge with a nonce and another algorithm than AKAv1-MD5.
    @inlinable package static var otherAlgorithm: Marks { Marks(28) }
    /// A parameter of credentials or of a challenge that no table knows, stands twice, or is quoted otherwise than as usual; a
    /// response that is no hash.
    @inlinable package static var oddDigest: Marks { Marks(30) }
    /// The username begins with a digit.
    @inlinable package static var userOfDigits: Marks { Marks(31) }
    /// More than 1300 octets.
    @inlinable package static var large: Marks { Marks(32) }
    /// One challenge or credentials of AKAv1-MD5 with realm and nonce.
    @inlinable package static var challenge: Marks { Marks(29) }
  }

  /// Of a message that is none of SIP.
  package init() { marks = .unknown }

  /// - Parameters:
  ///   - vias: of all messages that are to be compared.
  ///   - previous: of the request before it: what is spelled alike there need not be read again.
  package init(_ message: SIPMessage, _ vias: inout ViaTable, after previous: SIPFacts) {
    guard let readings = message.readings else {
      marks = .unknown
      return
    }
    if message.isRequest { marks.insert(.request) }
    (present, repeated) = message.headers
    bodyCount = message.bodyCounts.body
    for index in readings.via.indices { self.vias.append(vias.number(of: readings.via[index])) }
    if self.vias.isCut { marks.insert(.unknown) }
    for place in 0..<self.vias.count where !vias[self.vias[place]].hasCookie { marks.insert(.oddBranch) }
    if readings.unreadable != nil { marks.insert(.unreadable) }
    if !message.issues.isEmpty { marks.insert(.issues) }
    if message.bytes.count > 1300 { marks.insert(.large) }
    readFields(of: message)
    readContacts(readings, isRequest: message.isRequest, after: previous)
    readRoutes(readings, after: previous)
    if let uri = message.requestURI {
      requestURI = Fingerprint(of: uri)
      if !uri.read({ $0.spells("sip:", at: 0) && $0.firstIndex(of: 0x40) == nil }) { marks.insert(.oddTarget) }
    }
    readAddresses(readings, isRequest: message.isRequest, status: message.status, after: previous)
    readDigests(message.isRequest ? readings.authorization : readings.wwwAuthenticate, message.isRequest)
  }

  private mutating func readFields(of message: SIPMessage) {
    let bytes = message.bytes
    let fields = message.fields
    let span = bytes.span.bytes
    let isRequest = message.isRequest
    let available = message.bodyCounts.available
    var met = HeaderSet()
    for field in fields {
      let value = SpanText.trim(span, Int(field.valueStart)..<Int(field.valueEnd))
      switch field.id {
      case 0, HeaderName.warning.id, HeaderName.reason.id: marks.insert(.freeText)
      case HeaderName.require.id:
        readOptions(span, value, path: .requiresPath, agreement: .requiresAgreement)
      case HeaderName.proxyRequire.id:
        readOptions(span, value, path: Marks(bits: 0), agreement: .proxyRequiresAgreement)
      case HeaderName.contact.id where isRequest:
        if span.firstIndex(of: 0x2a, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.asterisk) }
        if span.firstIndex(of: 0x2b, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.plus) }
        contact.combine(span.extracting(value))
      case HeaderName.path.id: path.combine(span.extracting(value))
      case HeaderName.serviceRoute.id: serviceRoute.combine(span.extracting(value))
      case HeaderName.pVisitedNetworkID.id: readVisitedNetworks(span, value, isFirst: met.take(field.id))
      case HeaderName.pChargingVector.id where met.take(field.id):
        readChargingVector(span, value)
      case HeaderName.from.id where met.take(field.id): from = Fingerprint(of: span.extracting(value))
      case HeaderName.to.id where isRequest && met.take(field.id): to = Fingerprint(of: span.extracting(value))
      case HeaderName.maxForwards.id where isRequest && met.take(field.id):
        maxForwards = Decimal.read(span, value)
        if maxForwards.map({ $0 > 255 }) ?? true { marks.insert(.oddMaxForwards) }
      case HeaderName.contentLength.id where met.take(field.id):
        if Decimal.read(span, value) != UInt64(max(0, available)) { marks.insert(.oddLength) }
      case HeaderName.cseq.id where isRequest && met.take(field.id):
        guard let cseq = SpanText.cseq(span, value), cseq.number <= 0x7fff_ffff, cseq.method.count == 8,
          span.spells("REGISTER", at: cseq.method.lowerBound)
        else {
          marks.insert(.oddCSeq)
          continue
        }
      default: continue
      }
    }
  }

  private mutating func readOptions(_ span: RawSpan, _ value: Range<Int>, path: Marks, agreement: Marks) {
    var at = value.lowerBound
    while let piece = SpanText.piece(span, from: &at, to: value.upperBound, separator: 0x2c, brackets: true) {
      if piece.count == 4, span.spells("path", at: piece.lowerBound, ignoringCase: true) { marks.insert(path) }
      if piece.count == 9, span.spells("sec-agree", at: piece.lowerBound, ignoringCase: true) {
        marks.insert(agreement)
      }
    }
  }

  private mutating func readChargingVector(_ span: RawSpan, _ value: Range<Int>) {
    // It stands first, as a rule.
    let start = value.lowerBound + 11
    if start < value.upperBound, span.spells("icid-value=", at: value.lowerBound, ignoringCase: true) {
      let end = span.firstIndex(of: 0x3b, from: start, to: value.upperBound) ?? value.upperBound
      let identifier = span.extracting(start..<end)
      if end - start > 2, span.u8(start) == 0x22, span.u8(end - 1) == 0x22,
        identifier.firstIndex(of: 0x22, from: 1) == end - start - 1
      {
        chargingIdentifier = Fingerprint(of: identifier)
        return
      }
    }
    if let identifier = SpanText.parameter("icid-value", span, value) ?? nil, identifier.count > 2 {
      chargingIdentifier = Fingerprint(of: span.extracting(identifier))
    }
  }

  private mutating func readVisitedNetworks(_ span: RawSpan, _ value: Range<Int>, isFirst: Bool) {
    var (at, count) = (value.lowerBound, 0)
    while let piece = SpanText.piece(span, from: &at, to: value.upperBound, separator: 0x2c, brackets: true) {
      count += 1
      let end = span.firstIndex(of: 0x3b, from: piece.lowerBound, to: piece.upperBound) ?? piece.upperBound
      var name = SpanText.trim(span, piece.lowerBound..<end)
      if name.count >= 2, span.u8(name.lowerBound) == 0x22, span.u8(name.upperBound - 1) == 0x22 {
        name = name.lowerBound + 1..<name.upperBound - 1
      }
      if count == 1, isFirst, span.firstIndex(of: 0x5c, from: name.lowerBound, to: name.upperBound) == nil {
        visitedNetwork = Fingerprint(of: span.extracting(name))
      }
    }
    if isFirst, count == 1 { marks.insert(.visitedNetwork) } else { marks.remove(.visitedNetwork) }
  }

  private mutating func readContacts(_ readings: SIPReadings, isRequest: Bool, after previous: SIPFacts) {
    expires = readings.expires
    if isRequest, contact == previous.contact, previous.marks.contains(.request) {
      (contactCount, contactURI) = (previous.contactCount, previous.contactURI)
      (contactExpires, contactHost) = (previous.contactExpires, previous.contactHost)
      marks.insert(previous.marks.intersection(.noExpiry))
      return
    }
    contactCount = readings.contacts.count
    for index in readings.contacts.indices {
      let expiry = readings.contacts[index].expires
      if expiry == nil { marks.insert(.noExpiry) }
      if index == 0 {
        contactURI = Fingerprint(of: readings.contacts[index].uriText)
        contactExpires = expiry
        if isRequest { contactHost = AddressLiteral(of: readings.contacts[index].uri.host) }
      }
    }
  }

  private mutating func readRoutes(_ readings: SIPReadings, after previous: SIPFacts) {
    if !readings.path.isEmpty { marks.insert(.path) }
    if !readings.serviceRoute.isEmpty { marks.insert(.serviceRoute) }
    if path != .empty, path == previous.path {
      marks.insert(previous.marks.intersection(.oddRoute))
    } else if !readings.path.allSatisfy(Self.isPlain) {
      marks.insert(.oddRoute)
    }
    if !readings.serviceRoute.allSatisfy(Self.isPlain) { marks.insert(.oddRoute) }
  }

  private static func isPlain(_ entry: NameAddr) -> Bool {
    let uri = entry.uri
    return entry.hasNoParameters && (uri.scheme.isToken("sip") || uri.scheme.isToken("sips"))
      && uri.parameters.text.isToken("lr") && uri.host.bytes.first.map { $0 >= 0x61 && $0 <= 0x7a } ?? false
  }

  private mutating func readAddresses(
    _ readings: SIPReadings, isRequest: Bool, status: Int?, after previous: SIPFacts
  ) {
    guard isRequest else {
      if let tag = readings.to?.tag { toTag = Fingerprint(of: tag) }
      if readings.to?.hasTag ?? false {
        marks.insert(.toTag)
      } else if status != 100, readings.to != nil {
        marks.insert(.noTag)
      }
      return
    }
    if from == previous.from, to == previous.to, previous.marks.contains(.request) {
      marks.insert(previous.marks.intersection(.noTag.union(.toTag).union(.otherIdentity)))
      return
    }
    if readings.to?.hasTag ?? false { marks.insert(.toTag) }
    guard let from = readings.from else { return }
    if !from.hasTag { marks.insert(.noTag) }
    if let to = readings.to, from.uri.addressOfRecordFingerprint != to.uri.addressOfRecordFingerprint {
      marks.insert(.otherIdentity)
    }
  }

  private mutating func readDigests(_ digests: [Digest], _ isRequest: Bool) {
    for number in digests.indices {
      let items = digests[number].items
      let raw = digests[number].raw
      let isWhole = raw.read { span in readDigest(items, span, isRequest) }
      if isWhole, digests.count == 1, digests[number].scheme.isToken("Digest") { marks.insert(.challenge) }
    }
  }

  /// - Returns: it has what a challenge of AKAv1-MD5 must have, once.
  private mutating func readDigest(_ items: [Digest.Item], _ span: RawSpan, _ isRequest: Bool) -> Bool {
    var met: UInt32 = 0
    var (hasNonce, hasRealm, isOfAKA) = (false, false, false)
    for item in items {
      guard let name = item.name else {
        marks.insert(.oddDigest)
        continue
      }
      let bit: UInt32 = 1 << UInt32(name.rawValue)
      if met & bit != 0 {
        marks.insert(.oddDigest.union(.otherAlgorithm))
        continue
      }
      met |= bit
      if !item.isSpelledAsUsual { marks.insert(.oddDigest) }
      let value = item.unquotedRange
      switch name {
      case .ik, .ck: marks.insert(.key)
      case .nc, .qop: marks.insert(.counts)
      case .nonce: hasNonce = !value.isEmpty
      case .realm: hasRealm = !value.isEmpty
      case .algorithm: isOfAKA = value.count == 9 && span.spells("AKAv1-MD5", at: value.lowerBound)
      case .username where isRequest && username == .empty && !value.isEmpty:
        username = Fingerprint(of: span.extracting(value))
        if ASCII.isDigit(span.u8(value.lowerBound)) { marks.insert(.userOfDigits) }
        // What is escaped in it reads otherwise.
        if span.firstIndex(of: 0x5c, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.unknown) }
      case .response where isRequest && !value.isEmpty:
        marks.insert(.responds)
        let isHash = value.count == 32 || value.count == 64
        if !isHash || !value.allSatisfy({ ASCII.hexValue(span.u8($0)) != nil }) { marks.insert(.oddDigest) }
      case .integrityProtected where item.parameter.value != nil:
        marks.insert(.integrityProtected)
        if value.count != 2 || !span.spells("no", at: value.lowerBound, ignoringCase: true) {
          marks.insert(.claimsProtection)
        }
      default: continue
      }
    }
    if !isOfAKA, hasNonce || !isRequest { marks.insert(.otherAlgorithm) }
    return hasNonce && hasRealm && isOfAKA
  }
}

extension Digest.Item {
  /// Of the value in the text of its digest, without quotes.
  fileprivate var unquotedRange: Range<Int> {
    guard let value = parameter.value?.range else { return 0..<0 }
    return isQuoted ? value.lowerBound + 1..<value.upperBound - 1 : value
  }

  /// In quotes or not, as the grammar has it; `qop`, which is either, is not.
  fileprivate var isSpelledAsUsual: Bool {
    switch name {
    case .username, .realm, .nonce, .uri, .response, .cnonce, .opaque, .auts, .ik, .ck, .domain: isQuoted || isEmpty
    case .nc, .stale: !isQuoted
    case .algorithm, .rspauth, .nextNonce, .integrityProtected: true
    case .qop, nil: false
    }
  }
}

extension HeaderSet {
  /// Is it the first of its name?
  fileprivate mutating func take(_ id: UInt8) -> Bool {
    if has(id) { return false }
    insert(id)
    return true
  }
}
