import Foundation
import IMSForge
import TestSupport
import Testing

/// Compressed and filtered inputs, as a user gives them.
@Suite struct CompressedInputTests {
  private func report(_ result: Tool.Result) -> String { result.output.replacing(#/"path":"[^"]*"/#, with: "") }

  @Test(arguments: Packed.allCases) func theReportIsThatOfTheUncompressedCapture(_ packed: Packed) throws {
    let bytes = try Tool.bytes(Tool.sample)
    let whole = try Tool.run("check", "--format", "json", Tool.sample)
    for members in [packed.pack(bytes), packed.pack(bytes, by: 777)] {
      let result = try Tool.withFile(members) { try Tool.run("check", "--format", "json", $0) }
      #expect(result.status == 1)
      #expect(result.complaints.isEmpty)
      #expect(report(result) == report(whole))
    }
  }

  @Test(arguments: Packed.allCases) func aCompressedPipeIsACaptureLikeAnyOther(_ packed: Packed) throws {
    let expected = try Tool.run("check", Tool.wrongKey).output
    try Tool.withFile(packed.pack(Tool.bytes(Tool.wrongKey), by: 5000)) { (path: String) throws -> Void in
      try Tool.withFile([]) { (output: String) throws -> Void in
        #expect(try Tool.shell(#"cat "$1" | "$0" check - >'\#(output)'"#, path) == 1)
        #expect(String(decoding: try Tool.bytes(output), as: UTF8.self) == expected)
      }
    }
  }

  /// What was unpacked to the break decides the exit code; where that is no capture yet, 3.
  @Test(arguments: Packed.allCases) func cutAtFiftyPlaces(_ packed: Packed) throws {
    let bytes = try Tool.bytes(Tool.sample)
    let members = packed.pack(bytes, by: 3000)
    var statuses: Set<Int32> = []
    for place in 1...50 {
      let length = members.count * place / 51
      let result = try Tool.withFile(Array(members.prefix(length))) { try Tool.run("check", $0) }
      statuses.insert(result.status)
      #expect(result.status == (result.output.contains("  error   ") ? 1 : result.output.contains("#1 ") ? 0 : 3))
      #expect(result.complaints.contains("file ends inside "), "cut at \(length): \(result.complaints)")
    }
    #expect(statuses == [0, 1, 3])
  }

  @Test(arguments: Packed.allCases) func flippedAtFiftyPlaces(_ packed: Packed) throws {
    let members = packed.pack(try Tool.bytes(Tool.sample), by: 3000)
    for place in 1...50 {
      var damaged = members
      damaged[members.count * place / 51] ^= 0x10
      let result = try Tool.withFile(damaged) { try Tool.run("check", $0) }
      #expect([0, 1, 3].contains(result.status), "byte \(members.count * place / 51)")
      if result.status == 3 { #expect(result.complaints.hasPrefix("imstrace: ")) }
    }
  }

  @Test(arguments: Packed.allCases) func aWrongCheckSumIsToldAndTheCaptureJudged(_ packed: Packed) throws {
    let whole = try Tool.run("check", "--format", "json", Tool.sample)
    var members = packed.pack(try Tool.bytes(Tool.sample))
    members[members.count - (packed == .gzip ? 8 : 4)] ^= 1
    let result = try Tool.withFile(members) { try Tool.run("check", "--format", "json", $0) }
    #expect(result.status == 1)
    #expect(
      report(result).replacing(#/"issues":\[\{"reason":"(gzip|zstd) .*?,"compressed":true}\]/#, with: "\"issues\":[]")
        == report(whole))
    #expect(result.complaints.contains(": \(packed.unit) 1 is damaged: "))
    #expect(result.complaints.hasSuffix("); what could be read was analysed\n"))
  }

  @Test func whatFollowsAGzipIsIgnoredWhereItIsZeroAndToldOtherwise() throws {
    let packed = Packed.gzip.pack(try Tool.bytes(Tool.sample))
    let padded = try Tool.withFile(packed + [UInt8](repeating: 0, count: 9000)) { try Tool.run("check", $0) }
    #expect(padded.status == 1 && padded.complaints.isEmpty)
    let garbage = try Tool.withFile(packed + Array("garbage".utf8)) { try Tool.run("check", $0) }
    #expect(garbage.status == 1)
    #expect(garbage.complaints.contains("what follows gzip member 1 is not compressed (at byte \(packed.count))"))
  }

  @Test func whatHoldsNoCaptureIsThree() throws {
    let gzip = Packed.gzip.pack(try Tool.bytes(Tool.sample))
    for (bytes, words) in [
      (Packed.gzip.pack([]), "unpacks to nothing"), (Packed.zstd.pack(gzip), "is compressed twice"),
      (Array(gzip.prefix(2)), "compressed file ends inside gzip member 1 (at byte 2)"),
      (Packed.zstd.pack(Array("no capture at all".utf8)), "is neither pcap nor pcapng"),
    ] {
      let result = try Tool.withFile(bytes) { try Tool.run($0) }
      #expect(result.status == 3)
      #expect(result.complaints.contains(words), "\(result.complaints)")
      #expect(result.complaints.split(separator: "\n").count == 1)
    }
  }
}

@Suite struct FilterOptionTests {
  @Test func aBadFilterIsTwoBeforeAnyInputIsOpened() throws {
    let result = try Tool.run("check", "--filter", "host 10.0.0.1 and", "/no/such/file")
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.complaints.hasPrefix("imstrace: bad filter 'host 10.0.0.1 and': "))
    #expect(result.complaints.contains("syntax error"))
    #expect(!result.complaints.contains("no such file"))
  }

  @Test(arguments: ["check", "flows", "ladder", "dump"]) func everyCommandFilters(_ verb: String) throws {
    let all = try Tool.run(verb, Tool.sample, "--filter", "ip or ip6 or not ip")
    #expect(all.output == (try Tool.run(verb, Tool.sample).output))
    let none = try Tool.run(verb, Tool.sample, "--filter", "host 192.0.2.1")
    #expect(none.status == 3)
    #expect(none.complaints.contains("the filter keeps out all 146 packets"))
  }

  @Test func frameNumbersStayThoseOfTheFile() throws {
    let packed = Packed.zstd.pack(try Tool.bytes(Tool.sample))
    let whole = try Tool.run("dump", Tool.sample).output.split(separator: "\n")
    let filtered = try Tool.withFile(packed) { try Tool.run("dump", $0, "--filter", "not port 3868 and not port 53") }
    let sip = filtered.output.split(separator: "\n")
    // The first column counts the messages that were found.
    let bare = { (line: Substring) in line.drop { $0 == " " }.drop { $0.isNumber } }
    #expect(!sip.isEmpty && sip.count < whole.count)
    #expect(Set(sip.map(bare)).isSubset(of: whole.map(bare)))
  }

  /// A filter that is right for another link type is no wrong usage, and says which frames it left out.
  @Test func framesThatTheFilterCannotBeAskedOfAreTold() throws {
    let result = try Tool.run("flows", "--filter", "inbound", Tool.sample)
    #expect(result.status == 3)
    #expect(
      result.complaints.contains("the filter cannot be asked of link type EN10MB, frames left out: inbound/outbound"))
    #expect(result.complaints.contains("(146 packets)"))
    let both = try Tool.run("check", "--filter", "ether host 02:00:00:00:00:01 or ip", Tool.sample)
    #expect(both.status == 1 && both.complaints.isEmpty)
  }
}

/// The files of a recorder, as `tcpdump -C` or `editcap -c` leave them.
@Suite struct RotatedInputTests {
  @Test func theReportIsThatOfTheOneFile() throws {
    let capture = try CaptureEditor(Tool.bytes(Tool.sample))
    let folder = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try [0..<40, 40..<80, 80..<110, 110..<146].enumerated().map { number, range in
      let path = folder.appending(path: "core.pcapng\(number == 0 ? "" : "\(number)")").path
      let bytes = CaptureWriter().pcapng(capture.records[range], interfaces: capture.interfaces)
      try Data(bytes).write(to: URL(filePath: path))
      return path
    }
    let whole = try Tool.run("check", Tool.sample)
    let result = try Tool.run(["check"] + files)
    #expect(result.status == whole.status)
    #expect(result.complaints.isEmpty)
    func lines(_ text: String) -> [String] {
      let lines = text.replacing(#/\(frames? [^)]*\)/#, with: "").split(separator: "\n").map(String.init)
      return Array(lines.prefix { $0 != "Inputs" })
    }
    #expect(lines(result.output) == lines(whole.output))
    #expect(result.output.contains("core.pcapng2: 30 packets, continues 1"))
    // The 401 to the UE is frame 89 of the whole capture.
    #expect(whole.output.contains("(frame 89)") && result.output.contains("(frame 2:9)"))
    let list = try Tool.run(["dump"] + files).output
    #expect(list.contains("2:9 "))
    let group = try Tool.run(["flows", "--by", "call-id"] + files).output
    #expect(group.contains(#/\n +2:\d+ /#) && group.contains(#/\n +3:\d+ /#))
  }
}
