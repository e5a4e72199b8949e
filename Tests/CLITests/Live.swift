import Foundation
import Testing

/// A program whose standard input stays open until the test closes it.
final class Live {
  let process = Process()
  let input = Pipe()
  let output = Pipe()
  private let errors = Pipe()

  init(_ arguments: String...) throws {
    process.executableURL = URL(filePath: Tool.path)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  func read(until word: String) -> String {
    var text = Data()
    while !text.contains(Data(word.utf8)) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += more
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Until the program has read all that was written.
  func waitUntilTaken() {
    #if canImport(Darwin)
      let request: UInt = 0x4004_667f
    #else
      let request = UInt(FIONREAD)
    #endif
    var left: CInt = 1
    while left > 0, process.isRunning, ioctl(input.fileHandleForWriting.fileDescriptor, request, &left) == 0 {
      usleep(1000)
    }
  }

  func write(_ bytes: [UInt8]) throws { try input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

  /// Waits for the end; what was said on standard error.
  func finish() -> (status: Int32, complaints: String) {
    process.waitUntilExit()
    try? errors.fileHandleForWriting.close()
    let said = errors.fileHandleForReading.availableData
    try? input.fileHandleForWriting.close()
    return (process.terminationStatus, String(decoding: said, as: UTF8.self))
  }
}
