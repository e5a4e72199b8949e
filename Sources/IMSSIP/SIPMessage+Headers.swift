package import IMSBytes

// The headers of a registration as values, read when they are asked for. An element that cannot be read is left out of
// a list; `first`, `all` and `list` still give its text.

extension SIPMessage {
  package var via: [Via] { elements(.via).compactMap { Via($0) } }
  package var topVia: Via? { elements(.via).first { _ in true }.flatMap { Via($0) } }
  /// The topmost that can be read: `via.first`.
  package var firstVia: Via? {
    for element in elements(.via) { if let via = Via(element) { return via } }
    return nil
  }
  /// The addresses that the topmost Via that can be read names: its sent-by, and `received` without quotes.
  package var sender: (host: AddressLiteral, received: AddressLiteral)? {
    guard let first = firstField(.via) else { return nil }
    let span = span
    for number in first..<fieldCount where field(number).id == HeaderName.via.id {
      var at = field(number).value.lowerBound
      while let element = SpanText.element(span, from: &at, to: field(number).value.upperBound) {
        guard let via = SpanText.via(span, element) else { continue }
        let received = SpanText.viaMarks(span, via.parameters.range).received?.range
        return (AddressLiteral(span, via.host.range), received.map { AddressLiteral(unquoting: span, $0) } ?? .none)
      }
    }
    return nil
  }
  package var from: NameAddr? { first(.from).flatMap { NameAddr($0) } }
  package var to: NameAddr? { first(.to).flatMap { NameAddr($0) } }
  package var fromTag: Text? { from?.tag }
  package var toTag: Text? { to?.tag }
  package var hasFromTag: Bool { from?.hasTag ?? false }
  package var hasToTag: Bool { to?.hasTag ?? false }
  package var callID: Text? { first(.callID) }
  package var cseq: CSeq? { first(.cseq).flatMap { CSeq($0) } }

  /// Have both the same To tag, or none?
  package func sharesToTag(with other: SIPMessage) -> Bool {
    if let mine = firstField(.to), let its = other.firstField(.to),
      span.extracting(field(mine).value).isEqual(to: other.span.extracting(other.field(its).value))
    {
      return true
    }
    return toTag == other.toTag
  }

  /// Does neither branch nor transport of the Via below the topmost one fit the other request? A node that alters an entry
  /// alters less: what it sends on is another sending of the same, by another transport.
  package func forwardsAnother(than other: SIPMessage) -> Bool {
    guard let copied = via.dropFirst().first, let top = other.topVia, copied.branch != nil, top.branch != nil else {
      return false
    }
    return copied.branch != top.branch && !copied.transport.equalsIgnoringCase(top.transport)
  }

  /// Does the topmost Via of another request stand below the topmost one here, by branch and transport?
  package func forwards(_ other: SIPMessage) -> Bool {
    guard let first = firstField(.via) else { return false }
    let branch = other.keys.topBranch
    // A Via that cannot be read is none: its keys say nothing.
    if branch == .empty || keys.topSentBy == .empty {
      guard let top = other.via.first else { return false }
      return via.dropFirst().contains { $0.hasSameBranch(as: top) }
    }
    guard let copied = other.firstField(.via) else { return false }
    let (span, otherSpan) = (span, other.span)
    let otherHead = SpanText.head(otherSpan, other.field(copied).value)
    var isTop = true
    for number in first..<fieldCount where field(number).id == HeaderName.via.id {
      let value = field(number).value
      var at = value.lowerBound
      while let element = SpanText.element(span, from: &at, to: value.upperBound) {
        defer { isTop = false }
        guard !isTop, SpanText.branch(span, element) == branch else { continue }
        // As it was written, as a rule: what the next node adds stands behind it.
        if span.extracting(SpanText.head(span, element)).isEqual(to: otherSpan.extracting(otherHead)) { return true }
        if let via = Via(text(element)), let top = other.topVia, via.hasSameBranch(as: top) { return true }
      }
    }
    return false
  }

  package var maxForwards: UInt64? { first(.maxForwards)?.number }
  /// The Expires header as a number of seconds.
  package var expires: UInt64? { first(.expires)?.number }

