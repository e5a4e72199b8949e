import IMSFlows

/// Findings that are known and accepted, by their place: a line `rule from to step reason` each, `#` begins a comment.
package struct Baseline: Sendable, Equatable {
  /// The reason of each place.
  package private(set) var reasons: [FindingPlace: String] = [:]

  package static let noReason = "known since the baseline was written"

  package init() {}

  /// - Throws: `BaselineError` with the number of the first line that cannot be read.
  package init(_ text: String) throws(BaselineError) {
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split(maxSplits: 4) { $0 == " " || $0 == "\t" }
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      func fail(_ reason: String) -> BaselineError { BaselineError(line: number + 1, reason: reason) }
      guard words.count >= 4 else { throw fail("expected: rule from to step reason") }
      guard let rule = Catalogue.rule(String(first))?.id ?? Baseline.foreign(first) else {
        throw fail("there is no rule '\(first)'")
      }
      let place = FindingPlace(
        rule: rule, from: try Baseline.role(words[1], number + 1), to: try Baseline.role(words[2], number + 1),
        step: words[3] == "-" ? "" : String(words[3]))
      let reason = words.count > 4 ? words[4].trimmed : ""
      reasons[place] = reason.isEmpty ? Baseline.noReason : reason
    }
  }

  /// An identifier of the shape that rules of a profile have: which of them exist this file cannot know.
  private static func foreign(_ word: Substring) -> String? {
    HeaderRule.isIdentifier(word) && !Catalogue.families.contains(String(word.prefix { $0.isLetter }))
      ? String(word) : nil
  }

  private static func role(_ word: Substring, _ line: Int) throws(BaselineError) -> Role? {
    if word == "-" { return nil }
    guard let role = Role(spelling: String(word)) else {
      throw BaselineError(line: line, reason: "unknown role '\(word)'")
    }
    return role
  }

  package var isEmpty: Bool { reasons.isEmpty }

  package mutating func add(_ place: FindingPlace, reason: String? = nil) {
    reasons[place] = reason ?? reasons[place] ?? Baseline.noReason
  }

  /// As `init` reads it: sorted, with a head that says what it is.
  package var text: String {
    let head = """
      # Findings that imstrace takes for known (check --baseline): rule from to step reason.
      # A place is the same in every capture of this network; write the reason behind it.

      """
    return head + reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
  }
}

package struct BaselineError: Error, Hashable, Sendable, CustomStringConvertible {
  package var line: Int
  package var reason: String
  package var description: String { "line \(line): \(reason)" }
}

extension Substring {
  /// Without white space at either end.
  fileprivate var trimmed: String {
    var rest = self
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    return String(rest.drop(while: \.isWhitespace))
  }
}
