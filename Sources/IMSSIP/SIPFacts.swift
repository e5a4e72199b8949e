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
  /// Of a request: host and port of that URI.
  package private(set) var contactHost = AddressLiteral.none
  package private(set) var contactPort: UInt16?
  /// The Expires header.
  package private(set) var expires: UInt64?
  /// `empty` without a tag.
  package private(set) var toTag = Fingerprint.empty
  /// Of the first username that is not empty in the credentials of a request.
  package private(set) var username = Fingerprint.empty
  /// Credentials of a request or challenges of a response that can be read, and the number of the first of them.
  package private(set) var digestCount = 0
  package private(set) var digest = 0
  /// Of all headers of the name, as they are written: Security-Client of a request, and its Security-Verify or the
  /// Security-Server of a response.
  package private(set) var securityClient = Fingerprint.empty
  package private(set) var agreement = Fingerprint.empty
  /// Of a request; nil where it is missing or no number.
  package private(set) var maxForwards: UInt64?
  /// Octets of the body.
  package private(set) var bodyCount = 0
  package private(set) var marks = Marks()

  @usableFromInline package typealias Marks = MarkSet<SIPFacts>

  /// Of a message that is none of SIP.
  package init() { marks = .unknown }

  /// - Parameter spellings: of all messages that are to be compared.
  package init(_ message: SIPMessage, _ spellings: inout Spellings) {
    let span = message.span
    let isRequest = message.isRequest
    marks.insert(.request, if: isRequest)
    (present, repeated) = message.headers
    bodyCount = message.bodyCounts.body
    marks.insert(.issues, if: message.hasIssues)
    marks.insert(.large, if: span.byteCount > 1300)
    let ends = readFields(of: message, span, &spellings)
    marks.insert(.unknown, if: vias.isCut)
    marks.insert(.unreadable, if: present.contains(.via) && vias.count == 0 && !vias.isCut)
    for place in 0..<vias.count where !spellings.vias[vias[place]].hasCookie { marks.insert(.oddBranch) }
    if contactCount == 0, present.contains(.contact), message.isContactUnreadable { marks.insert(.unreadable) }
    if let uri = message.requestURIRange {
      requestURI = Fingerprint(of: span.extracting(uri))
      let isPlain =
        span.extracting(uri).spells("sip:", at: 0)
        && span.firstIndex(of: 0x40, from: uri.lowerBound, to: uri.upperBound) == nil
      marks.insert(.oddTarget, if: !isPlain)
    }
    readEnds(ends, of: message, span, &spellings)
    readDigests(of: message, span, &spellings)
  }

  /// The first From and the first To.
  private struct Ends {
    var from: Range<Int>?
    var to: Range<Int>?
    var toText = Fingerprint.empty
  }

  private mutating func readFields(of message: SIPMessage, _ span: RawSpan, _ spellings: inout Spellings) -> Ends {
    var ends = Ends()
    let isRequest = message.isRequest
    var met = HeaderSet()
    let fields = message.fieldSpan
    for number in fields.indices {
      let field = fields[number]
      let value = field.value
      switch field.id {
      case HeaderName.via.id:
        var at = value.lowerBound
        while let element = SpanText.element(span, from: &at, to: value.upperBound) {
          if let number = spellings.vias.number(of: span.extracting(element)) { vias.append(number) }
        }
      case 0, HeaderName.warning.id, HeaderName.reason.id: marks.insert(.freeText)
      case HeaderName.require.id: readOptions(span, value, path: .requiresPath, agreement: .requiresAgreement)
      case HeaderName.proxyRequire.id:
        readOptions(span, value, path: Marks(), agreement: .proxyRequiresAgreement)
      case HeaderName.contact.id: readContacts(span, value, isRequest, &spellings.addresses)
      case HeaderName.path.id:
        var text = path
        readRoutes(span, value, .path, &text, &spellings.addresses)
        path = text
      case HeaderName.serviceRoute.id:
        var text = serviceRoute
        readRoutes(span, value, .serviceRoute, &text, &spellings.addresses)
        serviceRoute = text
      case HeaderName.from.id:
        guard met.take(field.id) else { continue }
        from = Fingerprint(of: span.extracting(value))
        ends.from = value
      case HeaderName.to.id:
        guard met.take(field.id) else { continue }
        ends.toText = Fingerprint(of: span.extracting(value))
        ends.to = value
        if isRequest { to = ends.toText }
      case HeaderName.securityClient.id: if isRequest { securityClient.combine(span.extracting(value)) }
      case HeaderName.securityVerify.id: if isRequest { agreement.combine(span.extracting(value)) }
      case HeaderName.securityServer.id: if !isRequest { agreement.combine(span.extracting(value)) }
      case HeaderName.pVisitedNetworkID.id: readVisitedNetworks(span, value, isFirst: met.take(field.id))
      case HeaderName.pChargingVector.id: if met.take(field.id) { readChargingVector(span, value) }
      case HeaderName.maxForwards.id:
        guard isRequest, met.take(field.id) else { continue }
        maxForwards = Decimal.read(span, value)
        marks.insert(.oddMaxForwards, if: maxForwards.map { $0 > 255 } ?? true)
      case HeaderName.expires.id: if met.take(field.id) { expires = Decimal.read(span, value) }
      case HeaderName.contentLength.id:
        guard met.take(field.id) else { continue }
        let available = message.bodyCounts.available
        marks.insert(.oddLength, if: Decimal.read(span, value) != UInt64(max(0, available)))
      case HeaderName.cseq.id: if isRequest, met.take(field.id) { readCSeq(span, value) }
      default: continue
      }
    }
    return ends
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
    _ span: RawSpan, _ value: Range<Int>, _ isRequest: Bool, _ addresses: inout AddressTable
  ) {
    var elements = Elements(value)
    while let number = elements.next(span, &addresses) {
      let address = addresses[number]
      if isRequest {
        marks.insert(.asterisk, if: address.hasAsterisk)
        marks.insert(.plus, if: address.hasPlus)
      }
      if !address.isReadable { continue }
      marks.insert(.noExpiry, if: address.expires == nil)
      if contactCount == 0 {
        (contactURI, contactExpires) = (address.uri, address.expires)
        if isRequest { (contactHost, contactPort) = (address.host, address.port) }
      }
      contactCount += 1
    }
    if isRequest { elements.combine(span, into: &contact) }
  }

  /// - Parameters:
  ///   - mark: an entry can be read.
  ///   - text: of all headers of the name.
  private mutating func readRoutes(
    _ span: RawSpan, _ value: Range<Int>, _ mark: Marks, _ text: inout Fingerprint, _ addresses: inout AddressTable
  ) {
    var elements = Elements(value)
    while let number = elements.next(span, &addresses) {
      let entry = addresses[number]
      if !entry.isReadable { continue }
      marks.insert(mark)
      marks.insert(.oddRoute, if: !entry.isPlainRoute)
    }
    elements.combine(span, into: &text)
  }

  /// The elements of a header, whose fingerprint is that of the whole where there is but one.
  private struct Elements {
    private let value: Range<Int>
    private var at: Int
    private var whole: Fingerprint?

    init(_ value: Range<Int>) {
      self.value = value
      at = value.lowerBound
    }

    /// The number of the next one.
    mutating func next(_ span: RawSpan, _ addresses: inout AddressTable) -> Int? {
      guard let element = SpanText.element(span, from: &at, to: value.upperBound) else { return nil }
      let text = Fingerprint(of: span.extracting(element))
      if element == value { whole = text }
      return addresses.number(of: span.extracting(element), text: text)
    }

    func combine(_ span: RawSpan, into text: inout Fingerprint) {
      if let whole, text == .empty { text = whole } else { text.combine(span.extracting(value)) }
    }
  }

  private mutating func readEnds(
    _ ends: Ends, of message: SIPMessage, _ span: RawSpan, _ spellings: inout Spellings
  ) {
    let isRequest = marks.contains(.request)
    let sender = ends.from.map { spellings.addresses.number(of: span.extracting($0), text: from) }
    let recipient = ends.to.map { spellings.addresses.number(of: span.extracting($0), text: ends.toText) }
    if let sender {
      let isReadable = spellings.addresses[sender].isReadable
      marks.insert(.unreadable, if: !isReadable)
      if isRequest, isReadable { marks.insert(.noTag, if: !spellings.addresses[sender].hasTag) }
    }
    guard let recipient else { return }
    let address = spellings.addresses[recipient]
    guard address.isReadable else { return marks.insert(.unreadable) }
    marks.insert(.toTag, if: address.hasTag)
    if !isRequest {
      toTag = address.tag
      marks.insert(.noTag, if: !address.hasTag && message.status != 100)
    } else if let sender, spellings.addresses[sender].isReadable, spellings.addresses[sender].uri != address.uri {
      let from = ends.from.flatMap { SpanText.addressOfRecord(span, $0) }
      let to = ends.to.flatMap { SpanText.addressOfRecord(span, $0) }
      marks.insert(.otherIdentity, if: from != to)
    }
  }

  private mutating func readDigests(of message: SIPMessage, _ span: RawSpan, _ spellings: inout Spellings) {
    let isRequest = marks.contains(.request)
    let name: HeaderName = isRequest ? .authorization : .wwwAuthenticate
    var next = message.firstField(name)
    while let field = next {
      next = repeated.has(name.id) ? message.firstField(name, from: field + 1) : nil
      let value = span.extracting(message.field(field).value)
      guard let number = spellings.digests.number(of: value, isOfRequest: isRequest) else { continue }
      let facts = spellings.digests[number]
      marks.insert(facts.marks)
      if username == .empty { username = facts.username }
      if digestCount == 0 {
        digest = number
        marks.insert(.challenge, if: facts.isChallenge && facts.isDigest)
      } else {
        marks.remove(.challenge)
      }
      digestCount += 1
    }
  }
}

/// What is spelled in the headers of some messages: each spelling is read once.
package struct Spellings: Sendable {
  package fileprivate(set) var vias = ViaTable()
  fileprivate var addresses = AddressTable()
  fileprivate var digests: DigestTable

  /// - Parameter digests: those that were read before.
  package init(digests: DigestTable = DigestTable()) { self.digests = digests }

  /// The first credentials or challenge of a message; nil where it has none that can be read.
  package func digest(of facts: SIPFacts) -> DigestFacts? { facts.digestCount == 0 ? nil : digests[facts.digest] }
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
}
