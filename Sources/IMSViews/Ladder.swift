import IMSFlows
package import IMSRules

/// A registration as a ladder of text: a lane a node, a line a message.
package enum LadderView {
  /// - Parameter others: registrations of the same capture that are not shown.
  package static func render(
    _ report: FlowReport, _ options: LadderLayout.Options = LadderLayout.Options(), others: Int, style: Style
  ) -> String {
    let lines = head(report, style) + [""] + text(LadderLayout(report, options), style) + self.others(others)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Who, how it ended, and why.
  static func head(_ report: FlowReport, _ style: Style) -> [String] {
    let flow = report.flow
    let lines = [
      "#\(report.id) \(style.text(flow.identity)) \(flow.outcomeText(style))",
      "\(flow.kind.title), \(flow.mechanismText), \(TimeText.iso(flow.start)), \(TimeText.duration(flow.duration))",
      style.text(flow.cause),
    ]
    return lines + (flow.stoppedAt.map { ["stopped at " + style.text($0)] } ?? [])
  }

  /// What is said of registrations that are not shown.
  static func others(_ count: Int) -> [String] {
    if count <= 0 { return [] }
    return ["", "\(counted(count, "other registration")) in this capture: choose with --registration N or --user"]
  }

  /// Lanes, rows and notes.
  static func text(_ layout: LadderLayout, _ style: Style) -> [String] {
    let canvas = LadderCanvas(layout, style)
    var lines = canvas.header
    for row in layout.rows { lines += canvas.lines(row) }
    if !layout.notes.isEmpty { lines.append("") }
    for note in layout.notes { lines += text(note, style) }
    return lines
  }

  private static func text(_ note: LadderLayout.Note, _ style: Style) -> [String] {
    let severity = style.paint(note.severity.rawValue, Paint(note.severity))
    let clauses = Clause.list(note.clauses)
    let times = note.count > 1 ? " ×\(note.count)" : ""
    return [
      "!\(note.number) \(severity) \(style.text("\(note.rule) \(note.title)\(times)"))",
      "   " + style.text(note.message + (clauses.isEmpty ? "" : " (\(clauses))")),
    ]
  }
}

/// Columns of characters: where the lanes stand, and the characters that arrows are made of.
private struct LadderCanvas {
  private let layout: LadderLayout
  private let style: Style
  private let glyphs: Glyphs
  /// Of the gutter: "  frame          ms step ".
  private let frameWidth: Int
  private let timeWidth: Int
  private let columns: [Int]

  init(_ layout: LadderLayout, _ style: Style) {
    self.layout = layout
    self.style = style
    glyphs = style.unicode ? .unicode : .ascii
    let arrows = layout.arrows
    frameWidth = max(5, arrows.map(\.frame.count).max() ?? 0)
    timeWidth = max(8, arrows.map { $0.milliseconds?.count ?? 0 }.max() ?? 0)
    let gutter = frameWidth + 1 + timeWidth + 4
    let tail = arrows.map { LadderCanvas.tail($0, style).count }.max() ?? 0
    let gaps = max(1, layout.lanes.count - 1)
    // What stands behind the lanes may stand over the edge before the lanes become too narrow for "REGISTER 1".
    let room = max((style.width - gutter - 5 - tail) / gaps, min(15, (style.width - gutter - 3) / gaps))
    let wanted =
      arrows.map { arrow in
        (style.text(arrow.labels[0]).count + 5) / max(1, abs(arrow.from - arrow.to)) + 1
      }.max() ?? 0
    let gap = min(max(12, room), max(12, wanted))
    columns = layout.lanes.indices.map { gutter + 2 + $0 * gap }
  }

  // MARK: header

  /// The names and the addresses of the lanes; on several lines where they would touch.
  var header: [String] {
    var names = stacked(layout.lanes.map(\.title))
    let gutter = Layout.right("frame", frameWidth) + " " + Layout.right("ms", timeWidth)
    if let first = names.first { names[0] = gutter + first.dropFirst(gutter.count) }
    return names + stacked(layout.lanes.map(\.address))
  }

  private func stacked(_ texts: [String]) -> [String] {
    var lines: [[Character]] = []
    for (column, text) in zip(columns, texts) where !text.isEmpty {
      let start = max(0, column - text.count / 2)
      let number = lines.firstIndex { $0.count < start } ?? lines.count
      if number == lines.count { lines.append([]) }
      lines[number] += Array(repeating: " ", count: start - lines[number].count) + Array(text)
    }
    return lines.map { String($0) }
  }

  // MARK: rows

  /// The row, and the parameters under it.
  func lines(_ row: LadderLayout.Row) -> [String] {
    guard case .arrow(let arrow) = row else { return [line(row)] }
    let start = columns[min(arrow.from, arrow.to)] + 2
    return [line(row)]
      + arrow.parameters.map { parameter in
        var cells = Array(lanes(with: glyphs.lane))
        let text = Array(Layout.cut(style.text(parameter), to: max(20, style.width - start - 2), style))
        cells += Array(repeating: " ", count: max(0, start + text.count + 1 - cells.count))
        cells.replaceSubrange(start..<start + text.count, with: text)
        if start + text.count < cells.count { cells[start + text.count] = " " }
        while cells.last == " " { cells.removeLast() }
        return String(cells)
      }
  }

  private func line(_ row: LadderLayout.Row) -> String {
    switch row {
    case .phase(let title):
      var cells = lanes(with: glyphs.lane)
      let text = Array("\(glyphs.rule)\(glyphs.rule) \(title) ")
      let end = max(cells.count, text.count + 2)
      cells = text + Array(repeating: glyphs.rule, count: end - text.count)
      return String(cells)
    case .arrow(let arrow):
      let gutter =
        Layout.right(arrow.frame, frameWidth) + " " + Layout.right(arrow.milliseconds ?? "", timeWidth) + " "
        + Layout.left(arrow.step, 3)
      return gutter + shaft(arrow).dropFirst(gutter.count) + paintedTail(arrow)
    }
  }

  private func lanes(with glyph: Character) -> [Character] {
    var cells = [Character](repeating: " ", count: (columns.last ?? 0) + 1)
    for column in columns { cells[column] = glyph }
    return cells
  }

  /// The lanes with the arrow across them.
  private func shaft(_ arrow: LadderLayout.Arrow) -> String {
    var cells = lanes(with: glyphs.lane)
    let (left, right) = (columns[min(arrow.from, arrow.to)], columns[max(arrow.from, arrow.to)])
    guard left < right else { return String(cells) + " " + style.text(arrow.labels[0]) }
    let dash = arrow.fate == .missing ? glyphs.dotted : glyphs.dash
    for column in (left + 1)..<right {
      cells[column] = columns.contains(column) ? (arrow.fate == .missing ? glyphs.lane : glyphs.crossing) : dash
    }
    let forward = arrow.from < arrow.to
    let head = arrow.fate == .lost ? glyphs.lost : forward ? glyphs.right : glyphs.left
    cells[forward ? right - 1 : left + 1] = head
    // At least a dash at the tail, the head, and a blank at both sides of the label.
    let room = right - left - 5
    let label = Array(" \(fitting(arrow.labels, room)) ")
    // Towards the tail where the blanks are odd: the head has a dash in front of it if there is one to spare.
    let spare = right - left - 1 - label.count
    let start = left + 1 + (forward ? max(1, spare / 2) : max(1, (spare + 1) / 2))
    cells.replaceSubrange(start..<start + label.count, with: label)
    return String(cells)
  }

  private func fitting(_ labels: [String], _ room: Int) -> String {
    let texts = labels.map { style.text($0) }
    return texts.first { $0.count <= room } ?? Layout.cut(texts.last ?? "", to: max(1, room), style)
  }

  // MARK: what stands behind the lanes

  private static func tail(_ arrow: LadderLayout.Arrow, _ style: Style) -> String {
    let times = arrow.times > 1 ? ["\(style.unicode ? "×" : "x")\(arrow.times)"] : []
    return (times + arrow.notes.map { "!\($0)" } + arrow.remarks.map { style.text($0) }).joined(separator: " ")
  }

  private func paintedTail(_ arrow: LadderLayout.Arrow) -> String {
    let text = LadderCanvas.tail(arrow, style)
    guard !text.isEmpty else { return "" }
    let severity = layout.notes.filter { arrow.notes.contains($0.number) }.map(\.severity).max()
    return "  " + (severity.map { style.paint(text, Paint($0)) } ?? text)
  }
}

/// What lanes and arrows are drawn with: one character each.
private struct Glyphs {
  var lane: Character
  var dash: Character
  var dotted: Character
  var crossing: Character
  var left: Character
  var right: Character
  var lost: Character
  var rule: Character

  static let unicode = Glyphs(
    lane: "│", dash: "─", dotted: "┄", crossing: "┼", left: "◀", right: "▶", lost: "✗", rule: "═")
  static let ascii = Glyphs(
    lane: "|", dash: "-", dotted: ".", crossing: "+", left: "<", right: ">", lost: "x", rule: "=")
}
