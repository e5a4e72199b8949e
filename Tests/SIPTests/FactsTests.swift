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
    } else {
      #expect(facts.toTag == Self.fingerprint(message.toTag))
      #expect(facts.marks.contains(.noTag) == (message.to != nil && !message.hasToTag && message.status != 100))
    }
  }

  /// One header in place of the usual one, after the usual message and after one like it.
  @Test(arguments: [
    "Via: junk", "Via: SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b;received=1.2.3.4;branch=2 ,", "v: ",
    "Via: a/b/c [::1]:7;rport;received=[::2]", "From: <sip:c@d", "From: sip:c@d",
    "f: \"x, <y>\" <tel:+1>;tag=\"q\\\"q\"",
    "To: ", "To: <sip:A@B>;tag=\"x\"", "t: <sip:c@d>;tag", "Contact: *", "Contact: junk", "m: ",
    "Contact: <sip:a@b>;expires=3, <sip:c@d>;expires=\"7\"", "Contact: <sip:a@b>;expires=x", "Contact: <sip:a@h%41>",
    "Path: <sip:a;lr>,<sip:b;lr>", "Path: <sip:10.0.0.1;lr>", "Path: <sips:a;LR>", "Path: <sip:a;lr;x>",
    "Path: <tel:1;lr>",
    "Path: <sip:a;lr>;x", "Service-Route: <sip:d;lr>, junk", "Expires: x", "Expires:", "Max-Forwards: 256", "no colon",
    "Contact: <sip:a@b>\r\n ;expires=3", "To: <sip:a@b>\r\n\t;tag=3",
  ]) func saysWhatTheHeadersSay(header: String) throws {
    let name = HeaderName(Text(String(header.prefix { $0 != ":" && $0 != "\r" })))
    let others = Self.usual.filter { HeaderName(Text(String($0.prefix { $0 != ":" }))) != name }
    for headers in [others + [header], Self.usual + [header], [header] + Self.usual] {
      var vias = ViaTable()
      var previous = SIPFacts()
      for message in try Self.messages(Self.usual) + Self.messages(headers) + Self.messages(headers) {
        let facts = SIPFacts(message, &vias, after: previous)
        expectSame(facts, message, vias)
        if message.isRequest { previous = facts }
      }
    }
  }

  @Test func aRouteIsPlainWhereNothingIsHidden() throws {
    func isOdd(_ path: String) throws -> Bool {
      var vias = ViaTable()
      return SIPFacts(try register("Path: \(path)"), &vias, after: SIPFacts()).marks.contains(.oddRoute)
    }
    for plain in ["<sip:a.b;lr>", "<sips:user@a:5060;lr>", "<SIP:a;LR>, <sip:b;lr>"] { #expect(try !isOdd(plain)) }
    for odd in [
      "<sip:a>", "<sip:a;lr>;x", "<sip:a;lr;x>", "<sip:A;lr>", "<sip:1.2.3.4;lr>", "<tel:1;lr>", "<sip:a;lr>,<x:y>",
    ] {
      #expect(try isOdd(odd), "\(odd)")
    }
  }
}
