import Foundation
import IMSBytes
import IMSSIP
import Testing

@Suite struct HeadersTests {
  @Test(arguments: [
    ("SIP/2.0/UDP h;branch=z9hG4bKa", "SIP 2.0 UDP h - z9hG4bKa"),
    (
      "SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch = z9",
      "SIP 2.0 UDP first.example.com 4000 z9"
    ),
    ("SIP/2.0/TCP [2001:db8::9:1]:5061 ;BRANCH=x", "SIP 2.0 TCP [2001:db8::9:1] 5061 x"),
    ("SIP\r\n /2.0/TLS\r\n h\r\n : 5061\r\n ;branch=y", "SIP 2.0 TLS h 5061 y"),
    ("SIP/2.0/UDP 10.0.0.1;hidden", "SIP 2.0 UDP 10.0.0.1 - -"),
    ("SIP/2.0/UNKNOWN h;branch=\"q;r\"", "SIP 2.0 UNKNOWN h - q;r"),
  ]) func via(text: String, expected: String) throws {
    let via = try #require(Via(Text(text)))
    let parts: [Text] = [
      via.protocolName, via.version, via.transport, via.sentBy.host, via.sentBy.port.map { Text("\($0)") } ?? "-",
      via.branch ?? "-",
    ]
    #expect(parts.strings.joined(separator: " ") == expected)
    #expect(via.raw == Text(text))
  }

