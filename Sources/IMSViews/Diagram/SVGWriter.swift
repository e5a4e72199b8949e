import IMSRules

/// A picture that needs nothing but itself: no font, no script, no other resource; light or dark as its reader likes it.
enum SVGWriter {
  /// Of the monospaced face, in pixels: what a character takes, and a line.
  private static let advance = 7.3
  private static let leading = 16.0
  private static let margin = 16.0
  private static let narrowest = 130.0

  static func write(_ script: DiagramScript) -> String {
    let columns = columns(of: script)
    let width = max((columns.last ?? 0) + narrowest / 2 + margin, measure(script.title) + 2 * margin)
    var body: [String] = []
    var y = margin + leading
    body.append(text(script.title, margin, y, "title"))
    y += leading
    for line in wrapped(script.subtitle, width - 2 * margin) {
      body.append(text(line, margin, y, "small"))
      y += leading
    }
    y += leading / 2
    body += groups(script, columns, y)
    y += leading * 1.5
    let top = y
    body += heads(script, columns, &y)
    var rows: [String] = []
    for item in script.items { rows += row(item, columns, width, &y) }
    let lanes = columns.map {
      "<line class=\"lane\" x1=\"\(number($0))\" y1=\"\(number(top + 2.5 * leading))\" x2=\"\(number($0))\" y2=\"\(number(y))\"/>"
    }
    let (w, h) = (number(width), number(y + margin))
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(w)" height="\(h)" viewBox="0 0 \(w) \(h)" role="img">
      <title>\(DiagramText.xml(script.title))</title>
      <desc>\(DiagramText.xml(script.subtitle))</desc>
      <style>\(style)</style>
      <rect class="paper" width="\(w)" height="\(h)"/>

      """
    return head + (lanes + body + rows).joined(separator: "\n") + "\n</svg>\n"
  }

  private static let style = """
    svg{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--lane:#b7bec6;--band:#eef1f4;--error:#b3261e;--warning:#8a5a00;\
    --info:#0b57a4}@media (prefers-color-scheme:dark){svg{--ink:#e6e9ec;--soft:#a4adb6;--paper:#14171a;--lane:#4b535b;\
    --band:#22272c;--error:#ff8a80;--warning:#ffc247;--info:#82b7ff}}text{font:12px ui-monospace,Menlo,Consolas,\
    "DejaVu Sans Mono",monospace;fill:var(--ink)}.title{font-weight:700}.small,.part{fill:var(--soft)}.part{font-size:10.5px}\
    .paper{fill:var(--paper)}.lane{stroke:var(--lane)}.band{fill:var(--band)}.shaft{stroke:var(--ink);fill:none}\
    .tip{fill:var(--ink)}.reply{stroke-dasharray:6 3}.missing{stroke-dasharray:2 4}.plate{fill:var(--paper)}\
    .error{stroke:var(--error)}.warning{stroke:var(--warning)}.info{stroke:var(--info)}\
    text.error,path.tip.error{fill:var(--error);stroke:none}text.warning,path.tip.warning{fill:var(--warning);stroke:none}\
    text.info,path.tip.info{fill:var(--info);stroke:none}.note{fill:var(--band)}
    """

  // MARK: columns

  /// The middles of the lanes: as far apart as the labels between neighbours need.
  private static func columns(of script: DiagramScript) -> [Double] {
    let count = script.participants.count
    guard count > 0 else { return [] }
    var gaps = [Double](repeating: narrowest, count: max(0, count - 1))
    for index in gaps.indices {
      let heads = [script.participants[index], script.participants[index + 1]].map { measure($0.title, $0.address) }
      gaps[index] = max(gaps[index], (heads[0] + heads[1]) / 2 + 20)
    }
    for case .message(let message) in script.items where message.from != message.to {
      let between = min(message.from, message.to)..<max(message.from, message.to)
      let lacking = measure(message.lines[0]) + 30 - between.reduce(0) { $0 + gaps[$1] }
      if lacking > 0 { for index in between { gaps[index] += lacking / Double(between.count) } }
    }
    var columns = [margin + narrowest / 2]
    for gap in gaps { columns.append((columns.last ?? 0) + gap.rounded()) }
    return columns
  }

  /// Wide characters take two places; what is more than that is cut by no one.
  private static func measure(_ texts: String...) -> Double {
    texts.map { text in text.unicodeScalars.reduce(0.0) { $0 + ($1.value >= 0x1100 ? 2 : 1) } * advance }.max() ?? 0
  }

  // MARK: what stands above the rows

  private static func groups(_ script: DiagramScript, _ columns: [Double], _ y: Double) -> [String] {
    script.groups.flatMap { group -> [String] in
      guard let title = group.title, let first = group.members.first, let last = group.members.last else { return [] }
      let (left, right) = (columns[first] - narrowest / 2 + 6, columns[last] + narrowest / 2 - 6)
      return [
        rectangle("band", left, y - leading + 4, right - left, leading),
        text(title, (left + right) / 2, y, "part", anchor: "middle"),
      ]
    }
  }

  private static func heads(_ script: DiagramScript, _ columns: [Double], _ y: inout Double) -> [String] {
    let texts = zip(script.participants, columns).flatMap { participant, x in
      [
        text(participant.title, x, y + leading, "title", anchor: "middle"),
        text(participant.address, x, y + 2 * leading, "part", anchor: "middle"),
      ]
    }
    y += 3 * leading
    return texts
  }

  // MARK: rows

  private static func row(
    _ item: DiagramScript.Item, _ columns: [Double], _ width: Double, _ y: inout Double
  ) -> [String] {
    switch item {
    case .phase(let title):
      y += leading * 1.75
      return [
        rectangle("band", margin, y - leading + 2, width - 2 * margin, leading + 4),
        text(title, margin + 8, y, "title"),
      ]
    case .message(let message):
      let drawn = arrow(message, columns, y + leading * 1.9)
      y += leading * 1.9 + Double(message.lines.count - 1) * 13
      return drawn
    case .note(let note):
      let lines = wrapped(note.text, width - 2 * margin - 16)
      y += leading * 0.75
      let box = rectangle(
        "note \(note.severity.rawValue)", margin, y, width - 2 * margin, Double(lines.count) * leading + 6)
      let texts = lines.enumerated().map { number, line in
        text(line, margin + 8, y + Double(number + 1) * leading - 2, note.severity.rawValue)
      }
      y += Double(lines.count) * leading + 6
      return [box] + texts
    }
  }

  private static func arrow(_ message: DiagramScript.Message, _ columns: [Double], _ y: Double) -> [String] {
    let (from, to) = (columns[message.from], columns[message.to])
    let severity =
      message.severity.map { " \($0.rawValue)" } ?? (message.fate == .lost || message.fate == .missing ? " error" : "")
    let dashes = message.fate == .missing ? " missing" : message.isReply ? " reply" : ""
    let middle = message.from == message.to ? from + 24 : (from + to) / 2
    let anchor = message.from == message.to ? "start" : "middle"
    var drawn = [
      plate(message.lines[0], middle, y - 5, anchor),
      text(message.lines[0], middle, y - 5, "label\(severity)", anchor: anchor),
    ]
    for (number, line) in message.lines.dropFirst().enumerated() {
      drawn.append(text(line, min(from, to) + 8, y + 13 * Double(number + 1), "part"))
    }
    if message.from == message.to {
      return drawn + ["<path class=\"shaft\(severity)\" d=\"M\(number(from)) \(number(y - 8))h16v8h-16\"/>"]
    }
    let sign = to > from ? 1.0 : -1.0
    let end = message.fate == .lost ? from + (to - from) * 0.8 : to
    drawn.append(
      "<line class=\"shaft\(dashes)\(severity)\" x1=\"\(number(from))\" y1=\"\(number(y))\" x2=\"\(number(end - sign * 6))\" y2=\"\(number(y))\"/>"
    )
    if message.fate == .lost {
      drawn.append(
        "<path class=\"shaft\(severity)\" d=\"M\(number(end - 5)) \(number(y - 5))l10 10m0 -10l-10 10\"/>")
    } else {
      drawn.append(
        "<path class=\"tip\(severity)\" d=\"M\(number(end)) \(number(y))l\(number(-sign * 9)) -4v8z\"/>")
    }
    return drawn
  }

  /// Behind a label, so that no lane runs through it.
  private static func plate(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
    let width = measure(text) + 4
    return rectangle("plate", anchor == "middle" ? x - width / 2 : x - 2, y - 11, width, 14)
  }

  // MARK: elements

  private static func text(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String? = nil) -> String {
    if text.isEmpty { return "" }
    let place = anchor.map { " text-anchor=\"\($0)\"" } ?? ""
    return "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\"\(place)>\(DiagramText.xml(text))</text>"
  }

  private static func rectangle(_ style: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String
  {
    "<rect class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\"/>"
  }

  /// With at most one decimal, the same on every machine.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
    return (tenths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
  }

  private static func wrapped(_ text: String, _ width: Double) -> [String] {
    let places = max(20, Int(width / advance))
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= places {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
