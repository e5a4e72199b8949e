import Foundation
import IMSBytes
import IMSCapture
import TestSupport
import Testing

@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct SampleTests {
  @Test(arguments: Files.captures(in: "lab").filter { $0.lastPathComponent == "merged.pcapng" })
  func readsEveryPacketOfTheLab(file: URL) throws {
    var reader = try CaptureReader(BlockFile(path: file.path))
    while let frame = reader.next() { #expect(frame.bytes.byteCount <= Int(frame.originalLength)) }
    let scenario = file.deletingLastPathComponent().lastPathComponent
    let expected = try #require(Files.packetCounts[scenario])
    #expect(reader.packets == expected)
    #expect(reader.issues.isEmpty)
    #expect(reader.interfaces.reduce(0) { $0 + $1.packets } == expected)
  }

  @Test(arguments: Files.captures(in: "public")) func readsEveryPublishedCapture(file: URL) throws {
    var reader = try CaptureReader(BlockFile(path: file.path))
    while reader.next() != nil {}
    #expect(reader.packets > 0)
    // One recorder tells that it could not follow.
    #expect(reader.issues.allSatisfy { $0.reason.hasPrefix("the recorder itself lost") })
    #expect(reader.skipped == 0 && reader.losses == 0)
  }
}
