package import IMSBytes

/// What the credentials and challenges of a message come to, as far as those ask who put a registration together. Read once when
/// its registration is looked at.
package struct AuthenticationFacts: Sendable, BitwiseCopyable {
  /// Of the only credentials of a request, or of the only challenge of a response, among those of a `DigestTable`; -1 for none.
  private var number: Int32 = -1
  /// There are several, or escapes in them: texts alone tell of which nonce they are.
  package private(set) var isOdd = false
  /// Credentials stand in it that can be read.
  package private(set) var hasCredentials = false
  /// Of its credentials: with a nonce that is not empty, with a response too, with `auts`.
  package private(set) var hasNonce = false
  package private(set) var responds = false
  package private(set) var resynchronises = false
  /// Some challenge, or some credentials, are of AKA.
  package private(set) var asksForAKA = false
  package private(set) var isOfAKA = false
  /// Of the nonce as it is written; `empty` where none stands there.
  package private(set) var nonce = Fingerprint.empty

  /// Of a message with neither.
  package init() {}

  /// Do these credentials respond to a nonce that the request before did not have?
  package func respondsAnew(since before: AuthenticationFacts) -> Bool { responds && nonce != before.nonce }

  package init(_ message: SIPMessage, _ digests: inout DigestTable) { read(message, &digests) }

  private mutating func read(_ message: SIPMessage, _ digests: inout DigestTable) {
    let (present, repeated) = message.headers
    let isRequest = message.isRequest
    let (name, other): (HeaderName, HeaderName) =
      isRequest ? (.authorization, .wwwAuthenticate) : (.wwwAuthenticate, .authorization)
    if present.has(other.id) || repeated.has(name.id) { return readTexts(of: message) }
    guard let field = message.firstField(name) else { return }
    let value = message.span.extracting(message.field(field).value)
    guard let number = digests.number(of: value, isOfRequest: isRequest) else { return }
    let facts = digests[number]
    if facts.isEscaped { return readTexts(of: message) }
    self.number = Int32(truncatingIfNeeded: number)
    nonce = facts.nonce
    isOfAKA = facts.isAKA
    if !isRequest {
      asksForAKA = facts.isAKA
      return
    }
    hasCredentials = true
    hasNonce = facts.hasNonce
    responds = facts.hasNonce && facts.marks.contains(.responds)
    resynchronises = facts.hasAUTS
  }

  private mutating func readTexts(of message: SIPMessage) {
    isOdd = true
    for credentials in message.authorization {
      hasCredentials = true
      if credentials.isAKA { isOfAKA = true }
      if credentials.auts != nil { resynchronises = true }
      if credentials.nonce?.isEmpty ?? true { continue }
      hasNonce = true
      if !(credentials.response?.isEmpty ?? true) { responds = true }
    }
    for challenge in message.wwwAuthenticate where challenge.isAKA { (asksForAKA, isOfAKA) = (true, true) }
  }

  /// The nonce of a message that is not odd, whose facts these are.
  package func nonce(of message: SIPMessage, _ digests: DigestTable) -> Text? {
    guard number >= 0, nonce != .empty,
      let field = message.firstField(message.isRequest ? .authorization : .wwwAuthenticate)
    else { return nil }
    let (start, range) = (message.field(field).value.lowerBound, digests[Int(number)].nonceRange)
    return message.text(start + range.lowerBound..<start + range.upperBound)
  }
}

extension SIPMessage {
  /// Is the nonce of some credentials that of some challenge of another message?
  package func answers(_ challenge: SIPMessage) -> Bool {
    let challenges = challenge.wwwAuthenticate
    return authorization.contains { credentials in
      credentials.nonce.map { nonce in challenges.contains { $0.nonce == nonce } } ?? false
    }
  }
}
