import IMSRules

/// Columns of cells: where the lanes stand, and what arrows are made of.
struct LadderCanvas {
  /// Cells from lane to lane that leave room for a method, a status code, or the result of an answer.
  private static let narrowest = 10
  /// Cells of a column of remarks.
  private static let remarkRoom = 30

  private let layout: LadderLayout
  private let style: Style
  private let glyphs: Glyphs
  /// Of the gutter: "  frame          ms step ".
  private let frameWidth: Int
  private let timeWidth: Int
  private let columns: [Int]
  /// Where remarks begin; nil where there is no room beside the lanes, so that they stand below their arrow.
  private let remarkColumn: Int?

  init(_ layout: LadderLayout, _ style: Style) {
    self.layout = layout
    self.style = style
    glyphs = style.unicode ? .unicode : .ascii
    let arrows = layout.arrows
    frameWidth = max(5, arrows.map(\.frame.count).max() ?? 0)
    timeWidth = max(8, arrows.map { $0.milliseconds?.count ?? 0 }.max() ?? 0)
    let gutter = frameWidth + 1 + timeWidth + 4
    let room = style.width - gutter - 4
    let gaps = max(1, layout.lanes.count - 1)
    let tail = arrows.map { Cells.width(LadderCanvas.tail($0, style).joined(separator: " ")) }.max() ?? 0
    let marks = arrows.map { Cells.width(LadderCanvas.marks($0, style).joined(separator: " ")) }.max() ?? 0
    let wanted =
      arrows.map { arrow in
        (Cells.width(style.text(arrow.labels[0])) + 5) / max(1, abs(arrow.from - arrow.to)) + 1
      }.max() ?? 0
    // Remarks get a column where lanes of a usual width leave room for one.
    let left = room - max(8, marks) - 2
    let hasColumn = arrows.contains { !$0.remark.isEmpty } && left - Self.remarkRoom >= gaps * 13
    let lanes = hasColumn ? left - Self.remarkRoom : room
    // What stands behind the lanes goes on below before the lanes become too narrow for "REGISTER 1".
    let share = hasColumn ? min(15, lanes / gaps) : max((lanes - tail - 1) / gaps, min(15, (lanes - 7) / gaps))
    let gap = max(Self.narrowest, min(share, max(12, wanted)))
    columns = layout.lanes.indices.map { gutter + 2 + $0 * gap }
    remarkColumn = hasColumn ? (columns.last ?? 0) + 2 + max(8, marks) + 2 : nil
  }

  private var gutter: Int { frameWidth + 1 + timeWidth + 4 }
  /// Behind the last lane.
  private var end: Int { (columns.last ?? 0) + 1 }

  // MARK: header

  /// Whose nodes they are, their names and their addresses; on several lines where they would touch.
  var header: [String] {
    let domains = layout.groups.filter { $0.domain != nil }
    let middles = domains.map { (columns[$0.lanes[0]] + columns[$0.lanes[$0.lanes.count - 1]]) / 2 }
    var names = stacked(layout.lanes.map(\.title), at: columns)
    let gutter = Layout.right("frame", frameWidth) + " " + Layout.right("ms", timeWidth)
    if let first = names.first { names[0] = gutter + first.dropFirst(gutter.count) }
    return stacked(domains.compactMap(\.domain?.rawValue), at: middles) + names
      + stacked(layout.lanes.map(\.address), at: columns)
  }

  private func stacked(_ texts: [String], at columns: [Int]) -> [String] {
    var lines: [[Character]] = []
    for (column, text) in zip(columns, texts) where !text.isEmpty {
      let start = max(0, min(column - text.count / 2, style.width - text.count))
      let number = lines.firstIndex { $0.count < start } ?? lines.count
      if number == lines.count { lines.append([]) }
      lines[number] += Array(repeating: " ", count: max(0, start - lines[number].count)) + Array(text)
    }
    return lines.map { String($0) }
  }

  // MARK: rows

  func lines(_ row: LadderLayout.Row) -> [String] {
    switch row {
    case .phase(let title): return [phase(title)]
    case .summary(let summary): return below([summary.text], from: summary.from, isCut: false)
    case .arrow(let arrow): return lines(arrow)
    }
  }

  private func phase(_ title: String) -> String {
    let text = Layout.cut("\(glyphs.rule)\(glyphs.rule) \(style.text(title)) ", to: style.width - 2, style)
    return text + String(repeating: glyphs.rule, count: max(2, end - Cells.width(text)))
  }

  /// The arrow, what stands behind and beside it, and the parameters under it.
  private func lines(_ arrow: LadderLayout.Arrow) -> [String] {
    let gutter =
      Layout.right(arrow.frame, frameWidth) + " " + Layout.right(arrow.milliseconds ?? "", timeWidth) + " "
      + Layout.left(arrow.step, 3)
    let room = (remarkColumn.map { $0 - 2 } ?? style.width) - end - 1
    var behind = Layout.wrapped(LadderCanvas.marks(arrow, style).joined(separator: " "), max(4, room))
    // Words stand behind the marks where they fit, else below.
    let words = arrow.remarks.map { style.text($0) }
    let whole = LadderCanvas.tail(arrow, style).joined(separator: " ")
    let fits = !words.isEmpty && Cells.width(whole) <= room
    if fits { behind = [whole] }
    let remark = style.text(arrow.remark)
    let aside = remarkColumn.map { Layout.wrapped(remark, style.width - $0) } ?? []
    var lines: [String] = []
    for index in 0..<max(1, behind.count, aside.count) {
      var cells = index == 0 ? shaft(arrow) : lanes
      if index == 0 { cells.replaceSubrange(0..<gutter.count, with: gutter.map { String($0) }) }
      let tail = index < behind.count ? behind[index] : ""
      var line = cells.joined() + (tail.isEmpty ? "" : " " + painted(tail, arrow))
      if index < aside.count, let column = remarkColumn {
        let used = cells.count + (tail.isEmpty ? 0 : 1 + Cells.width(tail))
        line += String(repeating: " ", count: max(2, column - used)) + aside[index]
      }
      lines.append(line)
    }
    let left = min(arrow.from, arrow.to)
    return lines + below(fits ? [] : words, from: left, isCut: false)
      + below(remarkColumn == nil && !remark.isEmpty ? [remark] : [], from: left, isCut: false)
      + below(arrow.parameters, from: left, isCut: true)
  }

