import IMSBytes
import IMSSIP
import Testing

@Suite struct MessageTests {
  @Test func readsARequest() throws {
    let message = try parse(Array(plainRegister.utf8))
    #expect(message.isRequest && message.method == .register && message.status == nil && message.reason == nil)
    #expect(message.requestURI == "sip:hims.net" && message.firstLine == "REGISTER sip:hims.net SIP/2.0")
    #expect(message.issues.isEmpty && message.body == "body")
    #expect(message.fields.count == 10 && message.name(of: message.fields[8]) == .path)
    #expect(message.callID == "abc@10.0.0.7" && message.maxForwards == 69)
    #expect(message.requestedExpiry == 600_000 && message.expires == nil)
    #expect(MemoryLayout<SIPMessage.Field>.stride == 16)
  }

  @Test func readsAResponse() throws {
    let message = try parse(wire("SIP/2.0 401 Not Today", "CSeq: 4294967295 register", "l:0", "", ""))
    #expect(!message.isRequest && message.status == 401 && message.reason == "Not Today" && message.requestURI == nil)
    #expect(message.method == .other && message.methodName == "register" && message.cseq?.number == .max)
    #expect(message.firstLine == "SIP/2.0 401 Not Today")
    let empty = try parse(wire("SIP/2.0 200 ", "", ""))
    #expect(empty.reason == "" && empty.issues.isEmpty && empty.methodName == "")
  }

  @Test(arguments: [
    "i: abc", "I:abc", "Call-ID : abc", "CALL-ID\t:\tabc \t", "call-id:\r\n abc", "Call-ID:\r\n\t  abc\r\n ",
  ]) func spellingsOfOneHeader(line: String) throws {
    #expect(try register(line).callID == "abc")
  }

  @Test func listsFlattenCommasAndRepeats() throws {
    let message = try register(
      "Supported: path, gruu", "Contact: \"a, b\" <sip:a@h;x=\",\">;q=1 , <sip:b@h?x=1,2>", "k: ,sec-agree,,",
      "m: <sip:c@h>", "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"", "X-Odd: 1", "x-odd: 2, 3")
    #expect(message.list(.supported).strings == ["path", "gruu", "sec-agree"])
    #expect(
      message.list(.contact).strings == ["\"a, b\" <sip:a@h;x=\",\">;q=1", "<sip:b@h?x=1,2>", "<sip:c@h>"])
    #expect(message.list(.wwwAuthenticate).count == 1)
    #expect(message.all("X-ODD").strings == ["1", "2, 3"] && message.list("X-Odd").strings == ["1", "2", "3"])
    #expect(message.first("x-odd") == "1" && !message.has("X-Even") && message.count(.contact) == 2)
  }

  @Test func foldsStayInTheValueUntilAskedFor() throws {
    let message = try register("Subject: one\r\n\t two", "To: <sip:a@b>\r\n ;tag=x")
    #expect(message.first(.subject)?.bytes.contains(0x0d) == true)
    #expect(message.first(.subject)?.unfolded == "one two")
    #expect(message.to?.tag == "x")
  }

  struct Odd: Sendable {
    var text: String
    var issue: String?
    init(_ text: String, _ issue: String?) {
      self.text = text
      self.issue = issue
    }
  }