  /// From, To, Via or Contact, where it stands there and cannot be read.
  package var unreadableHeader: HeaderName? {
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
    guard let first = firstField(name) else { return false }
    let span = span
    for number in first..<fieldCount where matches(field(number), name) {
      let value = field(number).value
      var at = value.lowerBound
      while let piece = SpanText.piece(span, from: &at, to: value.upperBound, separator: 0x2c, brackets: true) {
        if piece.count == token.utf8CodeUnitCount, span.spells(token, at: piece.lowerBound, ignoringCase: true) {
          return true
        }
      }
    }
    return false
  }
  /// Does the word, in which something is no letter, stand anywhere in the headers of a name that a table knows, in letters of
  /// either case?
  package func mentions(_ word: StaticString, in name: HeaderName) -> Bool {
    guard let first = firstField(name) else { return false }
    let (span, fields) = (span, fieldSpan)
    // What is no letter is looked for first.
    var anchor = 0
    word.withUTF8Buffer { anchor = $0.firstIndex { ($0 | 0x20) &- 0x61 >= 26 } ?? 0 }
    let sign = word.withUTF8Buffer { $0[anchor] }
    for number in first..<fields.count where fields[number].id == name.id {
      let value = fields[number].value
      var at = value.lowerBound
      while let found = span.firstIndex(of: sign, from: at, to: value.upperBound) {
        let start = found - anchor
        if start >= value.lowerBound, start + word.utf8CodeUnitCount <= value.upperBound,
          span.spells(word, at: start, ignoringCase: true)
        {
          return true
        }
        at = found + 1
      }
    }
    return false
  }
  /// The instance that its Contact names (RFC 5626 §4.1), within its quotes; nil where there is none, or more than a glance is
  /// due.
  package var plainInstance: Fingerprint? {
    guard let first = firstField(.contact), !headers.repeated.contains(.contact) else { return nil }
    let (span, value) = (span, field(first).value)
    let (name, quote): (StaticString, StaticString) = ("+sip.instance", "=\"")
    var instance: Range<Int>?
    var at = value.lowerBound
    while let plus = span.firstIndex(of: 0x2b, from: at, to: value.upperBound) {
      at = plus + 1
      guard span.spells(name, at: plus, ignoringCase: true) else { continue }
      let start = plus + name.utf8CodeUnitCount + quote.utf8CodeUnitCount
      guard instance == nil, span.spells(quote, at: start - quote.utf8CodeUnitCount),
        let end = span.firstIndex(of: 0x22, from: start, to: value.upperBound),
        span.firstIndex(of: 0x5c, from: start, to: end) == nil
      else { return nil }
      instance = start..<end
    }
    return instance.map { Fingerprint(of: span.extracting($0)) }
  }
  /// Does any element stand in it?
  package func hasElement(_ name: HeaderName) -> Bool { has(name) && elements(name).contains { _ in true } }

  package var path: [NameAddr] { addresses(.path) }
  package var serviceRoute: [NameAddr] { addresses(.serviceRoute) }
  package var route: [NameAddr] { addresses(.route) }
  package var recordRoute: [NameAddr] { addresses(.recordRoute) }
  package var associatedURI: [NameAddr] { addresses(.pAssociatedURI) }

  package var wwwAuthenticate: [Digest] { digests(.wwwAuthenticate) }
  package var authorization: [Digest] { digests(.authorization) }
  /// Whom the first credentials name that name anybody, without quotes.
  package var authorizedUser: Fingerprint? {
    guard var number = firstField(.authorization) else { return nil }
    let span = span
    while true {
      if let user = Digest.username(span, field(number).value) { return SpanText.fingerprint(span, user) }
      guard let next = firstField(.authorization, from: number + 1) else { return nil }
      number = next
    }
  }
  /// The first name that is not empty of those that the credentials give.
  package var authorizedName: Text? {
    var next = firstField(.authorization)
    while let number = next {
      if let name = Digest.username(span, field(number).value) {
        let name = text(name).unquoted
        if !name.isEmpty { return name }
      }
      next = headers.repeated.contains(.authorization) ? firstField(.authorization, from: number + 1) : nil
    }
    return nil
  }
  package var proxyAuthenticate: [Digest] { digests(.proxyAuthenticate) }
  package var proxyAuthorization: [Digest] { digests(.proxyAuthorization) }
  package var authenticationInfo: [Digest] { all(.authenticationInfo).map { Digest(withoutScheme: $0) } }

  /// Stands for the text of a header of which there is one.
  package func spelling(of name: HeaderName) -> Fingerprint? {
    guard let first = firstField(name), !headers.repeated.contains(name) else { return nil }
    return Fingerprint(of: span.extracting(field(first).value))
  }
  package var securityClient: [SecurityMechanism] { readings?.securityClient ?? mechanisms(.securityClient) }
  package var securityServer: [SecurityMechanism] { readings?.securityServer ?? mechanisms(.securityServer) }
  package var securityVerify: [SecurityMechanism] { mechanisms(.securityVerify) }

  /// The elements of any header of this form.
  package func addresses(_ name: HeaderName) -> [NameAddr] {
    guard let first = firstField(name) else { return [] }
    var addresses: [NameAddr] = []
    let span = span
    for number in first..<fieldCount where matches(field(number), name) {
      let value = field(number).value
      var at = value.lowerBound
      while let element = SpanText.element(span, from: &at, to: value.upperBound) {
        if let address = NameAddr(text(element)) { addresses.append(address) }
      }
    }
    return addresses
  }

  /// Those that can be read.
  func digests(_ name: HeaderName) -> [Digest] {
    guard var number = firstField(name) else { return [] }
    var digests: [Digest] = []
    while true {
      if let digest = Digest(value(of: field(number))) { digests.append(digest) }
      guard headers.repeated.contains(name), let next = firstField(name, from: number + 1) else { return digests }
      number = next
    }
  }

  package func mechanisms(_ name: HeaderName) -> [SecurityMechanism] {
    has(name) ? elements(name).compactMap { SecurityMechanism($0) } : []
  }
}
