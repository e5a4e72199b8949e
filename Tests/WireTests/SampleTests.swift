import IMSBytes
import IMSCapture
import IMSWire
import Testing

@Suite(.enabled(if: SampleCaptures.isPresent, Comment(rawValue: SampleCaptures.absent))) struct SampleTests {
  @Test(arguments: SampleCaptures.lab + SampleCaptures.published) func walksEveryCapture(name: String) throws {
    var reader = try CaptureReader(BlockFile(path: SampleCaptures.path(name)))
    var dissector = Dissector(input: 0)
    var payloads = 0
    func take(_ payload: borrowing Payload) -> Taken {
      payloads += 1
      let count = payload.bytes.byteCount
      // Half of it, so that the streams have to keep something.
      return Taken(bytes: count / 2, wanted: 40)
    }
    while let frame = reader.next() { dissector.feed(frame, take) }
    dissector.finish(take)
    #expect(dissector.census.frames == UInt64(reader.packets))
    if name.hasPrefix("lab") { #expect(payloads > 0) }
  }
}
