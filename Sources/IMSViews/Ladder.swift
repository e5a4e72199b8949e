import IMSBytes
import IMSFlows
package import IMSRules

/// A registration as a ladder of text: a lane a node, a line a message. No line is wider than the style asks for, as long as
/// there is room for the lanes.
package enum LadderView {
  /// - Parameters:
  ///   - page: that page alone, from 1; nil for all.
  ///   - others: registrations of the same capture that are not shown.
  package static func render(
    _ report: FlowReport, _ options: LadderLayout.Options = LadderLayout.Options(), page: Int? = nil, others: Int,
    style: Style
  ) -> String {
    let lines =
      head(report, style) + [""] + text(LadderLayout(report, options), page: page, style) + self.others(others)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The lanes, lines and notes alone.
  package static func lines(of report: FlowReport, style: Style) -> [String] {
    text(LadderLayout(report, LadderLayout.Options()), style)
  }

  /// Who, how it ended, and why.
  static func head(_ report: FlowReport, _ style: Style) -> [String] {
    let flow = report.flow
    let who = "#\(report.id) \(style.text(flow.identity))"
    let outcome = flow.outcomeText(style)
    let isShort = Cells.width(who) + 1 + Cells.width(flow.outcome.rawValue + flow.statusText) <= style.width
    var lines = isShort ? ["\(who) \(outcome)"] : Layout.wrapped(who, style.width) + [outcome]
    lines += Layout.wrapped(
      "\(flow.kind.title), \(flow.mechanismText), \(TimeText.iso(flow.start)), \(TimeText.duration(flow.duration))",
      style.width)
    if let first = flow.callIDs.first {
      let more = flow.callIDs.count > 1 ? " and \(flow.callIDs.count - 1) more" : ""
      lines.append(Layout.cut(style.text("Call-ID \(first.string)"), to: style.width - more.count, style) + more)
    }
    lines += Layout.wrapped(style.text(flow.cause), style.width)
    for (name, text) in report.causeTexts { lines += Layout.wrapped("\(name) \(style.text(text))", style.width) }
    return lines + (flow.stopText.map { Layout.wrapped("stopped at " + style.text($0), style.width) } ?? [])
  }

  /// What is said of registrations that are not shown.
  static func others(_ count: Int) -> [String] {
    if count <= 0 { return [] }
    return ["", "\(counted(count, "other registration")) in this capture: choose with --registration N or --user"]
  }

  /// Lanes, rows and notes.
  static func text(_ layout: LadderLayout, page: Int? = nil, _ style: Style) -> [String] {
    let canvas = LadderCanvas(layout, style)
    let pages = layout.pages
    let chosen = page.map { min(max(1, $0), pages.count) - 1 }
    var lines: [String] = []
    for (number, rows) in pages.enumerated() where chosen == nil || chosen == number {
      if !lines.isEmpty { lines.append("") }
      if pages.count > 1 { lines.append("page \(number + 1) of \(pages.count)") }
      lines += canvas.header
      for row in rows { lines += canvas.lines(row) }
    }
    if !layout.notes.isEmpty { lines.append("") }
    for note in layout.notes { lines += text(note, style) }
    return lines
  }

  private static func text(_ note: LadderLayout.Note, _ style: Style) -> [String] {
    let clauses = Clause.list(note.clauses)
    let times = note.count > 1 ? " ×\(note.count)" : ""
    let severity = note.severity.rawValue
    var head = Layout.wrapped(style.text("!\(note.number) \(severity) \(note.rule) \(note.title)\(times)"), style.width)
    if let word = head[0].firstRange(of: severity) {
      head[0].replaceSubrange(word, with: style.paint(severity, Paint(note.severity)))
    }
    let message = style.text(note.message + (clauses.isEmpty ? "" : " (\(clauses))"))
    return head + Layout.wrapped(message, style.width - 3).map { "   " + $0 }
  }
}
