import Foundation
import IMSFlows
import IMSForge
import IMSViews
import TestSupport
import Testing

/// The documented sequence in the ordinary views.
@Suite struct SequenceViewTests {
  private let style = Style(unicode: true, colour: false, width: 100)

  @Test(arguments: Variant.all.map(\.id)) func looksAsBefore(_ id: Variant.ID) throws {
    let text = SequenceView.text(.of(id), LadderLayout.Options(show: .expected), style: style)
    try Snapshot.check(text, "sequence/\(id.rawValue).txt")
  }

  @Test func theListNamesEachVariantOnce() throws {
    let lines = SequenceView.list().split(separator: "\n")
    #expect(lines.count == Variant.ID.allCases.count)
    #expect(Set(Variant.all.map(\.name)).count == lines.count)
    for (line, variant) in zip(lines, Variant.all) {
      #expect(line.hasPrefix(variant.id.rawValue) && line.contains(variant.name) && line.hasSuffix(variant.title))
    }
  }

  @Test func identifierAndNameFindAVariant() {
    for variant in Variant.all {
      for word in [variant.id.rawValue, variant.id.rawValue.lowercased(), variant.name, variant.name.uppercased()] {
        #expect(Variant.named(word)?.id == variant.id, "\(word)")
      }
    }
    #expect(Variant.named("V22") == nil)
  }

  /// Each row has a name that a message can bear, a clause, and two nodes; an answer comes behind what it answers.
  @Test(arguments: Variant.all.map(\.id)) func theTableIsSound(_ id: Variant.ID) {
    let variant = Variant.of(id)
    #expect(variant.id == id && !variant.title.isEmpty && !variant.signature.isEmpty)
    let steps = variant.passes.flatMap(\.steps)
    #expect(!steps.isEmpty)
    for step in steps {
      #expect(Step.isIdentifier(step.id) && step.from != step.to && !step.label.isEmpty, "\(step.id)")
      let clauses = SequenceView.clauses(step).split(separator: ", ")
      #expect(clauses.allSatisfy { $0.contains("§") || $0.contains("annex") }, "\(step.id) \(clauses)")
    }
    for pass in variant.passes {
      for (place, step) in pass.steps.enumerated() where step.isReply {
        let asked = pass.steps[..<place].contains { $0.hop == step.hop && !$0.isReply && $0.from == step.to }
        #expect(asked, "\(id) \(step.id) on \(step.hop)")
      }
    }
  }

  @Test func theDocumentHasEveryStep() throws {
    let document = try JSONSerialization.jsonObject(with: Data(SequenceView.json().utf8)) as? [[String: Any]]
    let variants = try #require(document)
    #expect(variants.compactMap { $0["id"] as? String } == Variant.all.map(\.id.rawValue))
    for (object, variant) in zip(variants, Variant.all) {
      let passes = object["passes"] as? [[String: Any]] ?? []
      let steps = passes.flatMap { $0["steps"] as? [[String: Any]] ?? [] }
      #expect(steps.compactMap { $0["step"] as? String } == variant.passes.flatMap(\.steps).map(\.id))
      #expect(steps.allSatisfy { $0["from"] != nil && $0["hop"] != nil && $0["clauses"] != nil })
    }
  }

  /// No view has a sequence of its own: the arrows of each are those of the table.
  @Test(arguments: Variant.all.map(\.id), DiagramFormat.allCases) func everySyntaxDrawsIt(
    _ id: Variant.ID, _ format: DiagramFormat
  ) {
    let variant = Variant.of(id)
    let layout = LadderLayout(documented: variant)
    #expect(layout.arrows.map(\.step) == variant.passes.flatMap(\.steps).map(\.id))
    let text = DiagramView(format).documented(LadderLayout.Options(show: .expected), of: variant, style: style)
    for lane in layout.lanes { #expect(text.contains(lane.title), "\(lane.title)") }
  }

  /// What is said of a deviation names step, place, frame and clause.
  @Test func theSummaryTellsOfEachDeviation() throws {
    let ladder = try #require(VariantTrace.all.first).ladder
      .replacing("S -> HSS: MAR\nHSS -> S: MAA", with: "I -> HSS: MAR\nHSS -> I: MAA")
    #expect(try summary(ladder).contains(" 1 deviation\n"))
    let text = try summary(ladder.replacing("P -> I: REGISTER\n", with: "P -> I: REGISTER\n  -Path\n"))
    #expect(text.contains("sequence    wrong peer: B7 MAR (I-CSCF → HSS) in frame 8 (TS 29.228 §6.3)"), "\(text)")
    let unknown = try Captures.summary(Files.samples.appending(path: "unknown-user.pcapng"))
    #expect(unknown.contains("stopped at  B4: UAA (HSS → I-CSCF) refused (TS 29.228 §6.1.1)"))
  }

  private func summary(_ ladder: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).pcapng")
    try Data(TraceText(ladder).bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Captures.summary(file)
  }
}
