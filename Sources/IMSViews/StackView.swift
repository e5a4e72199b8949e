import IMSFlows
package import IMSRules

/// The stacks of a registration's requests and responses as text, hop beside hop.
package enum StackView {
  /// - Parameter others: registrations of the same capture that are not shown.
  package static func render(
    _ report: FlowReport, fields: [StackLayout.Field], others: Int, style: Style
  ) -> String {
    let layout = StackLayout(report, fields: fields)
    var lines = LadderView.head(report, style)
    var round = -1
    for table in layout.tables {
      if table.round != round {
        round = table.round
        lines += ["", heading(layout.titles[round], style)]
      }
      lines += text(table, layout, style)
    }
    if layout.tables.isEmpty {
      lines += ["", "no REGISTER with \(fields.map(\.name).joined(separator: ", ")) was seen"]
    } else {
      lines += ["", marks, ""]
      lines += layout.entries.enumerated().map { "\(StackLayout.letter($0.offset)) \(style.text($0.element))" }
    }
    return (lines + LadderView.others(others)).joined(separator: "\n") + "\n"
  }

  private static func heading(_ title: String, _ style: Style) -> String {
    let rule: Character = style.unicode ? "═" : "="
    return "\(rule)\(rule) \(title) " + String(repeating: rule, count: max(2, style.width - title.count - 4))
  }

  private static let marks = "+ pushed   = kept   ~ changed   - popped   x gone"

  // MARK: tables

  private static let narrowest = 18

  /// As many hops side by side as there is room for; further ones below.
  private static func text(_ table: StackLayout.Table, _ layout: StackLayout, _ style: Style) -> [String] {
    let fit = max(1, (style.width - 2) / (narrowest + 2))
    let arrow = table.isRequest ? (style.unicode ? "▼" : "v") : style.unicode ? "▲" : "^"
    var lines: [String] = []
    for start in stride(from: 0, to: table.columns.count, by: fit) {
      let columns = Array(table.columns[start..<min(start + fit, table.columns.count)])
      let width = max(narrowest, (style.width - 2) / columns.count - 2)
      let title = "\(table.field.name) of \(table.isRequest ? "requests" : "responses") \(arrow)"
      lines += ["", start == 0 ? title : "\(title) (continued)"]
      func row(_ texts: [String]) -> String {
        let cells = texts.map { Layout.left(Layout.cut($0, to: width, style), width + 2) }
        let line = "  " + cells.joined()
        return String(line.reversed().drop { $0 == " " }.reversed())
      }
      lines.append(row(columns.map { style.text("\($0.hop.rawValue) \($0.from) → \($0.to)") }))
      lines.append(
        row(columns.map { style.text(($0.frame.isEmpty ? "" : "#\($0.frame) ") + $0.label) }))
      for index in 0..<table.rows { lines.append(row(columns.map { cell($0.cells[index], style) })) }
      lines += columns.flatMap { changes($0, style) }
    }
    return lines
  }

  private static func cell(_ cell: StackLayout.Cell?, _ style: Style) -> String {
    guard let cell else { return "" }
    return "\(mark(cell.change)) \(StackLayout.letter(cell.entry)) \(style.text(brief(cell.text)))"
  }

  /// Where it is, without what is in the legend.
  private static func brief(_ text: String) -> String {
    let place = text.prefix { $0 != ";" }
    return place.hasPrefix("SIP/2.0/") ? String(place.dropFirst(8)) : String(place)
  }

  private static func mark(_ change: StackLayout.Change) -> Character {
    switch change {
    case .first: " "
    case .pushed: "+"
    case .kept: "="
    case .changed: "~"
    case .popped: "-"
    case .gone: "x"
    }
  }

  /// "  ~ A on H1: +received=192.0.2.1".
  private static func changes(_ column: StackLayout.Column, _ style: Style) -> [String] {
    column.cells.compactMap { cell in
      guard let cell, case .changed(let differences) = cell.change else { return nil }
      let texts = differences.map { style.text($0) }.joined(separator: ", ")
      return "  ~ \(StackLayout.letter(cell.entry)) on \(column.hop.rawValue): \(texts)"
    }
  }
}
