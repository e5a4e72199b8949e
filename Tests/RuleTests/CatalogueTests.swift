import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSRules
import IMSViews
import TestSupport
import Testing

/// The catalogue is whole: every rule has its file, its line, its examples and its page.
@Suite struct CatalogueTests {
  static let families = ["SEQ", "VIA", "RTE", "AUT", "SEC", "IDN", "HDR", "REG", "CX", "DIA", "TIM", "NET", "PRV"]

  @Test func identifiersAreUniqueAndInTheOrderOfTheFamilies() {
    let ids = Catalogue.rules.map(\.id)
    #expect(Set(ids).count == ids.count)
    let order = Catalogue.rules.map { (Self.families.firstIndex(of: $0.family) ?? .max, $0.id) }
    #expect(order.map(\.1) == order.sorted { $0 < $1 }.map(\.1))
    #expect(Catalogue.retired.isDisjoint(with: ids))
  }

  @Test func everyRuleFileHasItsLine() throws {
    let folder = Files.root.appending(path: "Sources/IMSRules")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    let files = paths.filter { path in
      Self.families.contains { path.hasPrefix($0 + "/") } && !path.hasSuffix("Support.swift")
        && path.hasSuffix(".swift")
    }
    let ids = files.map { String($0.split(separator: "/")[1].dropLast(".swift".count)) }
    #expect(ids.sorted() == Catalogue.rules.map(\.id).sorted())
    #expect(Catalogue.rules.allSatisfy { rule in files.contains("\(rule.family)/\(rule.id).swift") })
  }

  @Test(arguments: Catalogue.rules) func aRuleIsComplete(_ rule: Rule) {
    #expect(!rule.flagged.isEmpty && !rule.clean.isEmpty)
    #expect(!rule.why.isEmpty && !rule.traps.isEmpty && !rule.title.isEmpty)
    #expect(rule.isOfCapture || !rule.clauses.isEmpty)
    #expect(!rule.needs.isEmpty)
    for clause in rule.clauses {
      #expect(clause.spec.wholeMatch(of: /RFC \d+|TS \d\d\.\d\d\d/) != nil, "\(clause.spec)")
      #expect(clause.clause.wholeMatch(of: /[0-9A-Z]+(\.[0-9A-Za-z]+)*/) != nil, "\(clause.clause)")
    }
  }

  // MARK: pages, which `make docs` writes

  private static let folder = Files.root.appending(path: "docs/rules")

  @Test(arguments: Catalogue.rules) func itsPageIsFreshAndHasALadderOfEachExample(_ rule: Rule) throws {
    var page = ""
    var ladders: [[String]] = []
    page = RulesView.markdown(rule) { example in
      ladders.append(Self.ladder(of: example, rule))
      return ladders.last ?? []
    }
    #expect(ladders.count >= 2 && ladders.allSatisfy { !$0.isEmpty }, "an example without a registration")
    #expect(ladders.joined().allSatisfy { $0.count <= Self.width })
    // What is flagged bears the number of its note.
    if !rule.isOfCapture {
      #expect(ladders.prefix(rule.flagged.count).allSatisfy { $0.contains { $0.hasPrefix("!1 ") } })
      #expect(ladders.dropFirst(rule.flagged.count).allSatisfy { !$0.contains { $0.hasPrefix("!1 ") } })
    }
    try Snapshot.check(page, at: Self.folder.appending(path: "\(rule.id).md"))
  }

  private static let width = 100

  /// Its registrations, judged by this rule alone.
  private static func ladder(of example: Example, _ rule: Rule) -> [String] {
    var options = Options()
    options.profile = .strict
    options.rules = [rule]
    var lines: [String] = []
    let bytes = (try? TraceText(example.trace))?.bytes ?? []
    _ = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { report in
      lines += (lines.isEmpty ? [] : [""]) + LadderView.lines(of: report, style: Style(width: width))
    }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
  }

  @Test func theIndexOfPagesIsFreshAndNoPageIsLeftOver() throws {
    let folder = Self.folder
    try Snapshot.check(RulesView.index(), at: folder.appending(path: "README.md"))
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(pages == (Catalogue.rules.map { "\($0.id).md" } + ["README.md", "matrix.md", "mutations.md"]).sorted())
  }
}
