public import IMSBytes

/// What is asked of a message of REGISTER again and again, as numbers: found in one pass, compared without its texts.
@usableFromInline package struct SIPFacts: Sendable, BitwiseCopyable {
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
  package private(set) var marks = Marks()

  @usableFromInline package typealias Marks = MarkSet<SIPFacts>

  /// Of a message that is none of SIP.
  package init() { marks = .unknown }

  /// - Parameters:
  ///   - vias: of all messages that are to be compared.
  ///   - previous: of the request before it: what is spelled alike there need not be read again.
  package init(_ message: SIPMessage, _ vias: inout ViaTable, after previous: SIPFacts) {
    let span = message.span
    let isRequest = message.isRequest
    marks.insert(.request, if: isRequest)
    (present, repeated) = message.headers
    bodyCount = message.bodyCounts.body
    marks.insert(.issues, if: message.hasIssues)
    marks.insert(.large, if: span.byteCount > 1300)
    let places = readFields(of: message, span, &vias)
    marks.insert(.unknown, if: self.vias.isCut)
    marks.insert(.unreadable, if: places.via >= 0 && self.vias.count == 0 && !self.vias.isCut)
    for place in 0..<self.vias.count where !vias[self.vias[place]].hasCookie { marks.insert(.oddBranch) }
    readContacts(of: message, span, places, after: previous)
    readRoutes(of: message, span, places, after: previous)
    if let uri = message.requestURIRange {
      requestURI = Fingerprint(of: span.extracting(uri))
      let isPlain =
        span.extracting(uri).spells("sip:", at: 0)
        && span.firstIndex(of: 0x40, from: uri.lowerBound, to: uri.upperBound) == nil
      marks.insert(.oddTarget, if: !isPlain)
    }
    readAddresses(of: message, span, places, after: previous)
    marks.insert(.unreadable, if: !marks.isDisjoint(with: .unreadableFrom.union(.unreadableTo)))
    readDigests(isRequest ? message.authorization : message.wwwAuthenticate, isRequest)
  }

  /// The first fields of some names, by number; -1 for none.
  private struct Places: BitwiseCopyable {
    var via: Int32 = -1
    var from: Int32 = -1
    var to: Int32 = -1
    var contact: Int32 = -1
    var path: Int32 = -1
    var serviceRoute: Int32 = -1

    static func note(_ number: Int, in place: inout Int32) -> Bool {
      if place >= 0 { return false }
      place = Int32(truncatingIfNeeded: number)
      return true
    }
  }

  private mutating func readFields(of message: SIPMessage, _ span: RawSpan, _ vias: inout ViaTable) -> Places {
    var places = Places()
    let isRequest = message.isRequest
    var met = HeaderSet()
    for number in 0..<message.fieldCount {
      let field = message.field(number)
      let value = field.value
      switch field.id {
      case HeaderName.via.id:
        _ = Places.note(number, in: &places.via)
        var at = value.lowerBound
        while let element = SpanText.element(span, from: &at, to: value.upperBound) {
          if let number = vias.number(of: span.extracting(element)) { self.vias.append(number) }
        }
      case 0, HeaderName.warning.id, HeaderName.reason.id: marks.insert(.freeText)
      case HeaderName.require.id:
        readOptions(span, value, path: .requiresPath, agreement: .requiresAgreement)
      case HeaderName.proxyRequire.id:
        readOptions(span, value, path: Marks(), agreement: .proxyRequiresAgreement)
      case HeaderName.contact.id:
        _ = Places.note(number, in: &places.contact)
        if !isRequest { continue }
        marks.insert(.asterisk, if: span.firstIndex(of: 0x2a, from: value.lowerBound, to: value.upperBound) != nil)
        marks.insert(.plus, if: span.firstIndex(of: 0x2b, from: value.lowerBound, to: value.upperBound) != nil)
        contact.combine(span.extracting(value))
      case HeaderName.path.id:
        _ = Places.note(number, in: &places.path)
        path.combine(span.extracting(value))
      case HeaderName.serviceRoute.id:
        _ = Places.note(number, in: &places.serviceRoute)
        serviceRoute.combine(span.extracting(value))
      case HeaderName.from.id where Places.note(number, in: &places.from):
        from = Fingerprint(of: span.extracting(value))
      case HeaderName.to.id where Places.note(number, in: &places.to):
        if isRequest { to = Fingerprint(of: span.extracting(value)) }
      case HeaderName.pVisitedNetworkID.id: readVisitedNetworks(span, value, isFirst: met.take(field.id))
      case HeaderName.pChargingVector.id where met.take(field.id): readChargingVector(span, value)
      case HeaderName.maxForwards.id where isRequest && met.take(field.id):
        maxForwards = Decimal.read(span, value)
        marks.insert(.oddMaxForwards, if: maxForwards.map { $0 > 255 } ?? true)
      case HeaderName.expires.id where met.take(field.id): expires = Decimal.read(span, value)
      case HeaderName.contentLength.id where met.take(field.id):
        let available = message.bodyCounts.available
        marks.insert(.oddLength, if: Decimal.read(span, value) != UInt64(max(0, available)))
      case HeaderName.cseq.id where isRequest && met.take(field.id): readCSeq(span, value)
      default: continue
      }
    }
    return places
  }

  private mutating func readCSeq(_ span: RawSpan, _ value: Range<Int>) {
    guard let cseq = SpanText.cseq(span, value), cseq.number <= 0x7fff_ffff, cseq.method.count == 8,
      span.spells("REGISTER", at: cseq.method.lowerBound)
    else { return marks.insert(.oddCSeq) }
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

  private mutating func readContacts(
    of message: SIPMessage, _ span: RawSpan, _ places: Places, after previous: SIPFacts
  ) {
    let isRequest = marks.contains(.request)
    if isRequest, contact == previous.contact, previous.marks.contains(.request) {
      (contactCount, contactURI) = (previous.contactCount, previous.contactURI)
      (contactExpires, contactHost) = (previous.contactExpires, previous.contactHost)
      marks.insert(previous.marks.intersection(.noExpiry))
    } else {
      message.forEachAddress(.contact, from: places.contact, span) { address in
        let expiry = address.expires(span)
        marks.insert(.noExpiry, if: expiry == nil)
        if contactCount == 0 {
          contactURI = Fingerprint(of: span.extracting(address.uriRange))
          contactExpires = expiry
          if isRequest { contactHost = AddressLiteral(span.extracting(address.uriRange), address.uri.host.range) }
        }
        contactCount += 1
      }
    }
    marks.insert(.unreadable, if: places.contact >= 0 && contactCount == 0 && message.isContactUnreadable)
  }

  private mutating func readRoutes(
    of message: SIPMessage, _ span: RawSpan, _ places: Places, after previous: SIPFacts
  ) {
    if path != .empty, path == previous.path {
      marks.insert(previous.marks.intersection(.oddRoute.union(.path)))
    } else {
      message.forEachAddress(.path, from: places.path, span) { entry in
        marks.insert(.path)
        marks.insert(.oddRoute, if: !entry.isPlainRoute(span))
      }
    }
    message.forEachAddress(.serviceRoute, from: places.serviceRoute, span) { entry in
      marks.insert(.serviceRoute)
      marks.insert(.oddRoute, if: !entry.isPlainRoute(span))
    }
  }

  private mutating func readAddresses(
    of message: SIPMessage, _ span: RawSpan, _ places: Places, after previous: SIPFacts
  ) {
    let isRequest = marks.contains(.request)
    let isLikePrevious = from == previous.from && previous.marks.contains(.request)
    if isRequest, isLikePrevious, to == previous.to {
      let same: Marks = .noTag.union(.toTag).union(.otherIdentity).union(.unreadableFrom).union(.unreadableTo)
      return marks.insert(previous.marks.intersection(same))
    }
    let recipient = message.address(places.to, span)
    marks.insert(.unreadableTo, if: places.to >= 0 && recipient == nil)
    if !isRequest {
      if let recipient, recipient.hasTag {
        toTag = recipient.tag(span)
        marks.insert(.toTag)
      } else {
        marks.insert(.noTag, if: message.status != 100 && recipient != nil)
      }
      if isLikePrevious { return marks.insert(previous.marks.intersection(.unreadableFrom)) }
    }
    let sender = message.address(places.from, span)
    marks.insert(.unreadableFrom, if: places.from >= 0 && sender == nil)
    guard isRequest else { return }
    marks.insert(.toTag, if: recipient?.hasTag ?? false)
    guard let sender else { return }
    marks.insert(.noTag, if: !sender.hasTag)
    if let recipient {
      marks.insert(
        .otherIdentity,
        if: SIPURI.addressOfRecord(span.extracting(sender.uriRange))
          != SIPURI.addressOfRecord(span.extracting(recipient.uriRange)))
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

extension MarkSet<SIPFacts> {
  /// A Via without branch, or with one that does not go on behind the magic cookie.
  @inlinable package static var oddBranch: Self { Self(0) }
  /// Content-Length is no number, or not the number of octets behind the headers.
  @inlinable package static var oddLength: Self { Self(1) }
  @inlinable package static var oddMaxForwards: Self { Self(2) }
  /// The first CSeq of a request is not a number below 2^31 and REGISTER.
  @inlinable package static var oddCSeq: Self { Self(3) }
  /// A request without From tag, or a response other than 100 without To tag.
  @inlinable package static var noTag: Self { Self(4) }
  @inlinable package static var toTag: Self { Self(5) }
  @inlinable package static var unreadable: Self { Self(6) }
  @inlinable package static var issues: Self { Self(7) }
  /// A header that no table knows, Warning or Reason.
  @inlinable package static var freeText: Self { Self(8) }
  /// A key of AKA as a parameter of credentials or of a challenge.
  @inlinable package static var key: Self { Self(9) }
  @inlinable package static var integrityProtected: Self { Self(10) }
  /// From and To name two addresses of record.
  @inlinable package static var otherIdentity: Self { Self(11) }
  /// Option tags of Require.
  @inlinable package static var requiresPath: Self { Self(12) }
  @inlinable package static var requiresAgreement: Self { Self(13) }
  /// Of Proxy-Require.
  @inlinable package static var proxyRequiresAgreement: Self { Self(14) }
  /// An entry of Path that can be read.
  @inlinable package static var path: Self { Self(15) }
  /// An asterisk stands in a Contact.
  @inlinable package static var asterisk: Self { Self(16) }
  /// Its headers were not read, or it has more Via entries than are numbered.
  @inlinable package static var unknown: Self { Self(17) }
  @inlinable package static var request: Self { Self(18) }
  /// P-Visited-Network-ID with one value.
  @inlinable package static var visitedNetwork: Self { Self(19) }
  /// integrity-protected is another than "no".
  @inlinable package static var claimsProtection: Self { Self(20) }
  /// A Contact holds a plus sign, as instances and feature tags of a UE do.
  @inlinable package static var plus: Self { Self(21) }
  /// A Contact that can be read has no expiry of its own.
  @inlinable package static var noExpiry: Self { Self(22) }
  @inlinable package static var serviceRoute: Self { Self(23) }
  /// An entry of Path, or of Service-Route, that is not a SIP URI of a host name with `lr` and nothing hidden.
  @inlinable package static var oddRoute: Self { Self(24) }
  /// The Request-URI does not begin with "sip:", or has an at sign.
  @inlinable package static var oddTarget: Self { Self(25) }
  /// Credentials or a challenge with `qop` or `nc`.
  @inlinable package static var counts: Self { Self(26) }
  /// Credentials with a response.
  @inlinable package static var responds: Self { Self(27) }
  /// Credentials or a challenge with a nonce and another algorithm than AKAv1-MD5.
  @inlinable package static var otherAlgorithm: Self { Self(28) }
  /// A parameter of credentials or of a challenge that no table knows, stands twice, or is quoted otherwise than as usual; a
  /// response that is no hash.
  @inlinable package static var oddDigest: Self { Self(30) }
  /// The username begins with a digit.
  @inlinable package static var userOfDigits: Self { Self(31) }
  /// More than 1300 octets.
  @inlinable package static var large: Self { Self(32) }
  /// One challenge or credentials of AKAv1-MD5 with realm and nonce.
  @inlinable package static var challenge: Self { Self(29) }
  /// From, or To, stands there and cannot be read.
  fileprivate static var unreadableFrom: Self { Self(33) }
  fileprivate static var unreadableTo: Self { Self(34) }
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
