import Foundation
import IMSViews
import TestSupport
import Testing

/// What a user sees of each sample, kept as text: a change of it is read before it is accepted.
@Suite struct GoldenTests {
  @Test(arguments: Captures.samples) func summary(_ file: URL) throws {
    try Snapshot.check(try Captures.summary(file), "\(file.deletingPathExtension().lastPathComponent)/summary.txt")
  }

  @Test(arguments: Captures.samples) func ladder(_ file: URL) throws {
    try Snapshot.check(try Captures.ladders(file), "\(file.deletingPathExtension().lastPathComponent)/ladder.txt")
  }

  @Test(arguments: Captures.samples.filter { $0.path.contains("wrong-key") || $0.path.contains("seed") })
  func json(_ file: URL) throws {
    try Snapshot.check(
      try Captures.json(file, .ndjson), "\(file.deletingPathExtension().lastPathComponent)/report.ndjson")
  }

  @Test(arguments: Captures.samples) func theFallbackLadderIsPlainASCII(_ file: URL) throws {
    let text = try Captures.ladders(file, unicode: false)
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(text.split(separator: "\n").count == (try Captures.ladders(file)).split(separator: "\n").count)
  }
}
