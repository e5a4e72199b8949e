package import Foundation

/// The reference dissector, where it is installed.
package enum Tshark {
  private static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    .map { "\($0)/tshark" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  package static var isInstalled: Bool { path != nil }
  package static let absence = "tshark is not installed"

  package struct Failure: Error {
    package var status: Int32
    package var arguments: [String]
  }

  /// What it writes to standard output about a file. Throws `Failure` when it ends with another status than 0.
  package static func run(_ file: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "/usr/bin/tshark")
    process.arguments = ["-n", "-r", file] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(status: process.terminationStatus, arguments: process.arguments ?? [])
    }
    return data
  }

  /// One row a frame that passes the filter; the fields are divided by tabs, repeated fields by commas.
  package static func rows(_ file: String, filter: String = "", fields: [String], options: [String] = []) throws
    -> [[String]]
  {
    let data = try run(
      file, ["-T", "fields"] + options + (filter.isEmpty ? [] : ["-Y", filter]) + fields.flatMap { ["-e", $0] })
    return String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }
}
