import IMSBytes
import IMSForge
import IMSSIP

extension FuzzTarget {
  /// The first two bytes say where the stream is cut and what is asked of the message.
  package static let sip = FuzzTarget("sip", longest: 2048, seeds: SIPSeeds.make) { (bytes) throws(Complaint) in
    var script = Script(bytes)
    let (cut, options) = (Int(script.u8()) * 8, script.u8())
    let message = script.rest()
    try SIPCheck.frame(message, cut: min(cut, message.count))
    try SIPCheck.read(message, truncated: options & 1 != 0, onStream: options & 2 != 0)
  }
}

private enum SIPCheck {
  /// The messages at the beginning, until something else comes or more is needed.
  static func split(_ bytes: RawSpan) throws(Complaint) -> [Range<Int>] {
    var messages: [Range<Int>] = []
    var at = 0
    while at < bytes.byteCount {
      let rest = bytes.suffix(from: at)
      switch SIPFramer.frame(stream: rest) {
      case .message(let range):
        try require(range.lowerBound == 0 && range.upperBound > 0 && range.upperBound <= rest.byteCount, "\(range)")
        messages.append(at..<at + range.upperBound)
        at += range.upperBound
      case .skip(let count):
        try require(count > 0 && count <= rest.byteCount, "\(count) bytes skipped")
        at += count
      case .need(let count):
        try require(count > rest.byteCount, "\(count) bytes needed of \(rest.byteCount)")
        return messages
      case .notSIP: return messages
      }
    }
    return messages
  }

  /// A stream of which no more than `cut` bytes have come holds the messages that end before that.
  static func frame(_ bytes: [UInt8], cut: Int) throws(Complaint) {
    let span = bytes.span.bytes
    let all = try split(span)
    let first = try split(span.extracting(0..<cut))
    try require(first == all.filter { $0.upperBound <= cut }, "\(all) in one, \(first) up to \(cut)")
    if let next = SIPFramer.nextStart(in: span, from: cut) {
      try require(next >= cut && next < bytes.count, "the next start of \(bytes.count) bytes lies at \(next)")
    }
    if let message = all.first { try require(SIPFramer.looksLikeStart(span.extracting(message)) == .yes, "no start") }
    if SIPFramer.recognise(span) {
      try require(SIPFramer.mayBegin(span) && SIPFramer.recogniseCut(span), "recognised, but not by its first byte")
    } else {
      _ = SIPFramer.refusal(of: span)
    }
  }

  static func read(_ bytes: [UInt8], truncated: Bool, onStream: Bool) throws(Complaint) {
    let parsed: SIPMessage
    do throws(DecodeIssue) {
      parsed = try SIPMessage(parsing: bytes.span.bytes, truncated: truncated, onStream: onStream)
    } catch {
      return try require((0...bytes.count).contains(error.offset), "an issue at \(error.offset)")
    }
    try require(parsed.bytes == bytes[...], "the message holds other bytes")
    for issue in parsed.issues { try require((0...bytes.count).contains(issue.offset), "\(issue)") }
    for field in parsed.fields {
      let (name, value) = (Int(field.nameStart)..<Int(field.nameEnd), Int(field.valueStart)..<Int(field.valueEnd))
      try require(
        name.upperBound < value.lowerBound + 1 && value.upperBound <= bytes.count, "a field at \(name), \(value)")
    }
    try compareKeys(parsed)
    var reader = HeaderReader()
    var read = parsed
    read.read(by: &reader)
    try require(read == parsed, "reading changed the message")
    try compareReadings(read, parsed)
    // Now each value is known.
    var again = parsed
    again.read(by: &reader)
    try compareReadings(again, parsed)
    try compareAuthentication(parsed)
    try redact(parsed)
    _ = [parsed.firstLine, parsed.body, parsed.requestURI ?? "", parsed.reason ?? ""]
  }

  /// Keys are read by other code than the headers.
  private static func compareKeys(_ message: SIPMessage) throws(Complaint) {
    let keys = message.keys
    func same(_ key: Fingerprint, _ text: Text?, _ name: String) throws(Complaint) {
      try require(key == (text.map { Fingerprint(of: $0) } ?? .empty), "\(name) is '\(text?.string ?? "")'")
    }
    let elements = message.list(.via)
    try require(Int(keys.viaCount) == min(255, elements.count), "\(keys.viaCount) of \(elements.count) Vias")
    try same(keys.callID, message.callID, "Call-ID")
    try require(keys.cseq == message.cseq?.number ?? 0 && keys.method == message.method, "CSeq")
    if let top = elements.first.flatMap({ Via($0) }) {
      try same(keys.topBranch, top.branch, "the topmost branch")
      try require(keys.topSentBy == top.sentBy.fingerprint(defaultPort: top.defaultPort), "sent-by")
    }
    if let bottom = elements.last.flatMap({ Via($0) }) { try same(keys.bottomBranch, bottom.branch, "the last branch") }
    if let from = message.from { try same(keys.fromTag, from.tag, "the tag of From") }
    try require(keys.toAOR == message.to?.uri.addressOfRecordFingerprint ?? .empty, "the address of To")
  }

