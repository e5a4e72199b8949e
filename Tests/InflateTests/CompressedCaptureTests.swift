import Foundation
import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSInflate
import IMSRules
import IMSViews
import TestSupport
import Testing

/// Everything that is said of an input.
private func report(_ file: BlockFile) -> String {
  var view = JSONView(.ndjson, profile: .field, version: "0")
  var text = view.begin()
  let run = Analyzer().run([.file(file)]) { text += view.registration($0) }
  return text + view.end(run)
}

private func inflated(_ bytes: [UInt8], chunk: Int = .max) -> BlockFile {
  BlockFile(InflatingSource(MemorySource(bytes, chunk: chunk)))
}

@Suite struct CompressedCaptureTests {
  @Test(arguments: Files.sampleCaptures, Packed.allCases)
  func givesTheReportOfTheUncompressedCapture(_ sample: URL, _ packed: Packed) throws {
    let bytes = try Files.bytes(sample)
    let expected = report(BlockFile(bytes: bytes))
    #expect(report(inflated(packed.pack(bytes))) == expected)
    #expect(report(inflated(packed.pack(bytes, by: 5000), chunk: 100)) == expected)
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func theCompressedVariantGivesTheReportOf01b() throws {
    let lab = try #require(Files.lab)
    let whole = report(try openInput(lab.appending(path: "01b-aka-udp-uar2/merged.pcapng").path))
    let packed = report(try openInput(lab.appending(path: "variants-of-01b/merged.pcapng.gz").path))
    let path = { (text: String) in text.replacing(#/"path":"[^"]*"/#, with: "") }
    #expect(path(packed) == path(whole))
    #expect(whole.contains("\"registered\""))
  }

  @Test func openInputReadsFilesOfEveryKind() throws {
    let bytes = try Files.sample("aka-registration.pcapng")
    for content in [bytes, Packed.gzip.pack(bytes), Packed.zstd.pack(bytes)] {
      let file = FileManager.default.temporaryDirectory.appending(path: "inflate-\(UUID().uuidString)")
      try Data(content).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      let input = try openInput(file.path)
      var reader = try CaptureReader(input)
      while reader.next() != nil {}
      #expect(reader.bytesRead == UInt64(bytes.count))
      #expect(reader.issues.isEmpty)
      #expect(input.taken == UInt64(content.count))
    }
    #expect(throws: InputError(.unreadable, path: "/nowhere/x.pcap.gz", reason: "no such file")) {
      _ = try openInput("/nowhere/x.pcap.gz")
    }
  }

  @Test(arguments: Packed.allCases) func readsPacketsUpToTheDamageAndSaysWhereItIs(_ packed: Packed) throws {
    let bytes = try Files.sample("aka-registration.pcapng")
    var whole = try CaptureReader(BlockFile(bytes: bytes))
    while whole.next() != nil {}
    let members = packed.pack(bytes, by: 2000)
    let unit = packed == .gzip ? "gzip member" : "zstd frame"
    let length = members.count * 3 / 4
    var reader = try CaptureReader(inflated(Array(members.prefix(length))))
    while reader.next() != nil {}
    #expect(reader.packets > 0 && reader.packets < whole.packets)
    let issue = try #require(reader.issues.first)
    #expect(reader.issues.count == 1)
    #expect(issue.reason.hasPrefix("compressed file ends inside \(unit) "))
    #expect(issue.offset == UInt64(length))
  }

  @Test func aCaptureThatIsDamagedBeforeItsFirstRecordIsNoCapture() throws {
    let packed = Packed.gzip.pack(try Files.sample("seed-registration.pcap"))
    let refused = #expect(throws: InputError.self) { _ = try CaptureReader(inflated(Array(packed.prefix(12)))) }
    #expect(refused?.reason == "compressed file ends inside gzip member 1 (at byte 12)")
    #expect(refused?.kind == .unreadable)
  }

  /// What was unpacked of a compressed pipe is there before the pipe goes on.
  @Test func aCompressedPipeIsReadAsItArrives() throws {
    let bytes = try Files.sample("seed-registration.pcap")
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data(Packed.gzip.pack(bytes)))
    var reader = try CaptureReader(openInput("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"))
    #expect(reader.next()?.number == 1)
    #expect(reader.next()?.number == 2)
    try pipe.fileHandleForWriting.close()
    while reader.next() != nil {}
    #expect(reader.bytesRead == UInt64(bytes.count))
    #expect(reader.issues.isEmpty)
  }
}
