import IMSBytes
import IMSFlows

/// Where the time of a registration went: thick where a node worked, thin where it waited for others.
enum WaterfallPicture {
  private static let left = 144.0
  private static let plot = 520.0
  private static let row = 20.0

  static func draw(_ waterfall: Waterfall, titles: [String]) -> Markup {
    let span = Double(max(1, waterfall.span))
    func x(_ time: Int64) -> Double { left + Double(time) / span * plot }
    var body: [Markup] = []
    var y = 8.0
    var round = -1
    for row in waterfall.rows {
      if row.round != round {
        round = row.round
        y += Self.row
        body.append(SVG.text(titles[round], 8, y, "title"))
      }
      y += Self.row
      body.append(SVG.text(row.node.rawValue, 8, y, "label"))
      body.append(SVG.line("wait", x(row.whole.lowerBound), y - 4, x(row.whole.upperBound), y - 4))
      body += row.busy.map {
        SVG.rectangle("own", x($0.lowerBound), y - 10, max(1.5, x($0.upperBound) - x($0.lowerBound)), 12)
      }
      let own = TimeText.duration(Interval(nanoseconds: row.own)) + (row.holdsOthers ? " and behind" : "")
      body.append(SVG.text(own, left + plot + 8, y, "small"))
    }
    let axis = ticks(waterfall.span).map { time in
      [
        SVG.line("lane", x(time), 12, x(time), y + 6),
        SVG.text(TimeText.brief(time), x(time), y + 22, "part", anchor: "middle"),
      ]
    }
    return SVG.picture(
      left + plot + 150, y + 32, "Time of each node: thick where it worked, thin where it waited",
      axis.flatMap(\.self) + body)
  }

  /// At most six, at 1, 2 or 5 times a power of ten.
  private static func ticks(_ span: Int64) -> [Int64] {
    let steps = Distribution.bounds + [Distribution.bounds.last.map { $0 * 10 } ?? 1]
    let step = steps.first { span / $0 <= 5 } ?? max(1, span / 5)
    return (0...max(0, min(5, span / step))).map { $0 * step }
  }
}

extension Waterfall.Row {
  /// What is not waited through.
  fileprivate var busy: [Range<Int64>] {
    var start = whole.lowerBound
    var busy: [Range<Int64>] = []
    for wait in waits {
      if start < wait.lowerBound { busy.append(start..<wait.lowerBound) }
      start = wait.upperBound
    }
    return start < whole.upperBound ? busy + [start..<whole.upperBound] : busy
  }
}

/// Registrations by outcome over time: a row an outcome, so that no colour is needed to tell them apart.
enum TimeLinePicture {
  private static let left = 180.0
  private static let plot = 600.0
  private static let height = 34.0

  static func draw(_ line: TimeLine) -> Markup {
    let width = plot / Double(max(1, line.columns))
    let most = Double(line.outcomes.flatMap { line.counts(of: $0) }.max() ?? 1)
    var body: [Markup] = []
    var y = 8.0
    for outcome in line.outcomes {
      y += height + 8
      let counts = line.counts(of: outcome)
      body.append(SVG.text("\(outcome.rawValue): \(counts.reduce(0, +))", 8, y - 4, "label"))
      body.append(SVG.line("lane", left, y, left + plot, y))
      for (column, count) in counts.enumerated() where count > 0 {
        let bar = max(4, Double(count) / most * height)
        body.append(
          SVG.rectangle(
            outcome.isGood ? "own" : "bad", left + Double(column) * width + 0.5, y - bar, max(2, min(24, width - 1)),
            bar))
      }
    }
    let (start, end) = (TimeText.timeOfDay(line.start), TimeText.timeOfDay(line.end))
    body.append(SVG.text(start, left, y + 18, "part"))
    body.append(SVG.text(end, left + plot, y + 18, "part", anchor: "end"))
    body.append(
      SVG.text("a column is \(TimeText.brief(line.width))", left + plot / 2, y + 18, "part", anchor: "middle"))
    return SVG.picture(
      left + plot + 16, y + 28, "Registrations by outcome from \(start) to \(end), at most \(Int(most)) in a column",
      body)
  }
}

/// How often each node took how long.
enum DistributionPicture {
  private static let left = 116.0
  private static let column = 46.0
  private static let height = 40.0

  static func draw(_ nodes: [Waterfall.Node: Distribution]) -> Markup {
    let used = Distribution.bounds.indices.map(\.self) + [Distribution.bounds.count]
    let busy = used.filter { index in nodes.values.contains { $0.counts[index] > 0 } }
    guard let first = busy.first, let last = busy.last else { return "" }
    var body: [Markup] = []
    var y = 8.0
    for node in Waterfall.Node.allCases {
      guard let distribution = nodes[node] else { continue }
      y += height + 18
      body.append(SVG.text(node.rawValue, 8, y - 4, "label"))
      body.append(SVG.line("lane", left, y, left + Double(last - first + 1) * column, y))
      let most = Double(distribution.counts.max() ?? 1)
      for index in first...last where distribution.counts[index] > 0 {
        let bar = max(2, Double(distribution.counts[index]) / most * height)
        let x = left + Double(index - first) * column
        body.append(SVG.rectangle("own", x + 4, y - bar, column - 8, bar))
        body.append(SVG.text("\(distribution.counts[index])", x + column / 2, y - bar - 3, "part", anchor: "middle"))
      }
    }
    for index in first...last {
      let name = Distribution.bounds.indices.contains(index) ? TimeText.brief(Distribution.bounds[index]) : "more"
      body.append(SVG.text(name, left + (Double(index - first) + 0.5) * column, y + 16, "part", anchor: "middle"))
    }
    return SVG.picture(
      max(420, left + Double(last - first + 1) * column + 16), y + 26,
      "How often each node took how long, up to the time below each column", body)
  }
}
