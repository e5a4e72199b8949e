/// A page of Markdown whose tables stand between markers: `<!-- begin NAME -->` and `<!-- end NAME -->`, each on a line
/// of its own.
struct Page {
  private(set) var text: String

  init(_ text: String) { self.text = text }

  /// Puts a table in its place; false when the page has none of that name.
  mutating func set(_ name: String, to table: String) -> Bool {
    let begin = "<!-- begin \(name) -->\n"
    guard let head = text.firstRange(of: begin),
      let tail = text[head.upperBound...].firstRange(of: "<!-- end \(name) -->\n")
    else { return false }
    text.replaceSubrange(head.upperBound..<tail.lowerBound, with: "\n" + table + "\n")
    return true
  }

  /// Those of these results for which the page has a place.
  mutating func fill(_ results: Results) -> [String] {
    Tables(results: results).all.filter { set($0.name, to: $0.text) }.map(\.name)
  }
}

/// One run beside another.
struct Comparison {
  var old: Results
  var new: Results

  /// Every figure of both, under the same name, and how many times the old one the new one is.
  var text: String {
    let before = Dictionary(old.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    var lines: [String] = []
    if old.machine != new.machine { lines.append("measured on different machines: only counts can be compared\n") }
    for (name, value) in new.figures {
      guard let was = before[name], was != 0 else { continue }
      lines.append("| \(name) | \(was.short) | \(value.short) | \((value / was).fixed(3)) |\n")
    }
    let missing = old.figures.map(\.name).filter { name in !new.figures.contains { $0.name == name } }
    return "| figure | old | new | new ÷ old |\n|---|---|---|---|\n" + lines.joined()
      + (missing.isEmpty ? "" : "only in the old results: \(missing.joined(separator: ", "))\n")
  }
}

extension Results {
  /// Whatever can be compared, by a name that says what it is.
  var figures: [(name: String, value: Double)] {
    var figures: [(name: String, value: Double)] = []
    for one in measurements {
      let name = one.capture.isEmpty ? one.program.rawValue : "\(one.program.rawValue) of \(one.capture)"
      figures.append(("\(name), s", one.seconds.median))
      figures.append(("\(name), user + system s", one.busy.median))
      figures.append(("\(name), peak MB", Double(one.medianPeak) / 1e6))
    }
    for one in instructions { figures.append(("instructions of \(one.capture)", Double(one.instructions))) }
    for one in cases {
      figures.append(("\(one.name), ns an item", one.nanoseconds))
      if let count = one.instructions { figures.append(("\(one.name), instructions an item", count)) }
      if let count = one.allocations { figures.append(("\(one.name), allocations an item", count)) }
      figures.append(("\(one.name), peak MB", Double(one.peak) / 1e6))
    }
    return figures
  }
}

extension Double {
  /// Four digits or so.
  fileprivate var short: String { abs(self) >= 1000 ? Int(rounded()).grouped : fixed(abs(self) >= 10 ? 1 : 3) }
}
