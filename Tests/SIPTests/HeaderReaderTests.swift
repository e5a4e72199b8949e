import IMSBytes
import IMSSIP
import Testing

@Suite struct HeaderReaderTests {
  /// What is read at once is what is read when it is asked for.
  private func expectSame(_ message: SIPMessage, _ reader: inout HeaderReader) {
    var read = message
    reader.read(&read)
    #expect(read.via == message.via && read.contacts == message.contacts)
    #expect(read.from == message.from && read.to == message.to && read.toTag == message.toTag)
    #expect(read.hasFromTag == message.hasFromTag && read.hasToTag == message.hasToTag)
    #expect(read.callID == message.callID && read.cseq == message.cseq && read.expires == message.expires)
    #expect(read.path == message.path && read.serviceRoute == message.serviceRoute)
    #expect(read.wwwAuthenticate == message.wwwAuthenticate && read.authorization == message.authorization)
    #expect(read.securityClient == message.securityClient && read.securityServer == message.securityServer)
    #expect(read.unreadableHeader == message.unreadableHeader)
  }

  @Test(arguments: [
    ["Via: SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b;branch=2", "Via: SIP/2.0/UDP c;branch=3", "CSeq: 7 REGISTER"],
    ["Via: SIP/2.0/UDP a;branch=1", "Via: junk", "Via: SIP/2.0/UDP a;branch=1"],
    ["v: ", "From: <sip:a@b", "To: "], ["Via: junk"], ["Contact: junk"], ["Contact: *"], ["Contact: "],
    ["Contact: <sip:a@b>;expires=3, <sip:c@d>", "m: <sip:e@f>", "Expires: 9"],
    ["From: <sip:a@b>;tag=1", "From: <sip:c@d>;tag=2", "To: \"x, y\" <sip:a@b>;tag=\"q\\\"q\""],
    ["Path: <sip:a;lr>,<sip:b;lr>", "Path: <sip:c;lr>", "Service-Route: <sip:d;lr>"],
    ["WWW-Authenticate: Digest realm=\"a, b\", nonce=\"n\"", "WWW-Authenticate: Digest realm=\"c\""],
    ["Authorization: Digest username=\"u\", nonce=\"\", response=\"\"", "Call-ID: one"],
    ["Security-Client: ipsec-3gpp;alg=a, ipsec-3gpp;alg=b", "Security-Server: tls;q=0.1"],
  ]) func readsWhatIsAskedFor(headers: [String]) throws {
    var reader = HeaderReader()
    let message = try parse(Array((["REGISTER sip:h SIP/2.0"] + headers + ["", ""]).joined(separator: "\r\n").utf8))
    expectSame(message, &reader)
    // Now every value is known.
    expectSame(message, &reader)
  }

  /// More spellings than are remembered, and the first of them again.
  @Test func forgetsTheOldest() throws {
    var reader = HeaderReader()
    for number in Array(0..<40) + [0, 39, 20] {
      let message = try register(
        "Via: SIP/2.0/UDP h;branch=z\(number)", "From: <sip:a@b>;tag=\(number)", "To: <sip:a@b>;tag=\(number)",
        "Contact: <sip:a@h\(number)>", "Security-Client: ipsec-3gpp;spi-c=\(number)")
      expectSame(message, &reader)
      var read = message
      reader.read(&read)
      #expect(read.via.first?.branch == Text("z\(number)") && read.toTag == Text("\(number)"))
      #expect(read.securityClient.first?.spiC == UInt32(number))
    }
  }

  /// The plain parameters of credentials are found in another way than odd ones, with the same result.
  @Test(arguments: [
    "realm=\"a\", nonce=\"b\",opaque=\"\"", "realm=a,nonce=b", "realm = \"a\" , nonce=\"b\"",
    "realm=\"a\\\"b\", nonce=c",
    ",, realm=\"a\",,nonce=\"b\",", "realm, nonce=", "realm=\"a, b\";x, nonce=\"c\" d", "realm=\"open", "=x, nonce=b",
    "nonce=\"a\"\"b\", realm=x\"y,z\"", "uri=\"sip:a=b\", nc=00000001", "realm=\"a\"\r\n ,nonce=b\r\n c",
  ]) func digestParameters(text: String) {
    let digest = Digest(withoutScheme: Text(text))
    let parameters = Array(digest.parameters)
    #expect(digest.items.map { digest.text(of: $0) } == parameters.map(\.name))
    #expect(digest.items.map(\.isQuoted) == parameters.map(\.isQuoted))
    #expect(digest.items.map(\.isEmpty) == parameters.map { $0.value?.isEmpty ?? true })
    #expect(digest.realm == parameters.first { $0.name == "realm" }?.unquoted)
    #expect(digest.nonce == parameters.first { $0.name == "nonce" }?.unquoted)
  }

  @Test(arguments: [
    ("SIP/2.0/UDP a;branch=z9", "SIP/2.0/udp b;branch=z9;received=1.2.3.4", true),
    ("SIP/2.0/UDP a;branch=z9", "SIP/2.0/UDP a;branch=\"z9\"", true), ("SIP/2.0/UDP a", "SIP/2.0/UDP b;rport", true),
    ("SIP/2.0/UDP a;branch=z9", "SIP/2.0/TCP a;branch=z9", false), ("SIP/2.0/UDP a;branch=z9", "SIP/2.0/UDP a", false),
    ("SIP/2.0/UDP a;branch=z9", "SIP/2.0/UDP a;branch=Z9", false),
  ]) func sameBranch(one: String, other: String, isSame: Bool) throws {
    let (one, other) = (try #require(Via(Text(one))), try #require(Via(Text(other))))
    #expect(one.hasSameBranch(as: other) == isSame && other.hasSameBranch(as: one) == isSame)
    let slow = one.branch == other.branch && one.transport.equalsIgnoringCase(other.transport)
    #expect(slow == isSame)
  }
}
