package import IMSBytes

/// What is asked of credentials or of a challenge again and again, as numbers.
package struct DigestFacts: Sendable, BitwiseCopyable {
  /// Of the whole text as it is written, and its octets.
  fileprivate private(set) var text: Fingerprint
  fileprivate private(set) var count: Int
  /// Of the text before what nodes on the way add at its end and take away there, `integrity-protected`, `ik` and `ck`.
  fileprivate private(set) var stem = Fingerprint.empty
  fileprivate private(set) var stemCount = 0
  /// How many of these parameters it has, and how many of them stand at the end.
  private var extras = 0
  private var tail = 0
  /// What follows behind a comma cannot belong to the last parameter.
  private var endsPlainly = false
  fileprivate let isOfRequest: Bool
  /// Of the first parameter of each name, without quotes and with escapes left in; `empty` where it is missing, and for a
  /// username that is empty.
  package private(set) var username = Fingerprint.empty
  package private(set) var realm = Fingerprint.empty
  package private(set) var nonce = Fingerprint.empty
  package private(set) var uri = Fingerprint.empty
  package private(set) var opaque = Fingerprint.empty
  /// Of a challenge, where they are 32 hexadecimal digits.
  package private(set) var ik: Key?
  package private(set) var ck: Key?
  /// Those of the message that follow from it.
  package private(set) var marks = SIPFacts.Marks()
  /// Realm and nonce stand in it and are not empty, and the algorithm is AKAv1-MD5.
  private(set) var isChallenge = false
  /// The scheme is Digest.
  let isDigest: Bool
  /// The parameters that the first credentials of a UE must have stand in it, and the user name is user@realm (TS 24.229
  /// §5.1.1.2.2).
  package private(set) var isComplete = false
  /// It holds `auts`, or a nonce and a response that is not there or is empty.
  package private(set) var isUnanswered = false
  /// The algorithm is one of AKA: `Digest.isAKA`.
  private(set) var isAKA = false
  /// A nonce stands in it that is not empty.
  private(set) var hasNonce = false
  private(set) var hasAUTS = false
  /// A backslash stands in it: values may read otherwise than they are written.
  let isEscaped: Bool
  /// Of the nonce in the text, without quotes.
  private var nonceStart: UInt32 = 0
  private var nonceEnd: UInt32 = 0

  /// A key of 16 octets.
  package struct Key: Equatable, Sendable, BitwiseCopyable {
    let high: UInt64
    let low: UInt64

    /// Nil for another number of octets.
    package init?(_ octets: Text) {
      guard octets.count == 16 else { return nil }
      (high, low) = octets.read { ($0.u64(0), $0.u64(8)) }
    }

    /// Of 32 hexadecimal digits.
    init?(_ span: RawSpan, digits: Range<Int>) {
      guard digits.count == 32 else { return nil }
      var words: (UInt64, UInt64) = (0, 0)
      for offset in 0..<16 {
        guard let first = ASCII.hexValue(span.u8(digits.lowerBound + offset)),
          let second = ASCII.hexValue(span.u8(digits.lowerBound + 16 + offset))
        else { return nil }
        words.0 = words.0 << 4 | UInt64(first)
        words.1 = words.1 << 4 | UInt64(second)
      }
      (high, low) = words
    }
  }

  /// Of the value of a header; nil for what is no `Digest`.
  fileprivate init?(_ span: RawSpan, _ isOfRequest: Bool, text: Fingerprint) {
    guard let (scheme, rest) = SpanText.tokenAndRest(span, separator: nil) else { return nil }
    self.text = text
    count = span.byteCount
    self.isOfRequest = isOfRequest
    isDigest = scheme.count == 6 && span.spells("Digest", at: scheme.lowerBound, ignoringCase: true)
    isEscaped = span.firstIndex(of: 0x5c) != nil
    var seen = Seen()
    var at = rest.lowerBound
    while true {
      let before = at
      let plain = Digest.Item(plain: span, from: &at, to: rest.upperBound)
      guard let item = plain ?? Digest.Item(next: span, from: &at, to: rest.upperBound) else { break }
      endsPlainly = plain != nil
      if Self.isExtra(item.name) {
        extras += 1
        if tail == 0 { stemCount = before }
        tail += 1
      } else {
        tail = 0
      }
      take(item, span, &seen)
    }
    if !seen.isOfAKA, hasNonce || !isOfRequest { marks.insert(.otherAlgorithm) }
    isChallenge = hasNonce && seen.hasRealm && seen.isOfAKA
    isComplete = seen.hasAt && Self.due & ~seen.given == 0
    isUnanswered = hasAUTS || hasNonce && !seen.hasResponse
    if tail > 0 { stem = Fingerprint(of: span.extracting(0..<stemCount)) }
  }

  /// What is met while the parameters are read.
  private struct Seen {
    /// The names that were met, and those of them with a value.
    var (met, given): (UInt32, UInt32) = (0, 0)
    /// The realm is not empty, the algorithm AKAv1-MD5, a user name holds an at sign, the response is a hash.
    var (hasRealm, isOfAKA, hasAt, hasResponse) = (false, false, false, false)
  }

  private mutating func take(_ item: Digest.Item, _ span: RawSpan, _ seen: inout Seen) {
    guard let name = item.name else { return marks.insert(.oddDigest) }
    let bit = Self.bit(name)
    if seen.met & bit != 0 { return marks.insert(.oddDigest.union(.otherAlgorithm)) }
    seen.met |= bit
    if !item.isSpelledAsUsual { marks.insert(.oddDigest) }
    if name == .ik || name == .ck { marks.insert(.key) }
    if name == .nc || name == .qop { marks.insert(.counts) }
    guard let value = item.unquotedRange else { return }
    seen.given |= bit
    switch name {
    case .ik: ik = Key(span, digits: value)
    case .ck: ck = Key(span, digits: value)
    case .nonce:
      hasNonce = !value.isEmpty
      nonce = Fingerprint(of: span.extracting(value))
      nonceStart = UInt32(truncatingIfNeeded: value.lowerBound)
      nonceEnd = UInt32(truncatingIfNeeded: value.upperBound)
    case .realm:
      seen.hasRealm = !value.isEmpty
      realm = Fingerprint(of: span.extracting(value))
    case .uri: uri = Fingerprint(of: span.extracting(value))
    case .opaque: opaque = Fingerprint(of: span.extracting(value))
    case .algorithm:
      seen.isOfAKA = value.count == 9 && span.spells("AKAv1-MD5", at: value.lowerBound)
      isAKA = seen.isOfAKA || value.count >= 4 && span.spells("AKAv", at: value.lowerBound, ignoringCase: true)
    case .auts: hasAUTS = true
    case .username where isOfRequest && !value.isEmpty:
      username = Fingerprint(of: span.extracting(value))
      seen.hasAt = span.firstIndex(of: 0x40, from: value.lowerBound, to: value.upperBound) != nil
      if ASCII.isDigit(span.u8(value.lowerBound)) { marks.insert(.userOfDigits) }
      // What is escaped in it reads otherwise.
      if span.firstIndex(of: 0x5c, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.unknown) }
    case .response where isOfRequest && !value.isEmpty:
      marks.insert(.responds)
      seen.hasResponse = Self.isHash(span, value)
      if !seen.hasResponse { marks.insert(.oddDigest) }
    case .integrityProtected:
      marks.insert(.integrityProtected)
      if value.count != 2 || !span.spells("no", at: value.lowerBound, ignoringCase: true) {
        marks.insert(.claimsProtection)
      }
    default: break
    }
  }

  private static func isHash(_ span: RawSpan, _ value: Range<Int>) -> Bool {
    guard value.count == 32 || value.count == 64 else { return false }
    for index in value where ASCII.hexValue(span.u8(index)) == nil { return false }
    return true
  }

  private static var due: UInt32 {
    bit(.username) | bit(.realm) | bit(.uri) | bit(.nonce) | bit(.response)
  }

  private static func bit(_ name: Digest.Name) -> UInt32 { 1 << UInt32(name.rawValue) }

  /// Where the nonce stands in the text.
  var nonceRange: Range<Int> { Int(nonceStart)..<Int(nonceEnd) }

  // MARK: copies

  /// Nodes on the way add it at the end, and take it away there.
  private static func isExtra(_ name: Digest.Name?) -> Bool {
    switch name {
    case .ik, .ck, .integrityProtected: true
    default: false
    }
  }

  /// Is it the very text of the other, with `integrity-protected` behind it, as a P-CSCF writes it?
  package func adds(integrityProtectedTo other: DigestFacts) -> Bool {
    tail == 1 && marks.contains(.integrityProtected) && stem == other.text
  }

  /// Of its stem alone; nil where that has to be read.
  fileprivate var withoutTail: DigestFacts? {
    if tail == 0 || extras != tail || isEscaped || marks.contains(.oddDigest) { return nil }
    var facts = self
    (facts.text, facts.count, facts.stem, facts.stemCount) = (stem, stemCount, .empty, 0)
    (facts.extras, facts.tail, facts.endsPlainly) = (0, 0, false)
    (facts.ik, facts.ck) = (nil, nil)
    facts.marks.remove(.key.union(.integrityProtected).union(.claimsProtection))
    return facts
  }

  /// Of a text that begins with this one; nil where that has to be read.
  ///
  /// - Parameters:
  ///   - span: the longer text.
  ///   - text: of all of it.
  fileprivate func extended(by span: RawSpan, text: Fingerprint) -> DigestFacts? {
    if !endsPlainly || extras > 0 || isEscaped { return nil }
    if span.firstIndex(of: 0x5c, from: count, to: span.byteCount) != nil { return nil }
    var facts = self
    (facts.text, facts.count, facts.stem, facts.stemCount) = (text, span.byteCount, self.text, count)
    var seen = Seen()
    var at = count
    while at < span.byteCount {
      guard let item = Digest.Item(plain: span, from: &at, to: span.byteCount), Self.isExtra(item.name) else {
        return nil
      }
      facts.take(item, span, &seen)
      facts.extras += 1
    }
    facts.tail = facts.extras
    return facts
  }
}

