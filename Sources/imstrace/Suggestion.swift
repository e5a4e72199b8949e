#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// "Did you mean …?"
enum Suggestion {
  /// The sentence for a first argument that is no file and nearly a verb.
  static func mistypedVerb(_ arguments: [String], verbs: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-"), !verbs.contains(first), first != "help" else {
      return nil
    }
    guard access(first, F_OK) != 0, let verb = nearest(to: first, among: verbs) else { return nil }
    return "'\(first)' is neither a command nor a file: did you mean '\(verb)'?"
  }

  /// The candidate with the fewest typing mistakes: one, or two in a word of five letters or more.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    candidates.map { (name: $0, distance: distance(word.lowercased(), $0.lowercased())) }
      .filter { $0.distance <= ($0.name.count < 5 ? 1 : 2) }
      .min { $0.distance < $1.distance }?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours.
  static func distance(_ first: String, _ second: String) -> Int {
    let (left, right) = (Array(first), Array(second))
    var rows = [Array(0...right.count)]
    for i in 0..<left.count {
      var row = [i + 1]
      for j in 0..<right.count {
        var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[left.count][right.count]
  }
}
