import Foundation
import IMSFlows
import IMSForge
import IMSRules
import IMSViews
import TestSupport
import Testing

/// Each variant of the documented sequence, built with every hop and every node as it should be.
@Suite struct VariantTraceTests {
  private func reports(_ trace: VariantTrace) throws -> [FlowReport] {
    Trace.reports(try TraceText(trace.ladder).bytes, profile: .strict)
  }

  @Test(arguments: VariantTrace.all) func theStrictProfileFindsNothing(_ trace: VariantTrace) throws {
    let reports = try reports(trace)
    #expect(!reports.isEmpty)
    let found = reports.flatMap(\.findings).filter { $0.severity >= .warning }
    #expect(found.isEmpty, "\(found.map { "\($0.rule) \($0.message)" })")
  }

  @Test(arguments: VariantTrace.all) func isToldAsWhatItIs(_ trace: VariantTrace) throws {
    let last = try #require(try reports(trace).last)
    let isTold = last.flow.variants.map(\.rawValue).contains(trace.id)
    #expect(isTold == (VariantTrace.notTold[trace.id] == nil))
  }

  /// Every row that the variant demands has its message, and nothing else is said of it but where the refused ones stopped.
  @Test(arguments: VariantTrace.all) func doesWhatItsTableAsksFor(_ trace: VariantTrace) throws {
    let variant = try #require(Variant.named(trace.id))
    let reports = try reports(trace)
    for flow in reports.map(\.flow) {
      let isRefused = flow.outcome == .rejected
      #expect(flow.deviations.map(\.kind) == (isRefused ? [.stoppedHere] : []), "\(flow.deviations)")
    }
    if VariantTrace.notTold[trace.id] != nil { return }
    let seen = Set(reports.flatMap(\.flow.messages).compactMap(\.step))
    let hops = Set(reports.flatMap(\.flow.messages).compactMap(\.hop))
    let ends = reports.map(\.flow).flatMap { flow in
      flow.rounds.indices.map { SequencePass.End(of: $0, in: flow) }
    }
    for pass in variant.passes where pass.end == .other || ends.contains(pass.end) {
      let demanded = pass.steps.filter { $0.presence == .mandatory && hops.contains($0.hop) }.map(\.id)
      #expect(Set(demanded).isSubset(of: seen), "\(Set(demanded).subtracting(seen).sorted())")
    }
  }

  @Test func eachVariantIsBuiltOrSaysWhyNot() {
    let built = VariantTrace.all.map(\.id)
    let listed = built + VariantTrace.notBuilt.keys
    #expect(listed.sorted() == Variant.ID.allCases.map(\.rawValue).sorted())
  }

  /// docs/sequence.md; `RECORD=1` writes it.
  @Test func theListOfVariantsIsUpToDate() throws {
    var text = """
      # The variants of the documented sequence

      `imstrace sequence` lists them, `imstrace sequence refresh` (or `V2`) draws one. The tables are `Sources/IMSFlows/Sequence/Variants+….swift`;
      a registration says in its JSON (`variants`) which of them it is. This page is written by `VariantTraceTests`.

      *Compliant trace*: the packet builder makes it with every hop, and the profile `strict` has no error and no warning for it. Where there is none, the
      variant is not covered, for the reason that stands there.

      | variant | name | what | clauses | told by | compliant trace |
      |---|---|---|---|---|---|

      """
    for variant in Variant.all {
      let id = variant.id.rawValue
      let trace =
        VariantTrace.notBuilt[id].map { "not covered: \($0)" } ?? VariantTrace.notTold[id].map { "built; \($0)" }
        ?? "built"
      let cells = [
        variant.id.rawValue, "`\(variant.name)`", variant.title, SequenceView.clauses(variant), variant.signature,
        trace,
      ]
      text += "| " + cells.joined(separator: " | ") + " |\n"
    }
    try Snapshot.check(text, at: Files.root.appending(path: "docs/sequence.md"))
  }
}
