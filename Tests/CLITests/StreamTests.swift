import Foundation
import IMSForge
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A live capture through a pipe. One at a time: a child would keep the pipes of another one open.
@Suite(.serialized, .timeLimit(.minutes(1))) struct StreamTests {
  static let trace = """
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    wait 10s
    UE -> P: OPTIONS sip:hims.net
    """

  @Test func aRegistrationIsPrintedWhenItHasEndedNotWhenTheInputHas() throws {
    let live = try Live("check", "--format", "ndjson", "-")
    try live.input.fileHandleForWriting.write(contentsOf: Data(try Tool.capture(Self.trace)))
    #expect(live.read(until: "\"outcome\":\"registered\"").contains("\"id\":1"))
    #expect(live.process.isRunning)
    try live.input.fileHandleForWriting.close()
    live.process.waitUntilExit()
    #expect(live.process.terminationStatus == 0)
  }

  /// A reader that has seen enough, as `head` does.
  @Test func aReaderThatGoesAwayEndsItQuietly() throws {
    let said = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
    defer { try? FileManager.default.removeItem(at: said) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", #"{ "$0" dump -v "$1" "$1" "$1" "$1"; echo $? >"$2"; } 2>>"$2" | head -n 1 >/dev/null"#, Tool.path,
      Tool.sample,
      said.path,
    ]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(try String(contentsOf: said, encoding: .utf8) == "0\n")
  }
}

/// Memory follows what is open, not the length of the file.
@Suite struct MemoryTests {
  #if canImport(Glibc)
    @Test func aFileTwiceTheSizeNeedsNoMoreMemory() throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let paths = try [1_000, 2_000].map { count in
        let file = folder.appending(path: "\(count).pcapng")
        try Data(Self.capture(registrations: count)).write(to: file)
        return file.path
      }
      let peaks = try paths.map { try Self.peak($0) }
      #expect(Double(peaks[1]) <= Double(peaks[0]) * 1.05, "\(peaks) KiB")
    }

    /// Five begun in each second of capture time, so that every table has reached its steady state in the smaller one.
    private static func capture(registrations count: Int) -> [UInt8] {
      let recipes = (1...count).map { number in
        RegistrationRecipe(subscriber: number, start: TraceText.start + Int64(number) * 200_000_000)
      }
      return RegistrationRecipe.capture(recipes).pcapng
    }

    /// Peak resident memory in KiB of a check of this file.
    private static func peak(_ path: String) throws -> Int {
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
      let words: [String] = [Tool.path, "check", "--exit-zero", "--format", "ndjson", path]
      var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
      defer { arguments.forEach { free($0) } }
      var pid = pid_t()
      guard posix_spawn(&pid, Tool.path, &actions, nil, &arguments, environ) == 0 else {
        throw CocoaError(.executableLoad)
      }
      var status: Int32 = 0
      var usage = rusage()
      wait4(pid, &status, 0, &usage)
      #expect(status == 0)
      return usage.ru_maxrss
    }
  #endif
}