/// The credentials and challenges of some messages, numbered from 0: the same text has the same number, as long as not too many
/// others lie between.
package struct DigestTable: Sendable {
  private var known: [DigestFacts] = []
  /// So many of the latest are looked at.
  private static let reach = 16

  package init() {}

  subscript(_ number: Int) -> DigestFacts { known[number] }

  /// Of the value of a header; nil for what is no `Digest`.
  mutating func number(of value: RawSpan, isOfRequest: Bool) -> Int? {
    let text = Fingerprint(of: value)
    // The latest are met again first.
    var place = known.count
    let end = max(0, place &- Self.reach)
    while place > end {
      place &-= 1
      if known[place].text == text, known[place].isOfRequest == isOfRequest { return place }
    }
    guard let facts = copied(value, isOfRequest, text: text) ?? DigestFacts(value, isOfRequest, text: text) else {
      return nil
    }
    if known.isEmpty { known.reserveCapacity(8) }
    known.append(facts)
    return known.count - 1
  }

  /// Of what is the text of one of the last with parameters added at its end, or without its last ones.
  private func copied(_ value: RawSpan, _ isOfRequest: Bool, text: Fingerprint) -> DigestFacts? {
    let count = value.byteCount
    var place = known.count
    let end = max(0, place &- 3)
    while place > end {
      place &-= 1
      if known[place].isOfRequest != isOfRequest { continue }
      if known[place].stemCount == count, known[place].stem == text { return known[place].withoutTail }
      let shorter = known[place].count
      if shorter < count, value.u8(shorter) == 0x2c,
        Fingerprint(of: value.extracting(0..<shorter)) == known[place].text
      {
        return known[place].extended(by: value, text: text)
      }
    }
    return nil
  }
}

extension Digest.Item {
  /// Of the value in the text of its digest, without quotes; nil without one.
  fileprivate var unquotedRange: Range<Int>? {
    guard let value = parameter.value?.range else { return nil }
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