  /// Texts across the lanes, from the right of one on.
  private func below(_ texts: [String], from lane: Int, isCut: Bool) -> [String] {
    let start = max(gutter, min((columns.indices.contains(lane) ? columns[lane] : gutter) + 2, style.width - 42))
    let room = max(20, style.width - start)
    return texts.flatMap { text -> [String] in
      let safe = style.text(text)
      return (isCut ? [Layout.cut(safe, to: room, style)] : Layout.wrapped(safe, room)).map { line in
        var cells = lanes
        let text = Cells.split(line)
        cells += Array(repeating: " ", count: max(0, start + text.count - cells.count))
        cells.replaceSubrange(start..<start + text.count, with: text)
        // No lane touches a text.
        if start + text.count < cells.count, cells[start + text.count] != " " { cells[start + text.count] = " " }
        if start > 0, cells[start - 1] != " " { cells[start - 1] = " " }
        while cells.last == " " { cells.removeLast() }
        return cells.joined()
      }
    }
  }

  private var lanes: [String] {
    var cells = [String](repeating: " ", count: end)
    for column in columns { cells[column] = String(glyphs.lane) }
    return cells
  }

  // MARK: arrows

  /// The lanes with the arrow across them.
  private func shaft(_ arrow: LadderLayout.Arrow) -> [String] {
    var cells = lanes
    let (left, right) = (columns[min(arrow.from, arrow.to)], columns[max(arrow.from, arrow.to)])
    guard left < right else { return loop(arrow, at: left) }
    let isMissing = arrow.fate == .missing
    for column in (left + 1)..<right {
      let dash = isMissing ? glyphs.dotted : glyphs.dash
      cells[column] = String(columns.contains(column) ? (isMissing ? glyphs.lane : glyphs.crossing) : dash)
    }
    let forward = arrow.from < arrow.to
    cells[forward ? right - 1 : left + 1] = String(
      arrow.fate == .lost ? glyphs.lost : forward ? glyphs.right : glyphs.left)
    let label = fitting(arrow.labels, right - left - 1)
    // Towards the tail where the blanks are odd: the head has a dash in front of it if there is one to spare.
    let spare = right - left - 2 - label.count
    let start = left + 1 + (forward ? spare / 2 : 1 + (spare + 1) / 2)
    cells.replaceSubrange(start..<start + label.count, with: label)
    return cells
  }

  /// A node that sends to itself.
  private func loop(_ arrow: LadderLayout.Arrow, at column: Int) -> [String] {
    var cells = lanes
    let isRight = end - column >= 14 || column - gutter < 14
    let room = isRight ? max(8, end - column - 2) : column - gutter - 2
    let texts = arrow.labels.map { style.text($0) }
    let text = texts.first { Cells.width($0) <= room } ?? Layout.cut(texts.last ?? "", to: room, style)
    let label = Cells.split(text)
    let start = isRight ? column + 2 : column - 1 - label.count
    cells += Array(repeating: " ", count: max(0, start + label.count - cells.count))
    cells.replaceSubrange(start..<start + label.count, with: label)
    return cells
  }

  /// A label for so many cells between two lanes, the head among them: with a blank at both sides where there is room, else
  /// as it is, else cut.
  private func fitting(_ labels: [String], _ between: Int) -> [String] {
    let texts = labels.map { style.text($0) }
    let (airy, tight) = (between - 3, between - 1)
    if let text = texts.first(where: { Cells.width($0) <= airy }) { return Cells.split(" \(text) ") }
    if let text = texts.first(where: { Cells.width($0) <= tight }) { return Cells.split(text) }
    let last = texts.last ?? ""
    return airy >= 8
      ? Cells.split(" \(Layout.cut(last, to: airy, style)) ") : Cells.split(Layout.cut(last, to: max(1, tight), style))
  }

  // MARK: what stands behind the lanes

  /// How often, and the numbers of the findings.
  private static func marks(_ arrow: LadderLayout.Arrow, _ style: Style) -> [String] {
    let times = arrow.times > 1 ? ["\(style.unicode ? "×" : "x")\(arrow.times)"] : []
    return times + arrow.notes.map { "!\($0)" }
  }

  private static func tail(_ arrow: LadderLayout.Arrow, _ style: Style) -> [String] {
    marks(arrow, style) + arrow.remarks.map { style.text($0) }
  }

  private func painted(_ text: String, _ arrow: LadderLayout.Arrow) -> String {
    let severity = layout.notes.filter { arrow.notes.contains($0.number) }.map(\.severity).max()
    return severity.map { style.paint(text, Paint($0)) } ?? text
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