  @Test(arguments: [
    Odd("REGISTER sip:h SIP/2.0\nTo: <sip:a@b>\n\n", "line ends with LF alone"),
    Odd("REGISTER sip:h SIP/2.0\r\nTo: <sip:a@b>\r\n", "headers do not end with an empty line"),
    Odd("REGISTER sip:h SIP/2.0\r\nno colon\r\n\r\n", "header line without colon"),
    Odd("REGISTER sip:h SIP/2.0\r\n: value\r\n\r\n", "header line without name"),
    Odd("REGISTER sip:h SIP/2.0\r\nA B: value\r\n\r\n", "header name is not a token"),
    Odd("REGISTER sip:h SIP/2.0\r\n folded\r\n\r\n", "continuation line without a header"),
    Odd("REGISTER sip:h SIP/2.0\r\nl: 5\r\n\r\nbody", "Content-Length is larger than the body"),
    Odd("REGISTER sip:h SIP/2.0\r\nl: 3\r\n\r\nbody", "bytes after the end of the body"),
    Odd("REGISTER sip:h SIP/2.0\r\nl: -1\r\n\r\nbody", "Content-Length is not a number"),
    Odd("REGISTER sip:h SIP/2.0\r\nl: 99999999999999999999\r\n\r\nbody", "Content-Length is not a number"),
    Odd("REGISTER sip:h SIP/2.0\r\nl: 4\r\nl: 5\r\n\r\nbody", "Content-Length repeated with another value"),
    Odd("REGISTER  sip:h SIP/2.0\r\n\r\n", "more than one space in the request line"),
    Odd("REGISTER sip:h  SIP/2.0\r\n\r\n", "more than one space in the request line"),
    Odd("REGISTER sip:h SIP/2.0 \r\n\r\n", "white space after the request line"),
    Odd("REGISTER sip:h;a b SIP/2.0\r\n\r\n", "white space in the Request-URI"),
    Odd("REGISTER <sip:h> SIP/2.0\r\n\r\n", "Request-URI in angle brackets"),
    Odd("REGISTER sip:h SIP/7.0\r\n\r\n", "SIP version is not 2.0"),
    Odd("SIP/2.0 200\r\n\r\n", "no space after the status code"),
    Odd("SIP/2.0  200 OK\r\n\r\n", "more than one space in the status line"),
    Odd("\r\n\r\nREGISTER sip:h SIP/2.0\r\n\r\nbody", nil),
    Odd("register sip:h sip/2.0\r\nl: 004\r\n\r\nbody", nil),
  ]) func oddMessagesCarryAnIssue(odd: Odd) throws {
    let message = try parse(Array(odd.text.utf8))
    #expect(message.issues.map(\.reason) == (odd.issue.map { [$0] } ?? []))
    for issue in message.issues { #expect((0...odd.text.utf8.count).contains(issue.offset)) }
  }

  @Test(arguments: [
    "", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "REGISTER\r\n\r\n", "REGISTER sip:h\r\n\r\n", "REGISTER SIP/2.0\r\n\r\n",
    "SIP/2.0 20 OK\r\n\r\n", "SIP/2.0 2000 OK\r\n\r\n", "SIP/2.0 4294967301 x\r\n\r\n", "SIP/2.0\r\n\r\n", "\0",
    "INVITE",
    " INVITE sip:h SIP/2.0\r\n\r\n", "{}",
  ]) func otherBytesAreRefused(text: String) {
    #expect(throws: DecodeIssue.self) { try parse(Array(text.utf8)) }
  }

  @Test func contentLengthCutsTheBodyOfADatagramOnly() throws {
    let long = wire("OPTIONS sip:h SIP/2.0", "l: 2", "", "body")
    #expect(try parse(long).body == "bo" && parse(long).bytes == long[...])
    let short = wire("OPTIONS sip:h SIP/2.0", "l: 20", "", "body")
    #expect(try parse(short, truncated: true).issues.isEmpty && parse(short).body == "body")
    let none = wire("OPTIONS sip:h SIP/2.0", "", "")
    #expect(try parse(none).issues.isEmpty)
    #expect(try parse(none, onStream: true).issues.map(\.reason) == ["no Content-Length on a stream"])
  }

  @Test func issuesAreBounded() throws {
    let many = "OPTIONS sip:h SIP/2.0\r\n" + String(repeating: "no colon\r\n", count: 1000) + "\r\n"
    #expect(try parse(Array(many.utf8)).issues.count == 16)
  }

  @Test func everyCutIsReadOrRefused() {
    let bytes = Array(plainRegister.utf8)
    for count in 0...bytes.count {
      for truncated in [true, false] {
        guard let message = try? parse(Array(bytes[..<count]), truncated: truncated) else { continue }
        _ = readEverything(message)
        if truncated { #expect(message.issues.isEmpty) }
      }
    }
  }
}

/// Touches every typed reading, so that a trap in any of them is found.
func readEverything(_ message: SIPMessage) -> Int {
  var hasher = Hasher()
  hasher.combine(message.keys)
  compareKeysWithHeaders(message)
  hasher.combine(message.via)
  for via in message.via { hasher.combine([via.branch, via.received, via.rport ?? nil]) }
  for list in [
    message.contacts, message.path, message.serviceRoute, message.route, message.recordRoute, message.associatedURI,
    [message.from, message.to].compactMap { $0 },
  ] {
    for entry in list {
      hasher.combine(entry)
      hasher.combine(entry.uri.addressOfRecord())
      #expect(entry.uri.addressOfRecordFingerprint == Fingerprint(of: entry.uri.addressOfRecord()))
      for parameter in entry.parameters { hasher.combine(parameter.unquoted) }
      for parameter in entry.uri.parameters { hasher.combine(parameter.unquoted) }
    }
  }
  for digest in message.wwwAuthenticate + message.authorization + message.authenticationInfo {
    for parameter in digest.parameters { hasher.combine(parameter.unquoted) }
  }
  for mechanism in message.securityClient + message.securityServer + message.securityVerify {
    hasher.combine([mechanism.spiC, mechanism.spiS])
  }
  hasher.combine([message.requestedExpiry, message.expires, message.maxForwards])
  hasher.combine([message.firstLine, message.body, message.requestURI ?? ""])
  for field in message.fields {
    let name = message.name(of: field)
    hasher.combine(Redaction.redacted(headerValue: message.value(of: field), of: name))
    hasher.combine(message.list(name))
  }
  return hasher.finalize()
}

/// Keys are read by other code than the headers: they must agree.
func compareKeysWithHeaders(_ message: SIPMessage) {
  let keys = message.keys
  func fingerprint(_ text: Text?) -> Fingerprint { text.map { Fingerprint(of: $0) } ?? .empty }
  let elements = message.list(.via)
  #expect(Int(keys.viaCount) == min(255, elements.count))
  #expect(keys.callID == fingerprint(message.callID) && keys.cseq == message.cseq?.number ?? 0)
  #expect(keys.method == message.method)
  if let top = elements.first.flatMap({ Via($0) }) {
    #expect(keys.topBranch == fingerprint(top.branch))
    #expect(keys.topSentBy == top.sentBy.fingerprint(defaultPort: top.defaultPort))
  }
  if let bottom = elements.last.flatMap({ Via($0) }) { #expect(keys.bottomBranch == fingerprint(bottom.branch)) }
  if let from = message.from { #expect(keys.fromTag == fingerprint(from.tag)) }
  #expect(keys.toAOR == message.to?.uri.addressOfRecordFingerprint ?? .empty)
}
