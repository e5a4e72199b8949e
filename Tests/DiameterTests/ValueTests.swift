import IMSBytes
import IMSDiameter
import Testing

@Suite struct ValueTests {
  func rendered(_ bytes: [UInt8], revealKeys: Bool = false) throws -> String {
    try #require(parse(message(bytes)).avps.first { _ in true }).rendered(revealKeys: revealKeys)
  }

  @Test(arguments: [
    (avp(1, "alice"), "alice"), (avp(268, 2001), "2001"), (avp(268, "xx"), "0x7878"),
    (avp(277, 1), "1 NO_STATE_MAINTAINED"),
    (avp(614, vendor: 10415, 2), "2 RE_REGISTRATION"), (avp(614, vendor: 10415, 99), "99"), (avp(279, []), "{…}"),
    (avp(257, [0, 1, 10, 20, 0, 5]), "10.20.0.5"), (avp(257, [0, 3, 1]), "0x000301"), (avp(257, []), ""),
    (avp(257, [0, 2, 0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]), "2001:db8::1"),
    (avp(287, [0, 0, 0, 1, 0, 0, 0, 0]), "4294967296"), (avp(55, 3_913_056_000), "2024-01-01T00:00:00Z"),
    (avp(55, 0), "2036-02-07T06:28:16Z"), (avp(606, vendor: 10415, "<x/>\n"), "<x/>\u{FFFD}"),
    (avp(33, [0, 255]), "0x00ff"),
    (avp(999, vendor: 77, "text"), "text"), (avp(999, vendor: 77, [1]), "0x01"),
    (avp(609, vendor: 10415, [1, 2]), "0x0102"),
  ]) func values(avp: [UInt8], text: String) throws { #expect(try rendered(avp) == text) }

  @Test(
    arguments: [
      (610, 10415), (625, 10415), (626, 10415), (121, 0), (121, 10415), (663, 10415), (625, 0), (511, 13019),
      (1192, 193),
    ]
      as [(UInt32, UInt32)])
  func keysAreNotShown(code: UInt32, vendor: UInt32) throws {
    let bytes = avp(code, vendor: vendor, [UInt8](repeating: 0xab, count: 16))
    #expect(try rendered(bytes) == "‹16 bytes›")
    #expect(try rendered(bytes, revealKeys: true) != "‹16 bytes›")
  }

  /// A group that the dictionary lacks would be written as the octets of all that is in it: one of another application
  /// (1413 of S6a), one whose V-bit was forgotten, one within another.
  @Test(arguments: [(1413, 10415), (612, 0), (612, 13_019), (999, 10415)] as [(UInt32, UInt32)])
  func keysInUnknownGroupsAreNotShown(code: UInt32, vendor: UInt32) throws {
    let key = avp(1450, vendor: 10415, [UInt8](repeating: 0xab, count: 32))
    for content in [key, avp(998, vendor: 10415, key)] {
      let bytes = avp(code, vendor: vendor, content)
      #expect(try rendered(bytes) == "‹\(content.count) bytes›")
      #expect(try rendered(bytes, revealKeys: true).contains("abab"))
    }
  }

  @Test func otherUnknownGroupsAreShown() throws {
    #expect(try rendered(avp(999, vendor: 10415, avp(1, "alice"))).hasPrefix("0x00000001"))
  }
}
