import IMSBytes
import IMSSIP
import Testing

@Suite struct RedactionTests {
  static let hex = "00112233445566778899aabbccddeeff"

  @Test(arguments: [
    ("Digest realm=\"h\", ck=\"\(hex)\", ik=\"\(hex)\"", "Digest realm=\"h\", ck=\"‹16 bytes›\", ik=\"‹16 bytes›\""),
    ("Digest ck=\"\(hex)\", ik=d48d, a=\"b\"", "Digest ck=\"‹16 bytes›\", ik=‹2 bytes›, a=\"b\""),
    ("Digest CK=\(hex),Ik=\(hex.uppercased()) ,a=b", "Digest CK=‹16 bytes›,Ik=‹16 bytes› ,a=b"),
    ("Digest ck \t= \"\(hex)\"", "Digest ck  = \"‹16 bytes›\""),
    ("Digest ck\r\n =\r\n \"\(hex)\"", "Digest ck = \"‹16 bytes›\""),
    ("Digest ck=\"abc\"", "Digest ck=\"‹key›\""), ("Digest ik=zz top, a=b", "Digest ik=‹key›, a=b"),
    ("Digest ck=\"\(hex)", "Digest ck=\"‹16 bytes›"), ("ck=\(hex)", "ck=‹16 bytes›"),
    ("Digest a=\"x, ck=\(hex)", "Digest a=\"x, ck=‹16 bytes›"),
    ("Digest nonce=\"ab/ck=\", lock=\"1\", ck1=2", "Digest nonce=\"ab/ck=\", lock=\"1\", ck1=2"),
    ("Digest a=\"\\\"\", ck=\"00\"", "Digest a=\"\\\"\", ck=\"‹1 bytes›\""), ("Digest ck=\"\"", "Digest ck=\"\""),
    ("ck", "ck"), ("ck=", "ck="), ("", ""),
  ]) func credentials(value: String, expected: String) {
    for name: HeaderName in [.wwwAuthenticate, .authorization, .authenticationInfo, .proxyAuthenticate] {
      #expect(Redaction.redacted(headerValue: Text(value), of: name) == expected)
    }
  }

  @Test func otherHeadersLoseOnlyWhatLooksLikeAKey() {
    #expect(Redaction.redacted(headerValue: "<sip:a@b>;ck=1", of: .contact) == "<sip:a@b>;ck=1")
    #expect(Redaction.redacted(headerValue: Text("x; ik=\(Self.hex)"), of: "X-Keys") == "x; ik=‹16 bytes›")
  }
}
