import Foundation
import IMSForge
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The built program, run as a user runs it.
enum Tool {
  static let sample = Files.samples.appending(path: "aka-registration.pcapng").path
  static let wrongKey = Files.samples.appending(path: "wrong-key.pcapng").path

  /// Beside the test runner, where the package manager puts both.
  static let path: String = {
    let runner = URL(filePath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
    let candidates = [
      runner.appending(path: "imstrace"), Bundle.main.bundleURL.deletingLastPathComponent().appending(path: "imstrace"),
    ]
    return (candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? candidates[0]).path
  }()

  struct Result {
    var status: Int32
    var output: String
    var complaints: String
  }

  static func run(_ arguments: String..., input: [UInt8]? = nil, environment: [String: String] = [:]) throws -> Result {
    try run(arguments, input: input, environment: environment)
  }

  static func run(_ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let folder = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["out", "err", "in"] {
      try Data(name == "in" ? input ?? [] : []).write(to: folder.appending(path: name))
    }
    process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
    process.standardError = try FileHandle(forWritingTo: folder.appending(path: "err"))
    process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in"))
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: folder.appending(path: "out"), encoding: .utf8),
      complaints: try String(contentsOf: folder.appending(path: "err"), encoding: .utf8))
  }

  /// The exit code of a shell line in which `$0` is the program and `$1` a file.
  static func shell(_ line: String, _ file: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line, path, file]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// A file with these bytes for the time of `body`.
  static func withFile<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
    let file = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).bin")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }

  static func bytes(_ path: String) throws -> [UInt8] { try Files.bytes(URL(filePath: path)) }

  static func capture(_ trace: String) throws -> [UInt8] { try TraceText(trace).bytes }
}
