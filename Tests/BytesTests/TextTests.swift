import IMSBytes
import Testing

@Suite struct TextTests {
  @Test func comparesWithoutRegardToCaseOnlyInASCII() {
    #expect(Text("Via").equalsIgnoringCase("vIA"))
    #expect(!Text("Via").equalsIgnoringCase("Viá"))
    #expect(Text("[x]") != Text("{x}"))
    #expect(!Text("[").equalsIgnoringCase("{"))
  }

  @Test func readsNumbersUpToTheLimitOfUInt64() {
    #expect(Text("18446744073709551615").number == .max)
    #expect(Text("18446744073709551616").number == nil)
    #expect(Text("").number == nil)
    #expect(Text("-1").number == nil)
  }

  @Test func showsControlCharactersAsReplacement() {
    #expect(Text([0x61, 0x1b, 0x5b, 0x62]).string == "a\u{FFFD}[b")
    #expect(Text("a\u{7f}b\u{85}c\u{9f}").string == "a\u{FFFD}b\u{FFFD}c\u{FFFD}")
    #expect(Text("‹16 bytes› → é\u{a0}").string == "‹16 bytes› → é\u{a0}")
    #expect(Text([0x61, 0x85, 0xc2, 0x62]).string == "a\u{FFFD}\u{FFFD}b")
  }
}

@Suite struct AddressTests {
  @Test(arguments: [
    ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
    ("[2001:db8:0:0:0::1]", "2001:db8::1"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::ffff:10.0.0.1", "::ffff:a00:1"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("fe80::1:2:3:4", "fe80::1:2:3:4"),
  ]) func ipv6(text: String, expected: String) throws {
    let address = try #require(Text(text).ipv6)
    #expect(AddressText.ipv6(high: address.high, low: address.low) == expected)
  }

  @Test(arguments: [
    "", ":", ":::", "1", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "[]", "[::",
    "10.0.0.1",
    "1:2:3:4:5:6:7:10.0.0.1", "::10.0.0", "1:2:3:4:5:6:7:8::", "host",
  ]) func brokenIPv6(text: String) { #expect(Text(text).ipv6 == nil) }

  @Test func ipv4() {
    #expect(Text("10.20.0.255").ipv4 == 0x0a14_00ff && AddressText.ipv4(0x0a14_00ff) == "10.20.0.255")
    for broken in ["", "1.2.3", "1.2.3.", "1.2.3.256", "1.2.3.4.5", "a.b.c.d", "1..2.3", "0001.2.3.4"] {
      #expect(Text(broken).ipv4 == nil)
    }
  }
}
