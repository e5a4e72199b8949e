import Foundation
import IMSForge
import TestSupport
import Testing

/// Whatever it is given, the program says one clear sentence and exits as documented.
@Suite struct ExitCodeTests {
  private func oneSentence(_ result: Tool.Result, _ words: String) -> Bool {
    result.complaints.split(separator: "\n").count == 1 && result.complaints.hasPrefix("imstrace: ")
      && result.complaints.contains(words)
  }

  @Test func findingsAreOneUnlessTheyAreNotAskedFor() throws {
    #expect(try Tool.run("check", Tool.sample).status == 1)
    #expect(try Tool.run(Tool.sample).status == 1)
    #expect(try Tool.run("check", "--exit-zero", Tool.sample).status == 0)
    #expect(try Tool.run("flows", Tool.sample).status == 0)
    let clean = try Tool.capture("UE -> P: REGISTER sip:hims.net\nP -> UE: 403 Forbidden")
    try Tool.withFile(clean) { (path: String) throws -> Void in #expect(try Tool.run(path).status == 0) }
  }

  @Test func theGateCanBeMoved() throws {
    var editor = try CaptureEditor(Tool.bytes(Tool.sample))
    editor.editPackets { packet in
      // The keys that leak to the UE are the one error of this capture; without them warnings stand.
      guard packet.isUDP, packet.destination.host == HostAddress("10.10.0.2") else { return }
      packet.payload = Array(
        String(decoding: packet.payload, as: UTF8.self).replacing(/, [ci]k="[0-9a-f]*"/, with: "").utf8)
    }
    try Tool.withFile(editor.pcapng) { (path: String) throws -> Void in
      #expect(try Tool.run(path).status == 0)
      #expect(try Tool.run(path, "--fail-on", "warning").status == 1)
      #expect(try Tool.run(path, "--profile", "strict").status == 1)
    }
    #expect(try Tool.run("check", "--profile", "seed", Tool.sample).status == 0)
    #expect(try Tool.run("check", "--profile", "seed", "--fail-on", "info", Tool.sample).status == 1)
  }

  @Test func wrongUsageIsTwo() throws {
    #expect(try Tool.run("check", "--no-such-option", Tool.sample).status == 2)
    #expect(try Tool.run("check", "--format", "yaml", Tool.sample).status == 2)
    #expect(try Tool.run("explain", "VIA999").status == 2)
    let mistyped = try Tool.run("chekc", Tool.sample)
    #expect(mistyped.status == 2)
    #expect(oneSentence(mistyped, "did you mean 'check'?"))
  }

  @Test func anInputThatCannotBeReadIsThree() throws {
    let cases: [([UInt8]?, String)] = [
      ([], "is empty"), (Array("not a capture at all\n".utf8), "is neither pcap nor pcapng"), (nil, "no such file"),
    ]
    for (bytes, words) in cases {
      let result = try bytes.map { try Tool.withFile($0) { try Tool.run($0) } } ?? Tool.run("/no/such/file.pcap")
      #expect(result.status == 3)
      #expect(oneSentence(result, words), "\(result.complaints)")
    }
    let folder = try Tool.run(FileManager.default.temporaryDirectory.path)
    #expect(folder.status == 3)
    #expect(oneSentence(folder, "is a directory"), "\(folder.complaints)")
  }

  @Test func standardInputThatEndsBeforeItsFirstByteIsThree() throws {
    let cases = [
      (#": | "$0" check -"#, "is empty"), (#""$0" check - </dev/null"#, "is empty"),
      (#""$0" check - <&-"#, "is closed"), (#""$0" check "$1" - <&-"#, "is closed"),
    ]
    for (line, words) in cases {
      try Tool.withFile([]) { (said: String) throws -> Void in
        #expect(try Tool.shell("exec 2>'\(said)'; " + line, Tool.wrongKey) == 3, "\(line)")
        #expect(
          String(decoding: try Tool.bytes(said), as: UTF8.self) == "imstrace: standard input: \(words)\n", "\(line)")
      }
    }
  }

  @Test func aCaptureWithoutRegistrationsIsThreeUnlessThatIsAllowed() throws {
    let noise = CaptureWriter().pcapng(
      [CaptureRecord(time: TraceText.start, bytes: Array(repeating: 0, count: 60))], interfaces: [CaptureInterface()])
    let call = try Tool.capture("UE -> P: OPTIONS sip:hims.net")
    for (bytes, words) in [(noise, "neither SIP nor Diameter in 1 packets"), (call, "no registration among 1 SIP")] {
      try Tool.withFile(bytes) { (path: String) throws -> Void in
        let result = try Tool.run(path)
        #expect(result.status == 3)
        #expect(oneSentence(result, words), "\(result.complaints)")
        #expect(try Tool.run(path, "--allow-empty").status == 0)
      }
    }
  }

  @Test func aReadableInputIsAnalysedBesideAnUnreadableOne() throws {
    let result = try Tool.run("/no/such/file.pcap", Tool.wrongKey)
    #expect(result.status == 3)
    #expect(result.output.contains("rejected 403"))
    #expect(oneSentence(result, "no such file"))
  }

  @Test func aFileThatBreaksOffIsReadToTheBreak() throws {
    let whole = try Tool.bytes(Tool.sample)
    try Tool.withFile(Array(whole.dropLast(40))) { (path: String) throws -> Void in
      let result = try Tool.run(path)
      #expect(result.status == 1)
      #expect(result.output.contains("#1 registered"))
      #expect(oneSentence(result, "file ends inside packet"), "\(result.complaints)")
    }
  }

  /// A report must not destroy the capture it is made from, by whichever name that was given.
  @Test func anInputIsNeverWrittenOver() throws {
    let bytes = try Tool.bytes(Tool.wrongKey)
    try Tool.withFile(bytes) { (path: String) throws -> Void in
      let named = try Tool.run("check", path, "--output", path)
      #expect(named.status == 2)
      #expect(oneSentence(named, "is an input too"))
      #expect(try Tool.shell(#""$0" check - --output "$1" <"$1" 2>/dev/null"#, path) == 2)
      #expect(try Tool.bytes(path) == bytes)
    }
  }

  @Test func aFullDiskBehindStandardOutputIsFive() throws {
    #expect(try Tool.shell(#""$0" check --format json "$1" >/dev/full 2>/dev/null"#, Tool.sample) == 5)
    #expect(try Tool.shell(#""$0" rules >/dev/full 2>/dev/null"#, Tool.sample) == 5)
    #expect(try Tool.shell(#""$0" check "$1" >&- 2>/dev/null"#, Tool.sample) == 5)
  }

  @Test func theFirstOfSeveralReasonsCounts() throws {
    #expect(try Tool.shell(#""$0" /no/such/file "$1" >/dev/full 2>/dev/null"#, Tool.sample) == 5)
    #expect(try Tool.run("/no/such/file", Tool.sample, "--exit-zero", "--allow-empty").status == 3)
    #expect(try Tool.run("/no/such/file", Tool.sample, "--output", "/no/such/folder/report", "--nope").status == 2)
  }

  @Test func anOutputThatCannotBeWrittenIsFive() throws {
    #expect(try Tool.run("check", Tool.sample, "--output", "/dev/full").status == 5)
    #expect(try Tool.run("check", Tool.sample, "--output", "/no/such/folder/report").status == 5)
  }
}

/// What a user types.
@Suite struct CommandTests {
  @Test func theFirstWordMayBeLeftOut() throws {
    #expect(try Tool.run(Tool.sample).output == Tool.run("check", Tool.sample).output)
  }

  @Test func standardInputIsACaptureLikeAnyOther() throws {
    let piped = try Tool.run("check", "-", input: Tool.bytes(Tool.wrongKey))
    #expect(piped.status == 1)
    #expect(piped.output == (try Tool.run("check", Tool.wrongKey).output))
  }

  @Test func twoInputsAreOneCapture() throws {
    let result = try Tool.run("check", "--format", "ndjson", Tool.sample, Tool.wrongKey)
    let lines = result.output.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("{\"type\":\"registration\"") }.count == 2)
    #expect(lines.filter { $0.hasPrefix("{\"type\":\"input\"") }.count == 2)
    #expect(lines.contains { $0.contains("\"input\":1,\"interface\":") })
  }

