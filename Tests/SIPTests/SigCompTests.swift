import IMSBytes
import IMSSIP
import Testing

@Suite struct SigCompTests {
  private static func recognise(_ bytes: [UInt8], isCut: Bool = false) -> Bool {
    SigComp.recognise(bytes.span.bytes, isCut: isCut)
  }

  private static let rest = [UInt8](repeating: 0xa5, count: 20)

  @Test(
    arguments: [
      // Code of four octets for destination 2; a partial identifier of 6, 9 and 12 octets; NACK.
      [0xf8, 0x00, 0x42, 1, 2, 3, 4], [0xf9] + rest.prefix(6), [0xfa] + rest.prefix(9), [0xfb] + rest.prefix(12),
      [0xf8, 0x00, 0x01, 9, 9],
      // The same behind a feedback item of one octet, and of three.
      [0xfc, 0x01, 0x00, 0x42, 1, 2, 3, 4], [0xfe, 0x82, 7, 7] + rest.prefix(9),
    ] as [[UInt8]])
  func aHeaderIsRecognised(_ bytes: [UInt8]) {
    #expect(Self.recognise(bytes))
    #expect(Self.recognise(bytes + Self.rest))
    #expect(Self.recognise(Array(bytes.prefix(4)), isCut: true))
  }

  @Test(
    arguments: [
      [], [0xf9], [0xf7] + rest, Array("REGISTER".utf8), [0xf9] + rest.prefix(5), [0xfb] + rest.prefix(11),
      // Code that is longer than what follows; reserved destinations; an item that is longer than all of it.
      [0xf8, 0x00, 0x52, 1, 2, 3, 4], [0xf8, 0x00, 0x40, 1, 2, 3, 4], [0xf8, 0x00, 0x02, 1, 2],
      [0xfc, 0xff, 0x00, 0x42, 1, 2],
    ] as [[UInt8]])
  func somethingElseIsNot(_ bytes: [UInt8]) {
    #expect(!Self.recognise(bytes))
  }
}
