import Foundation
import IMSFlows
import IMSRules
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

  /// The views of the documented sequence, of the first registration of a sample.
  private static let views: [(name: String, options: LadderLayout.Options)] = [
    ("overview", LadderLayout.Options(detail: .overview)), ("full", LadderLayout.Options(detail: .full, remarks: true)),
    ("expected", LadderLayout.Options(show: .expected)), ("observed", LadderLayout.Options(show: .observed)),
    ("overlay", LadderLayout.Options(show: .overlay)), ("icscf", LadderLayout.Options(only: .icscf)),
  ]

  @Test(arguments: Captures.samples) func view(_ file: URL) throws {
    var first: FlowReport?
    _ = try Captures.run(file) { first = first ?? $0 }
    let report = try #require(first)
    for (view, options) in Self.views {
      let text = LadderView.render(report, options, others: 0, style: Style(width: 160))
      try Snapshot.check(text, "\(file.deletingPathExtension().lastPathComponent)/view-\(view).txt")
    }
  }

  @Test(arguments: Captures.samples, DiagramFormat.allCases.filter { $0 != .text })
  func diagram(_ file: URL, _ format: DiagramFormat) throws {
    var first: FlowReport?
    _ = try Captures.run(file) { first = first ?? $0 }
    let name = file.deletingPathExtension().lastPathComponent
    // A page is long, and its ladder is that of the picture.
    if format == .html, name != "wrong-key", name != "seed-registration-access" { return }
    let text = DiagramView(format).render(
      try #require(first), LadderLayout.Options(), style: Style(unicode: true, colour: false, width: 100))
    try Snapshot.check(text, "\(name)/diagram.\(format.fileExtensions[0])")
  }

  @Test(arguments: Captures.samples.filter { $0.path.contains("wrong-key") || $0.path.contains("seed") })
  func json(_ file: URL) throws {
    try Snapshot.check(
      try Captures.json(file, .ndjson), "\(file.deletingPathExtension().lastPathComponent)/report.ndjson")
  }

  @Test(arguments: Captures.samples) func theFallbackLadderIsPlainASCII(_ file: URL) throws {
    let text = try Captures.ladders(file, unicode: false)
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    // A message a line in both; what is spelled out may need more lines.
    let messages = #/\n +[\d:]+ +-?\d+\.\d{3} /#
    let drawn = try Captures.ladders(file)
    #expect(text.matches(of: messages).count == drawn.matches(of: messages).count)
  }
}