  /// Numbers of credentials and challenges are read by other code than their texts.
  private static func compareAuthentication(_ message: SIPMessage) throws(Complaint) {
    var digests = DigestTable()
    let facts = AuthenticationFacts(message, &digests)
    let (credentials, challenges) = (message.authorization, message.wwwAuthenticate)
    try require(facts.hasCredentials == !credentials.isEmpty, "whether there are credentials")
    try require(facts.resynchronises == credentials.contains { $0.auts != nil }, "auts")
    try require(facts.asksForAKA == challenges.contains { $0.isAKA }, "what is asked for")
    try require(facts.isOfAKA == (credentials + challenges).contains { $0.isAKA }, "AKA")
    let named = credentials.first { !($0.username?.isEmpty ?? true) }
    try require(message.authorizedName == named?.username, "the user")
    if facts.isOdd { return }
    try require(facts.nonce(of: message, digests) == (credentials.first ?? challenges.first)?.nonce, "the nonce")
  }

  /// What is read at once is what is read when it is asked for.
  private static func compareReadings(_ once: SIPMessage, _ later: SIPMessage) throws(Complaint) {
    try require(once.via == later.via && once.contacts == later.contacts, "Via or Contact")
    try require(once.from == later.from && once.to == later.to && once.callID == later.callID, "From, To or Call-ID")
    try require(once.path == later.path && once.serviceRoute == later.serviceRoute, "Path or Service-Route")
    try require(once.unreadableHeader == later.unreadableHeader, "what cannot be read")
    try require(once.requestedExpiry == later.requestedExpiry, "the expiry that is asked for")
    try require(once.cseq == later.cseq && once.expires == later.expires, "CSeq or Expires")
    try require(
      once.wwwAuthenticate == later.wwwAuthenticate && once.authorization == later.authorization, "credentials")
    try require(
      once.securityClient == later.securityClient && once.securityServer == later.securityServer, "mechanisms")
    for entry in later.contacts + later.path + later.route + later.associatedURI {
      try require(
        entry.uri.addressOfRecordFingerprint == Fingerprint(of: entry.uri.addressOfRecord()),
        "the address of \(entry.raw.string)")
      for parameter in entry.parameters { _ = parameter.unquoted }
      for parameter in entry.uri.parameters { _ = parameter.unquoted }
      _ = [entry.displayName, entry.uri.user, entry.uri.password, entry.uri.headers]
    }
    for digest in later.wwwAuthenticate + later.authorization + later.authenticationInfo {
      for parameter in digest.parameters { _ = parameter.unquoted }
    }
    for mechanism in later.securityServer + later.securityVerify { _ = (mechanism.spiC, mechanism.portS, mechanism.q) }
    _ = (later.requestedExpiry, later.grantedExpiry, later.maxForwards, later.isWildcardContact, later.headers)
  }

  /// No parameter `ck` or `ik` shows what may be a key, in whatever header and however broken that is.
  private static func redact(_ message: SIPMessage) throws(Complaint) {
    for field in message.fields {
      let name = message.name(of: field)
      _ = message.list(name)
      let shown = Redaction.redacted(headerValue: message.value(of: field), of: name)
      try require(!showsKey(Array(shown.utf8)), "a key is shown: '\(shown)'")
    }
  }

  /// Sixteen hexadecimal digits behind the name; a name whose first letter is escaped is none.
  private static func showsKey(_ bytes: [UInt8]) -> Bool {
    func skip(_ at: inout Int, while holds: (UInt8) -> Bool) {
      while at < bytes.count, holds(bytes[at]) { at += 1 }
    }
    for index in bytes.indices.dropLast() where [0x63, 0x69].contains(bytes[index] | 0x20) {
      let isName = index == 0 || !ASCII.isToken(bytes[index - 1]) && bytes[index - 1] != 0x5c
      guard isName, bytes[index + 1] | 0x20 == 0x6b else { continue }
      var at = index + 2
      skip(&at) { ASCII.isLWS($0) }
      guard at < bytes.count, bytes[at] == 0x3d else { continue }
      at += 1
      skip(&at) { ASCII.isLWS($0) }
      if at < bytes.count, bytes[at] == 0x22 { at += 1 }
      let start = at
      skip(&at) { ASCII.hexValue($0) != nil }
      if at - start >= 16 { return true }
    }
    return false
  }
}

private enum SIPSeeds {
  static func make(_ captures: [[UInt8]]) -> [[UInt8]] {
    let found = Payloads.all(captures).filter { SIPFramer.recognise($0.span.bytes) && $0.count <= 2000 }
    var seeds = found.map { [0xff, 0] + $0 }
    seeds += found.prefix(40).map { [20, 3] + $0 }
    let odd = [
      "REGISTER <sip:a> SIP/2.0\nv: SIP/2.0/TCP [::1]:5\n ;branch=z9hG4bKa , SIP/2.0/TLS b;rport=1;received=\"1\"\n\n",
      "SIP/2.0 401 x\r\nWWW-Authenticate: Digest realm=\"a\\\"b\",ck=\"00112233445566778899aabbccddeeff\",ik=00\r\n\r\n",
      "\r\n\r\nOPTIONS tel:+1;phone-context=a SIP/2.0\r\nm: \"a,b\" <sips:a:b@[1::2]:7;p=1?h=2>;q=0.1, *\r\nl: 3\r\n\r\nabc",
      "REGISTER sip:a SIP/2.0\r\nSecurity-Client: ipsec-3gpp;alg=hmac-md5-96;spi-c=1;port-s=2;q=0.5\r\nCSeq: 1 REGISTER\r\n\r\n",
    ]
    return seeds + odd.map { [9, 1] + Array($0.utf8) }
  }
}
