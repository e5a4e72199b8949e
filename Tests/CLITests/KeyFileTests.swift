import Foundation
import TestSupport
import Testing

/// Keys of ESP from a file and into one.
@Suite struct KeyFileTests {
  private static let sample = Files.samples.appending(path: "ipsec-registration.pcapng").path

  private func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  @Test(arguments: ["check", "flows", "ladder", "dump"]) func everyVerbWritesThem(_ verb: String) throws {
    try withFolder { folder in
      let path = folder.appending(path: "esp_sa").path
      // What stood there before, for everybody to read.
      try "x".write(toFile: path, atomically: true, encoding: .utf8)
      let result = try Tool.run(verb, "--write-esp-sa", path, Self.sample)
      #expect([0, 1].contains(result.status))
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 8)
      #expect(lines.allSatisfy { $0.hasPrefix("\"IPv4\",\"10.") && $0.contains("AES-CBC [RFC3602]") })
      // The keys themselves stand nowhere else.
      for line in lines {
        for key in line.split(separator: "\"").filter({ $0.hasPrefix("0x") && $0.count > 20 }) {
          #expect(!result.output.contains(key.dropFirst(2)))
          #expect(!result.complaints.contains(key.dropFirst(2)))
        }
      }
    }
  }

  @Test func whatWasWrittenOpensAnotherCapture() throws {
    try withFolder { folder in
      let path = folder.appending(path: "esp_sa").path
      _ = try Tool.run("flows", "--write-esp-sa", path, Self.sample)
      let filter = "host 10.10.0.2 or host 10.10.0.3"
      let blind = try Tool.run("flows", "--filter", filter, Self.sample)
      #expect(blind.output.contains("partial"))
      let open = try Tool.run("flows", "--filter", filter, "--esp-sa", path, Self.sample)
      #expect(!open.output.contains("partial"))
      #expect(open.output.contains("200 on H0"))
    }
  }

  @Test(arguments: ["-", "/dev/stdout", "/dev/fd/1", "/dev/null"]) func keysGoIntoAFileOnly(_ path: String) throws {
    let result = try Tool.run("check", "--exit-zero", "--write-esp-sa", path, Self.sample)
    #expect(result.status == 2)
    #expect(!result.output.contains("HMAC-SHA-1-96"))
  }

  @Test func aLineThatCannotBeReadIsNamed() throws {
    try withFolder { folder in
      let path = folder.appending(path: "esp_sa").path
      try "\"IPv4\",\"*\",\"*\",\"*\",\"NULL\",\"\",\"FOO\",\"\"\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      let result = try Tool.run("check", "--esp-sa", path, Self.sample)
      #expect(result.status == 2)
      #expect(result.complaints == "imstrace: \(path): line 1, column 30: authentication 'FOO' is not supported\n")
    }
  }

  /// Through a pipe nothing can be read twice: the challenges stand behind the packets that need them.
  @Test func packetsBeforeTheirKeysAreOpenedInAPipe() throws {
    let bytes = try Files.sample("ipsec-registration.pcapng")
    let late = try KeysLast.moved(bytes)
    #expect(late != bytes)
    let result = try Tool.run("flows", "-", input: late)
    #expect(result.status == 0)
    #expect(result.output.components(separatedBy: "registered").count == 3)
    #expect(result.output.components(separatedBy: "200 on H0").count == 3)
  }
}
