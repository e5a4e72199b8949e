import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SIGINT ends the input, not the program.
extension StreamTests {
  @Test func interruptingEndsTheInputAndNotTheProgram() throws {
    let live = try Live("check", "-")
    let unfinished = Self.trace.split(separator: "\n").dropLast(3).joined(separator: "\n")
    try live.input.fileHandleForWriting.write(contentsOf: Data(try Tool.capture(unfinished)))
    live.waitUntilTaken()
    live.process.interrupt()
    let text = live.read(until: "Coverage")
    live.process.waitUntilExit()
    #expect(text.contains("#1 partial"))
    #expect(live.process.terminationStatus == 130)
    try live.input.fileHandleForWriting.close()
  }

  /// The first line of NDJSON is printed before anything is read: whoever sees it may interrupt.
  private func interrupt(after bytes: [UInt8], seen word: String = "\"type\":\"tool\"") throws -> (
    text: String, status: Int32, complaints: String
  ) {
    let live = try Live("check", "--format", "ndjson", "-")
    try live.write(bytes)
    var text = live.read(until: word)
    live.process.interrupt()
    text += live.read(until: "\"type\":\"summary\"")
    let end = live.finish()
    return (text, end.status, end.complaints)
  }

  @Test func interruptingBeforeTheFirstPacketEndsTheInput() throws {
    let capture = try Files.sample("seed-registration.pcap")
    let packed = Packed.gzip.pack(capture)
    for begin in [
      [], Array(capture.prefix(3)), Array(capture.prefix(20)), Array(packed.prefix(2)), Array(packed.prefix(8)),
    ] {
      let end = try interrupt(after: begin)
      #expect(end.status == 130, "after \(begin.count) bytes")
      #expect(end.complaints == "imstrace: standard input: was interrupted before its first packet\n")
      #expect(end.text.contains("\"failure\":\"was interrupted before its first packet\""))
      #expect(end.text.contains("\"interrupted\":true"))
    }
  }

  @Test func interruptingBehindTheFileHeaderIsNoFailureOfTheInput() throws {
    let end = try interrupt(after: Array(try Files.sample("seed-registration.pcap").prefix(24)))
    #expect(end.status == 130)
    #expect(end.text.contains("\"interrupted\":true"))
  }

  /// All bytes of the capture are there, but not the end of the member that holds them.
  @Test(arguments: Packed.allCases) func interruptingASilentCompressedPipeJudgesWhatWasRead(_ packed: Packed) throws {
    let end = try interrupt(
      after: packed.pack(try Tool.capture(Self.trace)).dropLast(4), seen: "\"outcome\":\"registered\"")
    #expect(end.status == 130)
    #expect(end.text.contains("\"interrupted\":true"))
    #expect(end.text.contains("\"issues\":[]"))
    #expect(end.complaints.isEmpty)
  }

  @Test func interruptingOneInputEndsTheOthersToo() throws {
    let live = try Live("check", "--format", "ndjson", "-", Tool.sample)
    var text = live.read(until: "\"type\":\"tool\"")
    live.process.interrupt()
    text += live.read(until: "\"type\":\"summary\"")
    #expect(live.finish().status == 130)
    #expect(text.components(separatedBy: "was interrupted before its first packet").count == 3)
  }

  #if canImport(Glibc)
    /// Nobody has opened the other end: the program waits in `open`.
    @Test func interruptingANamedPipeWithoutAWriterEndsTheInput() throws {
      let path = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())").path
      #expect(mkfifo(path, 0o600) == 0)
      defer { unlink(path) }
      let live = try Live("check", path)
      while !isAsleepAndListens(live.process.processIdentifier) { sched_yield() }
      live.process.interrupt()
      let end = live.finish()
      #expect(end.status == 130)
      #expect(end.complaints == "imstrace: \(path): was interrupted before its first packet\n")
    }

    /// As the kernel tells: it sleeps, and catches SIGINT.
    private func isAsleepAndListens(_ process: Int32) -> Bool {
      guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return true }
      let fields = status.split(separator: "\n").map { $0.split(separator: "\t", maxSplits: 1) }
      let value = { (name: String) in fields.first { $0.first?.hasPrefix(name) == true }?.last ?? "" }
      let caught = UInt64(value("SigCgt:"), radix: 16) ?? 0
      return value("State:").hasPrefix("S") && caught & 1 << (UInt64(SIGINT) - 1) != 0
    }
  #endif
}
