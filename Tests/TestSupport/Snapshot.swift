package import Foundation
package import Testing

/// Compares a text with the one that is kept beside the tests. A missing one, or RECORD=1, writes it and fails.
package enum Snapshot {
  private static let folder = Files.root.appending(path: "Tests/ViewsTests/Golden")

  package static func check(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try check(text, at: folder.appending(path: name), sourceLocation: sourceLocation)
  }

  package static func check(_ text: String, at file: URL, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let name = file.lastPathComponent
    let kept = try? String(contentsOf: file, encoding: .utf8)
    if kept == nil || ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("wrote \(name): read it, then run again", sourceLocation: sourceLocation)
      return
    }
    let lines = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      kept?.split(separator: "\n", omittingEmptySubsequences: false) ?? [])
    let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
    #expect(
      text == kept, "line \((first?.offset ?? 0) + 1) of \(name) is now: \(first.map { String($0.element.0) } ?? "?")",
      sourceLocation: sourceLocation)
  }
}
