import IMSBytes
import IMSCapture
import Testing

@Suite(.enabled(if: SampleCaptures.isPresent, Comment(rawValue: SampleCaptures.absent))) struct SampleTests {
  @Test(arguments: SampleCaptures.lab) func readsEveryPacketOfTheLab(name: String) throws {
    var reader = try CaptureReader(BlockFile(path: SampleCaptures.path(name)))
    while let frame = reader.next() { #expect(frame.bytes.byteCount <= Int(frame.originalLength)) }
    let scenario = String(name.split(separator: "/")[1])
    let expected = try #require(SampleCaptures.packetCounts[scenario])
    #expect(reader.packets == expected)
    #expect(reader.issues.isEmpty)
    #expect(reader.interfaces.reduce(0) { $0 + $1.packets } == expected)
  }

  @Test(arguments: SampleCaptures.published) func readsEveryPublishedCapture(name: String) throws {
    var reader = try CaptureReader(BlockFile(path: SampleCaptures.path(name)))
    while reader.next() != nil {}
    #expect(reader.packets > 0)
    #expect(reader.issues.isEmpty)
  }
}
