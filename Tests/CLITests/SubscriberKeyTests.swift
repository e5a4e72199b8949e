import Foundation
import TestSupport
import Testing

/// Keys of subscribers from files: read, refused, used and not shown.
@Suite struct SubscriberKeyTests {
  private static let sample = Files.samples.appending(path: "seed-registration.pcap").path
  private static let k = "465b5ce8b199b49faa5f0a2ee238a6bc"
  private static let op = "cdc202d5123e20f62b6d676ac72cb318"
  private static let opc = "cd63cb71954a9f4e48a5994e37a02baf"
  /// RES, CK, IK, AK and SQN of its challenge.
  private static let derived = [
    "a54211d5e3ba50bf", "b40ba9a3c58b2a05bbf0d987b21bf8cb", "f769bcd751044604127672711c6d3441", "aa689c648370",
    "ff9bb4d0b607",
  ]

  private func with(_ texts: [String], _ body: ([String]) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = try texts.enumerated().map { number, text in
      let file = folder.appending(path: "keys\(number)")
      try text.write(to: file, atomically: true, encoding: .utf8)
      return file.path
    }
    try body(paths)
  }

  @Test(arguments: [("--op", op), ("--opc", opc)]) func theRegistrationIsProven(_ option: String, _ value: String)
    throws
  {
    try with(["name.private \(Self.k)\n", "* \(value)\n"]) { paths in
      let result = try Tool.run("check", "--all", "--ki", paths[0], option, paths[1], Self.sample)
      #expect([0, 1].contains(result.status))
      let words = "MAC-A of the challenge, XRES of the MAA, CK and IK and the response of the UE follow from K and "
      #expect(result.output.contains("proof       \(words)\(option == "--op" ? "OP" : "OPc")"))
    }
  }

  @Test(arguments: ["text", "json", "ndjson", "sarif", "junit", "github", "markdown"])
  func noFormatShowsAKey(_ format: String) throws {
    for k in [Self.k, "fec86ba6eb707ed08905757b1bb44b8f"] {
      try with(["name.private \(k)\n", "* \(Self.op)\n"]) { paths in
        let result = try Tool.run(
          "check", "--profile", "strict", "--format", format, "--ki", paths[0], "--op", paths[1], Self.sample)
        #expect(!result.output.isEmpty)
        let shown = (result.output + result.complaints).lowercased()
        for key in [k, Self.op, Self.opc] + Self.derived { #expect(!shown.contains(key)) }
      }
    }
  }

  @Test(arguments: ["flows", "ladder", "dump", "via", "diagram"]) func noVerbShowsAKey(_ verb: String) throws {
    try with(["name.private \(Self.k)\n", "* \(Self.op)\n"]) { paths in
      let result = try Tool.run(verb, "--ki", paths[0], "--op", paths[1], Self.sample)
      #expect(result.status == 0)
      let shown = (result.output + result.complaints).lowercased()
      for key in [Self.k, Self.op, Self.opc] + Self.derived { #expect(!shown.contains(key)) }
    }
  }

  @Test func aNumberIsShownToWhoAsksForIt() throws {
    try with(["name.private \(Self.k)\n", "* \(Self.op)\n"]) { paths in
      let result = try Tool.run("check", "--reveal-keys", "--ki", paths[0], "--op", paths[1], Self.sample)
      #expect(result.output.contains("; SQN ff9bb4d0b607"))
      #expect(!result.output.contains(Self.k))
    }
  }

  /// A registration without findings is one line, and says it there; one that is not proven gets its block.
  @Test func aLineSaysIt() throws {
    for (k, words) in [(Self.k, "200 on H0 proven"), (Self.opc, "wrong key: UE and HSS agree")] {
      try with(["name.private \(k)\n", "* \(Self.op)\n"]) { paths in
        let result = try Tool.run(
          "check", "--select", "SEQ001", "--ki", paths[0], "--op", paths[1], Self.sample)
        #expect(result.status == 0)
        #expect(result.output.contains(words))
      }
    }
  }

  @Test func aWrongKeyIsSaid() throws {
    try with(["name.private fec86ba6eb707ed08905757b1bb44b8f\n", "* \(Self.op)\n"]) { paths in
      let result = try Tool.run("check", "--ki", paths[0], "--op", paths[1], Self.sample)
      #expect(result.output.contains("proof       wrong key: "))
    }
  }

  @Test func whatCannotBeReadIsOneSentence() throws {
    try with(["001 \(Self.k)\n\n002 xyz\n", "* \(Self.op)\n"]) { paths in
      let result = try Tool.run("check", "--ki", paths[0], "--op", paths[1], Self.sample)
      #expect(result.status == 2)
      #expect(result.complaints == "imstrace: \(paths[0]): line 3: K has 32 hexadecimal digits\n")
      #expect(result.output.isEmpty)
    }
    try with(["001 \(Self.k)\n", "002 \(Self.op)\n"]) { paths in
      let result = try Tool.run("flows", "--ki", paths[0], "--op", paths[1], Self.sample)
      #expect(result.status == 2)
      #expect(result.complaints == "imstrace: \(paths[0]): line 1: 001 has neither OP nor OPc\n")
    }
  }

  @Test(arguments: [["--op", "x"], ["--opc", "x"], ["--ki", "x"]]) func oneIsNothingWithoutTheOther(_ options: [String])
    throws
  {
    let result = try Tool.run(["check"] + options + [Self.sample])
    #expect(result.status == 2)
    #expect(
      result.complaints.contains(options[0] == "--ki" ? "--ki needs OP or OPc" : "needs the K of the subscribers"))
  }

  @Test func aFileThatIsNotThereIsNamed() throws {
    let result = try Tool.run("check", "--ki", "/nonexistent", "--op", "/nonexistent", Self.sample)
    #expect(result.status == 2)
    #expect(result.complaints.contains("/nonexistent"))
  }

  /// Of the clear 401 that comes last, K makes the keys of packets that were read long before; and it may come in a pipe.
  @Test func packetsBeforeTheirChallengeAreOpened() throws {
    let late = try KeysLast.moved(try Files.bytes(URL(filePath: Self.sample)))
    try with(["name.private \(Self.k)\n", "* \(Self.op)\n"]) { paths in
      let result = try Tool.run("check", "--all", "--ki", paths[0], "--op", paths[1], "-", input: late)
      #expect(result.output.contains("#1 registered"))
      // Null encryption is read before; the ICV of what the learned keys open is verified.
      #expect(result.output.contains("ESP: 2 of 2 packets opened"))
      #expect(result.output.contains("proof       MAC-A"))
    }
  }
}
