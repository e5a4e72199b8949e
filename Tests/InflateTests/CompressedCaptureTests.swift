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

/// What a reader makes of a file.
private struct Reading {
  var packets: UInt32 = 0
  var issues: [CaptureIssue] = []
  var failure: InputError?

  init(_ file: BlockFile) {
    do throws(InputError) {
      var reader = try CaptureReader(file)
      while reader.next() != nil {}
      packets = reader.packets
      issues = reader.issues
    } catch {
      failure = error
    }
  }
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

  /// Cut anywhere, the packets are those of what was unpacked to the break, and the break is told once.
  @Test(arguments: Packed.allCases, ["aka-registration.pcapng", "seed-registration.pcap"])
  func readsPacketsUpToTheBreakAndSaysWhereItIs(_ packed: Packed, _ name: String) throws {
    let bytes = try Files.sample(name)
    for size in [bytes.count, 700] {
      let members = packed.pack(bytes, by: size)
      var counts: Set<UInt32> = []
      for place in 1...60 {
        let cut = Array(members.prefix(members.count * place / 61))
        let file = inflated(cut)
        while file.fill(file.available + 1) {}
        let plain = file.span.array
        #expect(bytes.starts(with: plain))
        let expected = Reading(BlockFile(bytes: plain))
        let found = Reading(inflated(cut))
        #expect(found.packets == expected.packets, "cut at \(cut.count)")
        counts.insert(found.packets)
        // Where members meet, only the capture is cut.
        guard let damage = file.damages.entries.first else {
          #expect(found.issues == expected.issues)
          continue
        }
        let issue = CaptureIssue(reason: damage.reason, offset: damage.offset, isCompressed: true)
        #expect(damage.offset == UInt64(cut.count))
        #expect(found.failure == nil ? found.issues == [issue] : found.failure?.reason == "\(damage)")
      }
      if size == 700 { #expect(counts.count > 5) }
    }
  }

  @Test(arguments: Packed.allCases) func aCheckSumIsNamedBesideWhatTheCaptureLacks(_ packed: Packed) throws {
    var first = packed.pack(Array(try Files.sample("seed-registration.pcap").dropLast(10)))
    first[first.count - (packed == .gzip ? 8 : 1)] ^= 1
    let found = Reading(inflated(first + [0, 0, 7]))
    #expect(found.packets > 10)
    #expect(found.issues.map(\.isCompressed) == [false, true, true])
    #expect(found.issues.first?.reason.hasPrefix("file ends inside packet ") == true)
    #expect(found.issues.last?.reason == "what follows \(packed.unit) 1 is not compressed")
  }

  /// A damaged place is not one that an offset of the unpacked bytes could be taken for.
  @Test func theReportSaysThatAnOffsetIsThatOfTheCompressedFile() throws {
    let bytes = try Files.sample("seed-registration.pcap")
    let packed = Packed.gzip.pack(bytes)
    let text = report(inflated(packed + [7]))
    #expect(text.contains("\"format\":\"pcap\""))
    #expect(text.contains("\"bytes\":\(bytes.count),"))
    #expect(
      text.contains(
        "{\"reason\":\"what follows gzip member 1 is not compressed\",\"offset\":\(packed.count),\"compressed\":true}"))
  }

  @Test(arguments: Packed.allCases) func whatUnpacksToNothingIsEmpty(_ packed: Packed) {
    for bytes in [packed.pack([]), packed.pack([]) + packed.pack([]) + [0, 0], Packed.skippableFrame] {
      #expect(Reading(inflated(bytes)).failure == InputError(.empty, path: "memory", reason: "unpacks to nothing"))
    }
  }

  @Test(arguments: Packed.allCases, Packed.allCases)
  func whatIsCompressedTwiceIsNamedSo(_ inner: Packed, _ outer: Packed) throws {
    let twice = outer.pack(inner.pack(try Files.sample("seed-registration.pcap")))
    let words = "is compressed twice: it unpacks to a \(inner.rawValue) archive, not to a capture; unpack it first"
    #expect(Reading(inflated(twice)).failure?.reason == words)
  }

  @Test func aCaptureBehindASkippableFrameIsRead() throws {
    let bytes = try Files.sample("seed-registration.pcap")
    for magic in UInt8(0x50)...0x5f {
      let skippable = [magic] + Packed.skippableFrame.dropFirst()
      #expect(report(inflated(skippable + Packed.zstd.pack(bytes))) == report(BlockFile(bytes: bytes)))
    }
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
