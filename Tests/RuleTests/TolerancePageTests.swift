import Foundation
import TestSupport
import Testing

/// `Tests/Findings/tolerances.md` names for each tolerated oddity what covers it: is it there?
@Suite struct TolerancePageTests {
  private struct Row {
    var number: Int
    var lines: [String]
    var tests: [String]
  }

  private func rows() throws -> [Row] {
    let page = try String(contentsOf: Files.root.appending(path: "Tests/Findings/tolerances.md"), encoding: .utf8)
    return page.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
      guard cells.count == 6, let number = Int(cells[1].filter { $0 != " " }) else { return nil }
      let named = cells.map { cell in cell.matches(of: /`([^`]+)`/).map { String($0.1) } }
      return Row(number: number, lines: named[3], tests: named[4])
    }
  }

  @Test func eachOfTheEighteenIsCovered() throws {
    let rows = try rows()
    #expect(rows.map(\.number) == Array(1...18))
    #expect(rows.allSatisfy { !$0.lines.isEmpty || !$0.tests.isEmpty })
  }

  @Test func everyNamedLineIsInTheList() throws {
    let listed = Set(try ListedFinding.all("lab").map { "\($0.capture) \($0.rule)" })
    #expect(Set(try rows().flatMap(\.lines)).subtracting(listed) == [])
  }

  /// "Suite.function" is a function of that name with a test's attribute, in a file that declares the suite.
  @Test func everyNamedTestIsThere() throws {
    let sources = try swiftFiles().map { try String(contentsOf: $0, encoding: .utf8) }
    for test in try rows().flatMap(\.tests) {
      let parts = test.split(separator: ".").map(String.init)
      try #require(parts.count == 2)
      let function = try Regex("@Test(?:(?!@Test)[\\s\\S])*?\\bfunc \(parts[1])\\(")
      let found = sources.contains { source in
        source.contains("struct \(parts[0]) ") && source.firstMatch(of: function) != nil
      }
      #expect(found, "\(test)")
    }
  }

  /// Of the tests of this package.
  private func swiftFiles() throws -> [URL] {
    let folder = Files.root.appending(path: "Tests")
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix("Tests.swift") }.map { folder.appending(path: $0) }
  }

  /// The page is held to the numbered list that the recordings come with.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) func theListHasTheseEighteen() throws {
    let lab = try #require(Files.lab)
    let text = try String(contentsOf: lab.appending(path: "LAB.md"), encoding: .utf8)
    let heading = try #require(text.range(of: "## What a checker must tolerate"))
    let numbers = text[heading.upperBound...].split(separator: "\n").compactMap { line in
      line.firstMatch(of: #/^(\d+)\. /#).flatMap { Int($0.1) }
    }
    #expect(Array(numbers.prefix(18)) == Array(1...18))
    #expect(numbers.last == 19)
  }
}
