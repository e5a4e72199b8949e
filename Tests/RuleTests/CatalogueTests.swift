import Foundation
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
      Self.families.contains { path.hasPrefix($0 + "/") } && !path.hasSuffix("Support.swift") && path.hasSuffix(".swift")
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

  @Test(arguments: Catalogue.rules) func itsPageIsFresh(_ rule: Rule) throws {
    let page = Files.root.appending(path: "docs/rules/\(rule.id).md")
    #expect(try String(contentsOf: page, encoding: .utf8) == RulesView.markdown(rule), "run 'make docs'")
  }

  @Test func theIndexOfPagesIsFreshAndNoPageIsLeftOver() throws {
    let folder = Files.root.appending(path: "docs/rules")
    #expect(try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8) == RulesView.index())
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(pages == (Catalogue.rules.map { "\($0.id).md" } + ["README.md", "matrix.md", "mutations.md"]).sorted())
  }
}