  @Test(arguments: [
    "", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=x", "SIP/2.0/UDP h:99999", "SIP/2.0/UDP h:x", "SIP/2.0/UDP [::1",
    "SIP/2.0/UDP h junk", "/2.0/UDP h",
  ]) func brokenVia(text: String) { #expect(Via(Text(text)) == nil) }

  @Test func rportMissingEmptyOrSet() throws {
    let none = try #require(Via("SIP/2.0/UDP h;branch=x"))
    #expect(none.rport == nil)
    let empty = try #require(Via("SIP/2.0/UDP h;rport;branch=x"))
    if case .some(.none) = empty.rport {} else { Issue.record("rport without value") }
    let set = try #require(Via("SIP/2.0/UDP h;rport=5062;received=10.0.0.1"))
    #expect(set.rport == .some("5062") && set.received == "10.0.0.1")
  }

  @Test func sentByComparesByValue() throws {
    func key(_ text: String) -> Fingerprint? {
      Via(Text("SIP/2.0/UDP " + text)).map { $0.sentBy.fingerprint(defaultPort: $0.defaultPort) }
    }
    #expect(key("Host.Example") == key("host.EXAMPLE:5060") && key("h:5061") != key("h"))
    #expect(key("[2001:DB8::1]") == key("[2001:db8:0:0:0:0:0:1]:5060") && key("[::1]") != key("[::2]"))
  }

  @Test(arguments: [
    ("<sip:a@b>", "- sip:a@b -"), ("sip:a@b;tag=1", "- sip:a@b 1"),
    ("\"A \\\"B\\\", C\" <sip:a@b;x=y>;TAG=2", "A \"B\", C sip:a@b;x=y 2"),
    ("Mr. Watson <sip:a@b> ; tag = 3", "Mr. Watson sip:a@b 3"), ("\"\"<sip:a@b>", "- sip:a@b -"),
    ("\"<sip:joe@x>\" <sip:jack@y>", "<sip:joe@x> sip:jack@y -"), (" < sip:a@b > ;tag=4", "- sip:a@b 4"),
    ("tel:+1-212;phone-context=x", "- tel:+1-212 -"),
    ("<tel:+1212;phone-context=x>;tag=5", "- tel:+1212;phone-context=x 5"),
    ("caller<sip:caller@example.com>;tag=323", "caller sip:caller@example.com 323"),
    ("Doe; John <sip:a@b>;tag=7", "Doe; John sip:a@b 7"),
    ("sip:a@b;+sip.instance=\"<urn:gsma:imei:1>\";tag=6", "- sip:a@b 6"),
  ]) func nameAddr(text: String, expected: String) throws {
    let address = try #require(NameAddr(Text(text)))
    let parts: [Text] = [address.displayName ?? "-", address.uriText, address.tag ?? "-"]
    #expect(parts.strings.joined(separator: " ") == expected)
  }

  /// RFC 3261 §10.2.4: other devices have times of their own.
  @Test(
    arguments: [
      ("<sip:a@h>;expires=600, <sip:b@h>;expires=7200", 600), ("<sip:b@h>;expires=7200, <sip:a@h>", 300),
      ("<sip:b@h>;expires=7200", 7200),
      ("<sip:x@h>;+sip.instance=\"<urn:1>\";reg-id=9;expires=60, <sip:y@h>;+sip.instance=\"<urn:1>\";expires=90", 90),
      ("<sip:x@h>;+sip.instance=\"<urn:1>\";expires=60, <sip:b@h>;expires=90", 60),
    ] as [(String, UInt64)]) func theExpiryOfItsOwnContact(contacts: String, expiry: UInt64) throws
  {
    func message(_ line: String, _ contact: String) throws -> SIPMessage {
      try parse(
        Array("\(line)\r\nExpires: 300\r\nContact: \(contact)\r\nCSeq: 1 REGISTER\r\nCall-ID: 1\r\n\r\n".utf8))
    }
    let request = try message(
      "REGISTER sip:h SIP/2.0", "<sip:old@h>;expires=0, <sip:a@h>;+sip.instance=\"<urn:1>\";expires=900")
    #expect(request.requestedExpiry == 900 && !request.takesAway)
    #expect(try message("SIP/2.0 200 OK", contacts).grantedExpiry(to: request) == expiry)
  }

  @Test(arguments: ["", "*", "<sip:a@b", "\"A <sip:a@b>", "bob", "<>", "<bob>", "\"A\" sip:a@b", "sip:", "<sip:@>"])
  func brokenNameAddr(text: String) { #expect(NameAddr(Text(text)) == nil) }

  @Test func uriParts() throws {
    let uri = try #require(SIPURI("SIPS:al;day=1:pw@[2001:db8::1]:5061;Transport=TCP;lr?to=a%40b"))
    #expect(uri.scheme == "SIPS" && uri.user == "al;day=1" && uri.password == "pw" && uri.host == "[2001:db8::1]")
    #expect(
      uri.port == 5061 && uri.parameters["transport"] == "TCP" && uri.parameters.has("LR") && uri.headers == "to=a%40b")
    #expect(uri.parameters["lr"] == nil && uri.parameters[Text("TRANSPORT")] == "TCP")
    #expect(
      SIPURI("sip:h")?.user == nil && SIPURI("sip:h")?.host == "h"
        && SIPURI("sip:h;a;b=c")?.parameters.count { _ in true } == 2)
    #expect(SIPURI("urn:service:sos")?.host == "service:sos" && SIPURI("tel:112")?.host == "")
    for broken in ["sip", ":a", "sip:a@", "sip:a@h:1x", "s p:a", "sip:a@h x"] { #expect(SIPURI(Text(broken)) == nil) }
  }

  @Test(arguments: [
    ("sip:USER@Host:5060;x=y?a=b", "sip:USER@host"), ("SIP:a:secret@H", "sip:a@h"),
    ("sip:%61%6c%40x@h", "sip:al%40x@h"), ("sip:%2B49@h", "sip:%2b49@h"),
    ("tel:+1-(212).555;phone-context=x", "tel:+1212555"), ("sip:+1-212@h;user=phone", "sip:+1212@h"),
    ("sip:anna-lena@h;user=phone", "sip:anna-lena@h"), ("sip:a-b@h", "sip:a-b@h"), ("sip:Home.Net", "sip:home.net"),
    ("<sip:a@B>", "sip:a@b"), ("  sip:a@B ", "sip:a@b"), ("not a uri", "not a uri"), ("sip:a%@h", "sip:a%@h"),
    ("sip:a%4", "sip:a%4"), ("urn:Service:sos", "urn:Service:sos"), ("sip:a@[2001:DB8::1]", "sip:a@[2001:db8::1]"),
  ]) func addressOfRecord(text: String, expected: String) {
    #expect(Text(text).addressOfRecord.string == expected)
    #expect(Text(text).addressOfRecordFingerprint == Fingerprint(of: Text(expected)))
  }

  @Test func contactsAndWildcard() throws {
    let message = try register("Contact: <sip:a@h>;expires=60, <sip:b@h>", "Expires: 10")
    #expect(message.contacts.map { $0.uri.user?.string } == ["a", "b"] && message.requestedExpiry == 60)
    #expect(try register("m: <sip:a@h>", "Expires: 10").requestedExpiry == 10)
    #expect(try register("m: <sip:a@h>").requestedExpiry == nil)
    let wildcard = try register("Contact: *", "Expires: 0")
    #expect(wildcard.isWildcardContact && wildcard.contacts.isEmpty && wildcard.requestedExpiry == 0)
    #expect(!message.isWildcardContact)
  }

  @Test func digest() throws {
    let message = try register(
      "Authorization: Digest username=\"a@h\", realm=\"h\",nonce=\"x,\\\"y=\" , URI=\"sip:h\",\r\n response=\"00\", algorithm=AKAv1-MD5,"
        + "integrity-protected = no, qop=auth, nc=00000001, cnonce=\"c\", opaque=\"\", auts=\"AA==\"",
      "WWW-Authenticate: Digest realm=\"h\", IK=\"00\", ck=01", "Authorization: ",
      "Authentication-Info: nextnonce=\"n\", rspauth=\"r\"")
    let digest = try #require(message.authorization.first)
    #expect(message.authorization.count == 1 && digest.scheme == "Digest")
    #expect(digest.username == "a@h" && digest.realm == "h" && digest.nonce == "x,\"y=" && digest.uri == "sip:h")
    #expect(digest.response == "00" && digest.algorithm == "AKAv1-MD5" && digest.integrityProtected == "no")
    #expect(
      digest.qop == "auth" && digest.nc == "00000001" && digest.cnonce == "c" && digest.opaque == ""
        && digest.auts == "AA==")
    #expect(digest["missing"] == nil && digest.parameters.first("realm")?.isQuoted == true)
    #expect(message.wwwAuthenticate[0].ik == "00" && message.wwwAuthenticate[0].ck == "01")
    #expect(message.authenticationInfo[0].nextNonce == "n" && message.authenticationInfo[0].rspauth == "r")
  }

  @Test func securityMechanisms() throws {
    let message = try register(
      "Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; prot=esp; mod=trans; spi-c=4294967295; spi-s=4294967296;"
        + " port-c=65535; port-s=65536, tls;q=0.1", "security-client: ipsec-3gpp;alg=hmac-md5-96", "Security-Verify: ;x"
    )
    let first = message.securityClient[0]
    #expect(message.securityClient.map(\.mechanism).strings == ["ipsec-3gpp", "tls", "ipsec-3gpp"] && first.isIPsec)
    #expect(first.alg == "hmac-sha-1-96" && first.ealg == "aes-cbc" && first.prot == "esp" && first.mod == "trans")
    #expect(first.spiC == .max && first.spiS == nil && first.portC == .max && first.portS == nil)
    #expect(message.securityClient[1].q == "0.1" && message.securityVerify.isEmpty && message.securityServer.isEmpty)
  }

  @Test func routes() throws {
    let message = try register(
      "Path: <sip:p1;lr>,<sip:p2;lr>", "path: <sip:p3;lr>", "Service-Route: <sip:orig@s:6060;lr>", "Route: <sip:r;lr>",
      "Record-Route: <sip:rr;lr>", "P-Associated-URI: <sip:a@h>, <tel:+1>")
    #expect(message.path.map { $0.uri.host.string } == ["p1", "p2", "p3"])
    #expect(message.serviceRoute[0].uri.port == 6060 && message.serviceRoute[0].uri.parameters.has("lr"))
    #expect(message.route.count == 1 && message.recordRoute.count == 1 && message.associatedURI.count == 2)
  }

  @Test func keysJoinCopiesOfARequest() throws {
    let inner = try parse(Array(plainRegister.utf8)).keys
    #expect(inner.viaCount == 2 && inner.cseq == 1 && inner.method == .register)
    #expect(inner.topBranch == Fingerprint(of: "z9hG4bK1") && inner.bottomBranch == Fingerprint(of: "z9hG4bKue"))
    #expect(inner.callID == Fingerprint(of: "abc@10.0.0.7") && inner.fromTag == Fingerprint(of: "a1"))
    #expect(inner.toAOR == Fingerprint(of: "sip:alice@hims.net"))
    let outer = try register(
      "v: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKue", "t: Alice <SIP:%61lice@HIMS.net:5060;x=y>;tag=b"
    ).keys
    #expect(
      outer.bottomBranch == inner.bottomBranch && outer.topBranch == inner.bottomBranch && outer.toAOR == inner.toAOR)
    #expect(outer.callID == .empty && outer.cseq == 0 && outer.fromTag == .empty)
    let answer = try parse(wire("SIP/2.0 200 OK", "CSeq: 7 REGISTER", "Via: junk", "", "")).keys
    #expect(answer.method == .register && answer.viaCount == 1 && answer.topBranch == .empty && answer.cseq == 7)
  }

  @Test(arguments: [
    "Via: SIP / 2.0 / TLS Host\r\n : 5061 ; branch = \"a;b\" ;x",
    "v: SIP/2.0/UDP [2001:DB8::1];branch=a,SIP/2.0/UDP h;branch",
    "Via: ,SIP/2.0/UDP h:1;BRANCH=q,, SIP/2.0/TCP \"odd, one\" ;branch=z", "Via: \"", "Via: SIP/2.0/UDP [::1",
    "v: SIP/2.0/UDP",
    "From: \"a\\\"<;tag=1\" <sip:a;tag=2@b> ; TAG = 3", "f: sip:a@b;tag=\"x\"", "f: <sip:a@b>;tagged=1;tag", "f: \"",
    "f: <",
    "t: \"x\"y <sip:a@b>", "t: sip:A@B;tag=1", "t: Name < sip:%41@B >", "t: tel:+1-2", "t:", "t: <sip:>", "t: \"a\\",
  ]) func keysAgreeWithHeaders(line: String) throws {
    compareKeysWithHeaders(try register(line))
    compareKeysWithHeaders(try register(line, line, plainRegister.components(separatedBy: "\r\n")[1]))
  }
}
