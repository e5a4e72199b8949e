import Foundation

/// A program that draws diagrams or holds a file against its schema, where it is installed.
package struct Renderer: Sendable {
  package let name: String
  private let path: String?

  package static let plantuml = Renderer("plantuml")
  package static let mscgen = Renderer("mscgen")
  package static let xmllint = Renderer("xmllint")

  private init(_ name: String) {
    self.name = name
    path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  package var isInstalled: Bool { path != nil }

  /// Its exit status and what it writes to standard output when it reads a text from standard input.
  package func run(_ arguments: [String], on text: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "/usr/bin/\(name)")
    process.arguments = arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
