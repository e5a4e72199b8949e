package import IMSBytes

/// What is asked of a message of REGISTER again and again, as numbers: found in one pass, compared without its texts.
package struct SIPFacts: Sendable, BitwiseCopyable {
  /// The known headers that stand in it, and those that stand in it more than once.
  package private(set) var present = HeaderSet()
  package private(set) var repeated = HeaderSet()
  package private(set) var vias = ViaNumbers()
  /// Of the first From and To as they are written; `empty` without one.
  package private(set) var from = Fingerprint.empty
  package private(set) var to = Fingerprint.empty
  /// Of all headers of the name, as they are written.
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
  /// The Expires header.
  package private(set) var expires: UInt64?
  /// `empty` without a tag.
  package private(set) var toTag = Fingerprint.empty
  /// Of the first username that is not empty in the credentials of a request.
  package private(set) var username = Fingerprint.empty
  /// Nil where it is missing or no number.
  package private(set) var maxForwards: UInt64?
  /// Octets of the body.
  package private(set) var bodyCount = 0
  package private(set) var marks: Marks = []

  /// What stands in a message.
  package struct Marks: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ bit: UInt32) { self.init(rawValue: 1 << bit) }

    /// A Via without branch, or with one that does not go on behind the magic cookie.
    package static let oddBranch = Marks(0)
    /// Content-Length is no number, or not the number of octets behind the headers.
    package static let oddLength = Marks(1)
    package static let oddMaxForwards = Marks(2)
    /// The first CSeq is not a number below 2^31 and REGISTER.
    package static let oddCSeq = Marks(3)
    /// A request without From tag, or a response other than 100 without To tag.
    package static let noTag = Marks(4)
    package static let toTag = Marks(5)
    package static let unreadable = Marks(6)
    package static let issues = Marks(7)
    /// A header that no table knows, Warning or Reason.
    package static let freeText = Marks(8)
    /// A key of AKA as a parameter of credentials or of a challenge.
    package static let key = Marks(9)
    package static let integrityProtected = Marks(10)
    /// From and To name two addresses of record.
    package static let otherIdentity = Marks(11)
    /// Option tags of Require.
    package static let requiresPath = Marks(12)
    package static let requiresAgreement = Marks(13)
    /// Of Proxy-Require.
    package static let proxyRequiresAgreement = Marks(14)
    /// An entry of Path that can be read.
    package static let path = Marks(15)
    /// An asterisk stands in a Contact.
    package static let asterisk = Marks(16)
    /// Its headers were not read, or it has more Via entries than are numbered.
    package static let unknown = Marks(17)
    package static let request = Marks(18)
    /// P-Visited-Network-ID with one value.
    package static let visitedNetwork = Marks(19)
    /// integrity-protected is another than "no".
    package static let claimsProtection = Marks(20)
    /// A Contact holds a plus sign, as instances and feature tags of a UE do.
    package static let plus = Marks(21)
    /// A Contact that can be read has no expiry of its own.
    package static let noExpiry = Marks(22)
    package static let serviceRoute = Marks(23)
    /// An entry of Path, or of Service-Route, that is not a SIP URI of a host name with `lr` and nothing hidden.
    package static let oddRoute = Marks(24)
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
    readFields(of: message)
    readContacts(readings)
    readRoutes(readings, after: previous)
    if let uri = message.requestURI { requestURI = Fingerprint(of: uri) }
    readAddresses(readings, isRequest: message.isRequest, status: message.status, after: previous)
    readDigests(message.isRequest ? readings.authorization : readings.wwwAuthenticate, message.isRequest)
  }

  private mutating func readFields(of message: SIPMessage) {
    let bytes = message.bytes
    let fields = message.fields
    let span = bytes.span.bytes
    var met = HeaderSet()
    for field in fields {
      let value = SpanText.trim(span, Int(field.valueStart)..<Int(field.valueEnd))
      switch field.id {
      case 0, HeaderName.warning.id, HeaderName.reason.id: marks.insert(.freeText)
      case HeaderName.require.id:
        readOptions(span, value, path: .requiresPath, agreement: .requiresAgreement)
      case HeaderName.proxyRequire.id:
        readOptions(span, value, path: [], agreement: .proxyRequiresAgreement)
      case HeaderName.contact.id:
        if span.firstIndex(of: 0x2a, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.asterisk) }
        if span.firstIndex(of: 0x2b, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.plus) }
        contact.combine(span.extracting(value))
      case HeaderName.path.id: path.combine(span.extracting(value))
      case HeaderName.serviceRoute.id: serviceRoute.combine(span.extracting(value))
      case HeaderName.pVisitedNetworkID.id: readVisitedNetworks(span, value, isFirst: met.take(field.id))
      case HeaderName.pChargingVector.id where met.take(field.id):
        if let identifier = SpanText.parameter("icid-value", span, value) ?? nil, identifier.count > 2 {
          chargingIdentifier = Fingerprint(of: span.extracting(identifier))
        }
      case HeaderName.from.id where met.take(field.id): from = Fingerprint(of: span.extracting(value))
      case HeaderName.to.id where met.take(field.id): to = Fingerprint(of: span.extracting(value))
      case HeaderName.maxForwards.id where met.take(field.id):
        maxForwards = Decimal.read(span, value)
        if maxForwards.map({ $0 > 255 }) ?? true { marks.insert(.oddMaxForwards) }
      case HeaderName.contentLength.id where met.take(field.id):
        let available = UInt64(max(0, message.bodyCounts.available))
        if Decimal.read(span, value) != available { marks.insert(.oddLength) }
      case HeaderName.cseq.id where met.take(field.id):
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
      if piece.count == 4, span.spells("path", at: piece.lowerBound, ignoringCase: true) { marks.formUnion(path) }
      if piece.count == 9, span.spells("sec-agree", at: piece.lowerBound, ignoringCase: true) {
        marks.formUnion(agreement)
      }
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

  private mutating func readContacts(_ readings: SIPReadings) {
    contactCount = readings.contacts.count
    expires = readings.expires
    for index in readings.contacts.indices {
      let expiry = readings.contacts[index].expires
      if expiry == nil { marks.insert(.noExpiry) }
      if index == 0 {
        contactURI = Fingerprint(of: readings.contacts[index].uriText)
        contactExpires = expiry
      }
    }
  }

  private mutating func readRoutes(_ readings: SIPReadings, after previous: SIPFacts) {
    if !readings.path.isEmpty { marks.insert(.path) }
    if !readings.serviceRoute.isEmpty { marks.insert(.serviceRoute) }
    if path != .empty, path == previous.path {
      marks.formUnion(previous.marks.intersection(.oddRoute))
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
    if let tag = readings.to.first?.tag { toTag = Fingerprint(of: tag) }
    let hasToTag = readings.to.first?.hasTag ?? false
    if hasToTag { marks.insert(.toTag) }
    if isRequest {
      if let from = readings.from.first, !from.hasTag { marks.insert(.noTag) }
      if from == previous.from, to == previous.to, previous.marks.contains(.request) {
        marks.formUnion(previous.marks.intersection(.otherIdentity))
      } else if let from = readings.from.first, let to = readings.to.first,
        from.uri.addressOfRecordFingerprint != to.uri.addressOfRecordFingerprint
      {
        marks.insert(.otherIdentity)
      }
    } else if !hasToTag, status != 100, !readings.to.isEmpty {
      marks.insert(.noTag)
    }
  }

  private mutating func readDigests(_ digests: [Digest], _ isRequest: Bool) {
    for number in digests.indices {
      let items = digests[number].items
      for item in items {
        switch item.name {
        case .ik, .ck: marks.insert(.key)
        case .integrityProtected:
          guard let value = digests[number].integrityProtected else { continue }
          marks.insert(.integrityProtected)
          if !value.isToken("no") { marks.insert(.claimsProtection) }
        case .username where isRequest && username == .empty && !item.isEmpty:
          guard let text = digests[number].username, !text.isEmpty else { continue }
          username = Fingerprint(of: text)
        default: continue
        }
      }
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