  @Test func aSelectionIsTheSameInEveryCommand() throws {
    let callID = "9a81ed02494a209c2c1668c4@10.10.0.2"
    let session = "scscf.ims.mnc001.mcc001.3gppnetwork.org;3014975620;1"
    for command in ["check", "flows", "ladder", "dump"] {
      let whole = try Tool.run(command, Tool.wrongKey)
      for option in [
        ["--user", "001010000000001"], ["--call-id", callID], ["--session-id", session], ["--registration", "1"],
      ] {
        let chosen = try Tool.run(command, Tool.wrongKey, option[0], option[1])
        #expect(chosen.status == whole.status, "\(command) \(option)")
        #expect(!chosen.output.isEmpty)
      }
      let none = try Tool.run(command, Tool.wrongKey, "--user", "nobody")
      #expect(none.status == 3, "\(command)")
      #expect(none.complaints.contains("--user nobody"))
    }
  }

  /// It names no user.
  @Test func aCxAnswerIsSelectedWithItsRequest() throws {
    let sample = Files.samples.appending(path: "unknown-user.pcapng").path
    let whole = try Tool.run("dump", sample).output.split(separator: "\n")
    let user = try Tool.run("dump", sample, "--user", "001010000900001").output.split(separator: "\n")
    for answer in ["5001", "5002"] {
      let lines = whole.filter { $0.contains(answer) }
      #expect(!lines.isEmpty && lines.allSatisfy { user.contains($0) == (answer == "5001") }, "\(answer)")
    }
  }

