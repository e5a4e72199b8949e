package import IMSBytes

/// What is asked of credentials or of a challenge again and again, as numbers.
package struct DigestFacts: Sendable, BitwiseCopyable {
  /// Of the whole text as it is written.
  fileprivate let text: Fingerprint
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
  fileprivate(set) var isDigest = false
  /// The parameters that the first credentials of a UE must have stand in it, and the user name is user@realm (TS 24.229
  /// §5.1.1.2.2).
  package private(set) var isComplete = false
  /// It holds `auts`, or a nonce and a response that is not there or is empty.
  package private(set) var isUnanswered = false

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

  fileprivate init(_ items: [Digest.Item], _ span: RawSpan, _ isOfRequest: Bool, text: Fingerprint) {
    self.text = text
    self.isOfRequest = isOfRequest
    // The names that were met, and those of them with a value.
    var (met, given): (UInt32, UInt32) = (0, 0)
    var (hasNonce, hasRealm, isOfAKA, hasAt, hasResponse) = (false, false, false, false, false)
    for number in items.indices {
      guard let name = items[number].name else {
        marks.insert(.oddDigest)
        continue
      }
      let bit = Self.bit(name)
      if met & bit != 0 {
        marks.insert(.oddDigest.union(.otherAlgorithm))
        continue
      }
      met |= bit
      if !items[number].isSpelledAsUsual { marks.insert(.oddDigest) }
      if name == .ik || name == .ck { marks.insert(.key) }
      if name == .nc || name == .qop { marks.insert(.counts) }
      guard let value = items[number].unquotedRange else { continue }
      given |= bit
      switch name {
      case .ik: ik = Key(span, digits: value)
      case .ck: ck = Key(span, digits: value)
      case .nonce:
        hasNonce = !value.isEmpty
        nonce = Fingerprint(of: span.extracting(value))
      case .realm:
        hasRealm = !value.isEmpty
        realm = Fingerprint(of: span.extracting(value))
      case .uri: uri = Fingerprint(of: span.extracting(value))
      case .opaque: opaque = Fingerprint(of: span.extracting(value))
      case .algorithm: isOfAKA = value.count == 9 && span.spells("AKAv1-MD5", at: value.lowerBound)
      case .auts: isUnanswered = true
      case .username where isOfRequest && !value.isEmpty:
        username = Fingerprint(of: span.extracting(value))
        hasAt = span.firstIndex(of: 0x40, from: value.lowerBound, to: value.upperBound) != nil
        if ASCII.isDigit(span.u8(value.lowerBound)) { marks.insert(.userOfDigits) }
        // What is escaped in it reads otherwise.
        if span.firstIndex(of: 0x5c, from: value.lowerBound, to: value.upperBound) != nil { marks.insert(.unknown) }
      case .response where isOfRequest && !value.isEmpty:
        marks.insert(.responds)
        hasResponse = Self.isHash(span, value)
        if !hasResponse { marks.insert(.oddDigest) }
      case .integrityProtected:
        marks.insert(.integrityProtected)
        if value.count != 2 || !span.spells("no", at: value.lowerBound, ignoringCase: true) {
          marks.insert(.claimsProtection)
        }
      default: continue
      }
    }
    if !isOfAKA, hasNonce || !isOfRequest { marks.insert(.otherAlgorithm) }
    isChallenge = hasNonce && hasRealm && isOfAKA
    isComplete = hasAt && Self.due & ~given == 0
    if hasNonce, !hasResponse { isUnanswered = true }
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
}

/// The credentials and challenges of some messages, each text once, numbered from 0.
struct DigestTable: Sendable {
  private var known: [DigestFacts] = []

  init() { known.reserveCapacity(8) }

  subscript(_ number: Int) -> DigestFacts { known[number] }

  mutating func number(of digest: Digest, isOfRequest: Bool) -> Int {
    let text = Fingerprint(of: digest.raw)
    // The latest are met again first.
    var place = known.count
    while place > 0 {
      place &-= 1
      if known[place].text == text, known[place].isOfRequest == isOfRequest { return place }
    }
    let items = digest.items
    var facts = digest.raw.read { DigestFacts(items, $0, isOfRequest, text: text) }
    facts.isDigest = digest.scheme.isToken("Digest")
    known.append(facts)
    return known.count - 1
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
