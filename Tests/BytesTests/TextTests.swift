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
  }
}