  @Test func messagesAreGroupedByTheKeyAlone() throws {
    let byCall = try Tool.run("flows", Tool.wrongKey, "--by", "call-id")
    #expect(byCall.output.hasPrefix("9a81ed02494a209c2c1668c4@10.10.0.2: 16 messages"))
    let bySession = try Tool.run("flows", Tool.wrongKey, "--by", "session-id")
    #expect(bySession.output.contains("scscf.ims.mnc001.mcc001.3gppnetwork.org;3014975620;1: 2 messages"))
  }

  @Test func dumpShowsLayersHeadersAndAVPs() throws {
    let dump = try Tool.run("dump", Tool.wrongKey, "--verbose").output
    #expect(dump.contains("eth/ip/tcp/diameter  UAR"))
    #expect(dump.contains("P-Visited-Network-ID: ims.mnc001.mcc001.3gppnetwork.org"))
    #expect(dump.contains("Visited-Network-Identifier: ims.mnc001.mcc001.3gppnetwork.org"))
    #expect(dump.contains(#"ck="‹16 bytes›""#))
    #expect(try Tool.run("dump", Tool.wrongKey, "--verbose", "--reveal-keys").output.contains(/ck="[0-9a-f]{32}"/))
  }

  @Test func theLadderDrawsWhatFailedFirst() throws {
    let result = try Tool.run("ladder", Tool.sample, Tool.wrongKey)
    #expect(result.output.contains("rejected 403"))
    #expect(result.output.contains("1 other registration"))
  }

  @Test func rulesAndExplanationsComeFromTheCatalogue() throws {
    #expect(try Tool.run("rules").output.contains("VIA005"))
    let explained = try Tool.run("explain", "VIA005").output
    #expect(explained.contains("RFC 3261 §8.2.6.2"))
    #expect(try Tool.run("explain", "via005").output == explained)
  }

  @Test func helpBeginsWithFourExamples() throws {
    let help = try Tool.run("--help")
    #expect(help.status == 0)
    #expect(help.output.split(separator: "\n").dropFirst().prefix(4).allSatisfy { $0.contains("imstrace ") })
    let narrow = try Tool.run("--help", environment: ["COLUMNS": "30"])
    #expect(narrow.output.hasPrefix("EXAMPLES:"))
    #expect(!(try Tool.run("check", "--help").output.hasPrefix("EXAMPLES:")))
    #expect(try Tool.run("--version").output == "0.1.0\n")
  }

  @Test func nothingIsColouredAwayFromATerminalUnlessAskedFor() throws {
    #expect(!(try Tool.run("check", Tool.wrongKey).output.contains("\u{1b}")))
    #expect(try Tool.run("check", Tool.wrongKey, "--color", "always").output.contains("\u{1b}["))
  }
}
