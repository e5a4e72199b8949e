import IMSBytes
import IMSSIP
import Testing

/// Facts are read by other code than the headers: both must say the same.
@Suite struct FactsTests {
  private static let usual = [
    "Via: SIP/2.0/UDP a;branch=z9hG4bK1", "From: <sip:a@b>;tag=1", "To: <sip:a@b>", "Contact: <sip:a@10.0.0.1:5>",
    "Path: <sip:p;lr>", "CSeq: 1 REGISTER", "Expires: 9", "Max-Forwards: 70",
  ]

  private static func messages(_ headers: [String]) throws -> [SIPMessage] {
    try ["REGISTER sip:h SIP/2.0", "SIP/2.0 200 OK", "SIP/2.0 100 Trying"].map { line in
      try parse(Array(([line] + headers + ["", ""]).joined(separator: "\r\n").utf8))
    }
  }

  private static func fingerprint(_ text: Text?) -> Fingerprint { text.map { Fingerprint(of: $0) } ?? .empty }

  private func expectSame(_ facts: SIPFacts, _ message: SIPMessage, _ vias: ViaTable) {
    #expect(facts.present == message.headers.present && facts.repeated == message.headers.repeated)
    #expect(facts.vias.count == min(8, message.via.count))
    for place in 0..<facts.vias.count {
      let (via, known) = (message.via[place], vias[facts.vias[place]])
      #expect(known.text == Fingerprint(of: via.raw) && known.hasReceived == (via.received != nil))
      #expect(known.port == via.sentBy.port)
      let rport: ViaFacts.Rport =
        via.rport.map { $0.map { text in text.number.map { .port($0) } ?? .unreadable } ?? .empty } ?? .absent
      #expect(known.rport == rport)
      #expect(known.branch == .empty || known.branch == Self.fingerprint(via.branch))
    }
    #expect(facts.from == Self.fingerprint(message.first(.from)))
    #expect(facts.to == Self.fingerprint(message.isRequest ? message.first(.to) : nil))
    #expect(facts.contactCount == message.contacts.count)
    #expect(facts.contactURI == Self.fingerprint(message.contacts.first?.uriText))
    #expect(facts.contactExpires == message.contacts.first?.expires)
    #expect(facts.expires == message.expires)
    #expect(facts.marks.contains(.noExpiry) == message.contacts.contains { $0.expires == nil })
    #expect(facts.marks.contains(.path) == !message.path.isEmpty)
    #expect(facts.marks.contains(.serviceRoute) == !message.serviceRoute.isEmpty)
    #expect(facts.marks.contains(.toTag) == message.hasToTag)
    #expect(facts.marks.contains(.unreadable) == (message.unreadableHeader != nil))
    #expect(facts.marks.contains(.issues) == !message.issues.isEmpty)
    #expect(facts.requestURI == Self.fingerprint(message.requestURI))
    if message.isRequest {
      let (from, to) = (message.from?.uri.addressOfRecord(), message.to?.uri.addressOfRecord())
      #expect(facts.marks.contains(.otherIdentity) == (from != nil && to != nil && from != to))
      #expect(facts.marks.contains(.noTag) == (message.from != nil && !message.hasFromTag))
      #expect(facts.maxForwards == message.maxForwards)
      #expect(facts.contactPort == message.contacts.first?.uri.port)
    } else {
      #expect(facts.toTag == Self.fingerprint(message.toTag))
      #expect(facts.marks.contains(.noTag) == (message.to != nil && !message.hasToTag && message.status != 100))
    }
  }

  /// One header in place of the usual one, after the usual message and after one like it.
  @Test(arguments: [
    "Via: junk", "Via: SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b;received=1.2.3.4;branch=2 ,", "v: ",
    "Via: SIP/2.0/UDP a:5;rport=6;received=1.2.3.4;branch=7", "Via: SIP/2.0/TCP 1.2.3.4:70000;branch=1",
    "Via: SIP/2.0/UDP a;branch=1;branch=2;ttl=3", "Via: SIP/2.0/UDP a;rport=x;received;",
    "Via: SIP/2.0/UDP :5;branch=1",
    "Via: SIP/2.0/UDP a;;rport;branch=\"1\"", "Via: SIP/2.0/UDP a b;branch=1", "Via: SIP/2.0/UDP a<,>b;branch=1",
    "Via: a/b/c [::1]:7;rport;received=[::2]", "From: <sip:c@d", "From: sip:c@d",
    "f: \"x, <y>\" <tel:+1>;tag=\"q\\\"q\"",
    "To: ", "To: <sip:A@B>;tag=\"x\"", "t: <sip:c@d>;tag", "Contact: *", "Contact: junk", "m: ",
    "Contact: <sip:a@b>;expires=3, <sip:c@d>;expires=\"7\"", "Contact: <sip:a@b>;expires=x", "Contact: <sip:a@h%41>",
    "Contact: <sip:a@b:5;x=1>;expires=3;q=1", "Contact: <sip:a@b:99999>", "Contact: <sip:a@b?c=d>;expires=2",
    "Contact: <sip:[::1]:5>", "Contact: <sip:a;b=c@d:7>", "Contact: <sip:b;x@y>;Expires=5", "Contact: <sip::5>",
    "Path: <sip:a;lr>,<sip:b;lr>", "Path: <sip:10.0.0.1;lr>", "Path: <sips:a;LR>", "Path: <sip:a;lr;x>",
    "Path: <tel:1;lr>",
    "Path: <sip:a;lr>;x", "Service-Route: <sip:d;lr>, junk", "Expires: x", "Expires:", "Max-Forwards: 256", "no colon",
    "Contact: <sip:a@b>\r\n ;expires=3", "To: <sip:a@b>\r\n\t;tag=3",
  ]) func saysWhatTheHeadersSay(header: String) throws {
    let name = HeaderName(Text(String(header.prefix { $0 != ":" && $0 != "\r" })))
    let others = Self.usual.filter { HeaderName(Text(String($0.prefix { $0 != ":" }))) != name }
    for headers in [others + [header], Self.usual + [header], [header] + Self.usual] {
      var spellings = Spellings()
      for message in try Self.messages(Self.usual) + Self.messages(headers) + Self.messages(headers) {
        expectSame(SIPFacts(message, &spellings), message, spellings.vias)
      }
    }
  }

