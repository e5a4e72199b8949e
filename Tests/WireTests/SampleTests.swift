import Foundation
import IMSBytes
import IMSCapture
import IMSWire
import TestSupport
import Testing

@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct SampleTests {
  @Test(arguments: Files.captures(in: "lab") + Files.captures(in: "public"))
  func walksEveryCapture(file: URL) throws {
    var reader = try CaptureReader(BlockFile(path: file.path))
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
    if file.lastPathComponent == "merged.pcapng" { #expect(payloads > 0) }
  }
}
