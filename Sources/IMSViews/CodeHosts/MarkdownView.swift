import IMSFlows
package import IMSRules

/// A summary in Markdown, for the page of a run or a merge request: totals, registrations, findings by place, and a diagram
/// of the first registration that did not go well.
package struct MarkdownView: ReportView {
  /// Registrations that have a row.
  static let rowLimit = 200
  /// Characters of a diagram: code hosts do not draw longer ones.
  static let diagramLimit = 30_000

  private let profile: Profile
  private var rows: [String] = []
  private var hidden = 0
  private var found = PlacedFindings()
  private var drawn: FlowReport?

  package init(profile: Profile) { self.profile = profile }

  package mutating func registration(_ report: FlowReport) -> String {
    found.add(report)
    if drawn == nil, !report.flow.outcome.isGood || report.worst == .error { drawn = report }
    guard rows.count < MarkdownView.rowLimit else {
      hidden += 1
      return ""
    }
    let flow = report.flow
    rows.append(
      row([
        "#\(report.id)", flow.kind.title, flow.identity, flow.outcome.rawValue + flow.statusText, report.verdict.words,
        TimeText.iso(flow.start),
        ([flow.cause] + report.causeTexts.map { "\($0.name) \($0.text)" }).joined(separator: "; "),
      ]))
    return ""
  }

  package mutating func end(_ run: RunReport) -> String {
    found.add(run)
    let names = run.inputs.map { MarkdownView.escaped($0.path) }.joined(separator: ", ")
    var parts = ["## imstrace: \(names)", "\(Totals(run).text) (profile \(MarkdownView.escaped(profile.name)))"]
    let remarks = run.inputs.compactMap { $0.failure.map { "\($0)" } } + run.unmet + run.staleBaseline.map(\.staleText)
    if !remarks.isEmpty { parts.append(remarks.map { "- \(MarkdownView.escaped($0))" }.joined(separator: "\n")) }
    if !rows.isEmpty {
      let head = ["", "kind", "user", "outcome", "verdict", "start", "why"]
      let more = hidden > 0 ? "\n\nand \(counted(hidden, "more registration"))" : ""
      parts.append("### Registrations\n\n" + table(head, rows) + more)
    }
    parts += findings(run) + diagram
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func findings(_ run: RunReport) -> [String] {
    let naming = run.inputs.count > 1
    let standing = found.entries.filter { $0.suppressed == nil }.map { entry in
      row([
        entry.finding.severity.rawValue, entry.finding.rule, entry.finding.title, entry.place.words,
        entry.finding.sentence, FrameText.list(entry.frames, naming: naming), entry.extent,
      ])
    }
    let accepted = found.entries.compactMap { entry in
      entry.suppressed.map { row([entry.place.description, "\(entry.count)", $0.reason]) }
    }
    var parts: [String] = []
    if !standing.isEmpty {
      parts.append(
        "### Findings\n\n" + table(["severity", "rule", "title", "where", "what", "frames", "how often"], standing))
    }
    if !accepted.isEmpty { parts.append("### Accepted\n\n" + table(["place", "findings", "reason"], accepted)) }
    return parts
  }

  private var diagram: [String] {
    guard let drawn else { return [] }
    let text = DiagramView(.mermaid).render(drawn, LadderLayout.Options(), style: Style())
    let title = "### Registration #\(drawn.id)"
    guard text.count <= MarkdownView.diagramLimit else {
      return [title, "Too long to be drawn here: `imstrace ladder --registration \(drawn.id)` draws it."]
    }
    return [title, "```mermaid\n\(text)```"]
  }

  private func table(_ head: [String], _ rows: [String]) -> String {
    ([row(head), "|" + head.map { _ in "---|" }.joined()] + rows).joined(separator: "\n")
  }

  private func row(_ cells: [String]) -> String {
    "| " + cells.map(MarkdownView.escaped).joined(separator: " | ") + " |"
  }

  /// Text as it stands, whatever it holds: no markup, no tag, no end of a cell.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "$": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension FlowReport.Verdict {
  fileprivate var words: String {
    switch self {
    case .compliant: "compliant"
    case .nonCompliant: "not compliant"
    case .inconclusive: "inconclusive"
    }
  }
}