  @Test func aRouteIsPlainWhereNothingIsHidden() throws {
    func isOdd(_ path: String) throws -> Bool {
      var spellings = Spellings()
      return SIPFacts(try register("Path: \(path)"), &spellings).marks.contains(.oddRoute)
    }
    for plain in ["<sip:a.b;lr>", "<sips:user@a:5060;lr>", "<SIP:a;LR>, <sip:b;lr>"] { #expect(try !isOdd(plain)) }
    for odd in [
      "<sip:a>", "<sip:a;lr>;x", "<sip:a;lr;x>", "<sip:A;lr>", "<sip:1.2.3.4;lr>", "<tel:1;lr>", "<sip:a;lr>,<x:y>",
    ] {
      #expect(try isOdd(odd), "\(odd)")
    }
  }

  @Test(arguments: [
    #"Digest username="u@h", realm="h", nonce="bm8=", uri="sip:h", response="00000000000000000000000000000000""#,
    #"Digest username="u@h", realm="h", uri="sip:h", nonce="", response="""#,
    #"digest username="u@h",realm=h,nonce="n",uri="",response="0",auts="x""#,
    #"Digest username="", realm, nonce="n\"", opaque="""#, #"Digest realm="a", realm="b", opaque="c", ik="0""#,
    #"Digest username="1", nonce="n", response="zz", algorithm=AKAv1-MD5, opaque"#, "Digest",
  ]) func credentialsSayWhatTheirParametersSay(_ value: String) throws {
    let message = try register("Authorization: \(value)")
    let digest = try #require(message.authorization.first)
    var spellings = Spellings()
    let facts = SIPFacts(message, &spellings)
    let known = try #require(spellings.digest(of: facts))
    func isSame(_ known: Fingerprint, _ text: Text?) -> Bool {
      // Escapes are left in.
      known == Self.fingerprint(text) || value.contains("\\")
    }
    #expect(facts.digestCount == 1)
    #expect(isSame(known.realm, digest.realm) && isSame(known.nonce, digest.nonce) && isSame(known.uri, digest.uri))
    #expect(isSame(known.opaque, digest.opaque))
    #expect(known.username == Self.fingerprint(digest.username.flatMap { $0.isEmpty ? nil : $0 }))
    #expect(known.marks.contains(.responds) == !(digest.response?.isEmpty ?? true))
    let due = [digest.username, digest.realm, digest.uri, digest.nonce, digest.response]
    let isAddress = digest.username?.bytes.contains(UInt8(ascii: "@")) ?? false
    #expect(known.isComplete == (isAddress && due.allSatisfy { $0 != nil }))
    if digest.auts != nil || digest.nonce?.isEmpty == false && digest.response?.isEmpty ?? true {
      #expect(known.isUnanswered)
    }
  }

  @Test func keysAreComparedAsOctets() throws {
    let message = try parse(
      Array(
        """
        SIP/2.0 401 Unauthorized\r
        WWW-Authenticate: Digest realm="h", nonce="n", ik="00112233445566778899AABBCCDDEEFF", ck="0g"\r
        \r\n
        """.utf8))
    var spellings = Spellings()
    let facts = SIPFacts(message, &spellings)
    let known = try #require(spellings.digest(of: facts))
    let octets: [UInt8] = (0..<16).map { $0 * 0x11 }
    #expect(known.ik == DigestFacts.Key(Text(octets)))
    #expect(known.ck == nil && DigestFacts.Key("short") == nil)
  }

  @Test(arguments: [
    ("ipsec-3gpp; alg=hmac-sha-1-96; spi-c=300; spi-s=301; port-c=5; port-s=6", true, true),
    ("ipsec-3gpp; q=0.1; alg=x; ealg=null; prot=esp; mod=trans; spi-c=300; spi-s=301; port-c=5; port-s=6", true, true),
    ("ipsec-3gpp; alg=HMAC-MD5-96; spi-c=300; spi-s=301; port-c=5; port-s=6", true, false),
    ("ipsec-3gpp; alg=x; ealg=des-ede3-cbc; spi-c=300; spi-s=301; port-c=5; port-s=6", true, false),
    ("ipsec-3gpp; alg=x; spi-c=255; spi-s=301; port-c=5; port-s=6", false, true),
    ("ipsec-3gpp; alg=x; spi-c=300; spi-s=301; port-c=0; port-s=6", false, true),
    ("ipsec-3gpp; alg=x; mod=tun; spi-c=300; spi-s=301; port-c=5; port-s=6", false, true),
    ("ipsec-3gpp; q=1.5; alg=x; spi-c=300; spi-s=301; port-c=5; port-s=6", false, true),
    ("ipsec-3gpp; alg; spi-c=300; spi-s=301; port-c=5; port-s=6", false, true),
  ]) func mechanismsTellWhatTheyAreLike(_ text: String, isPlain: Bool, isStrong: Bool) throws {
    let mechanism = try #require(SecurityMechanism(Text(text)))
    #expect(mechanism.facts.isPlain == isPlain)
    #expect(mechanism.facts.isStrong == isStrong)
  }
}
