import IMSFlows

extension LadderLayout {
  /// What fits on a page, as an eye or a renderer takes it in: Mermaid gives up at 50 000 characters.
  private static let arrowLimit = 60
  private static let lineLimit = 360

  /// The rows page by page; at least one page. A phase that goes on is told again.
  package var pages: [[Row]] {
    let total = rows.reduce(0) { $0 + $1.lines }
    if self.arrows.count <= Self.arrowLimit, total <= Self.lineLimit { return [rows] }
    var pages: [[Row]] = [[]]
    var (arrows, lines) = (0, 0)
    var phase: String?
    for row in rows {
      let cost = row.lines
      let isFull = arrows >= Self.arrowLimit || lines + cost > Self.lineLimit && arrows > 0
      // A phase begins a page of its own rather than the last lines of one.
      if isFull || row.isPhase && arrows > Self.arrowLimit * 3 / 4 {
        let opening = row.isPhase ? [] : phase.map { [Row.phase("\($0) (continued)")] } ?? []
        pages.append(opening)
        (arrows, lines) = (0, 0)
      }
      if case .phase(let title) = row { phase = title }
      if case .arrow = row { arrows += 1 }
      lines += cost
      pages[pages.count - 1].append(row)
    }
    return pages
  }

  // MARK: overview

  /// Each phase with what it holds in place of its messages.
  var overview: [Row] {
    var result: [Row] = []
    var inside: [Arrow] = []
    for row in rows {
      switch row {
      case .arrow(let arrow): inside.append(arrow)
      case .phase:
        result += LadderLayout.summary(of: inside) + [row]
        inside = []
      case .summary: result.append(row)
      }
    }
    return result + LadderLayout.summary(of: inside)
  }

  /// "14 messages, frames 45 to 89, 0.000 to 11.177 ms, 401 Unauthorized at the end, !1 !2, 1 missing".
  private static func summary(of arrows: [Arrow]) -> [Row] {
    guard let left = arrows.map({ min($0.from, $0.to) }).min(), let right = arrows.map({ max($0.from, $0.to) }).max()
    else { return [] }
    let seen = arrows.filter { $0.fate == .seen || $0.fate == .lost }
    let missing = arrows.count { $0.fate == .missing }
    let expected = arrows.filter { $0.fate == .expected }
    var parts: [String] = []
    if let first = seen.first, let last = seen.last {
      parts.append(counted(seen.count, "message"))
      parts.append("frames \(first.frame) to \(last.frame)")
      parts.append("\(first.milliseconds ?? "") to \(last.milliseconds ?? "") ms")
      parts.append("\(last.labels[0]) at the end")
    }
    if let first = expected.first, let last = expected.last {
      parts.append(
        "\(counted(expected.count, "step")), \(first.step) \(first.labels[0]) to \(last.step) \(last.labels[0])")
    }
    let notes = Set(arrows.flatMap(\.notes)).sorted()
    if !notes.isEmpty { parts.append(notes.map { "!\($0)" }.joined(separator: " ")) }
    if missing > 0 { parts.append("\(missing) missing") }
    return [.summary(Summary(from: left, to: right, text: parts.joined(separator: ", ")))]
  }
}

extension LadderLayout.Row {
  /// As a writer draws it, about.
  fileprivate var lines: Int {
    switch self {
    case .phase: 1
    case .summary: 2
    case .arrow(let arrow): 1 + arrow.parameters.count + (arrow.remark.isEmpty ? 0 : 2)
    }
  }
}
