import IMSRules

/// A picture that needs nothing but itself: no font, no script, no other resource; light or dark as its reader likes it.
struct SVGWriter {
  private static let margin = 16.0
  private static let narrowest = 130.0
  private static let leading = SVG.leading

  private let script: DiagramScript
  /// Of a page that holds the picture: its arrows and notes lead to "#PREFIX-m12" and "#PREFIX-f3". Nil for a picture alone.
  private let prefix: String?
  private let columns: [Double]
  /// Of lanes and labels.
  private let lanes: Double
  /// With the remarks beside them.
  private let width: Double

  static func write(_ script: DiagramScript) -> String {
    let (body, w, h) = SVGWriter(script, prefix: nil).picture()
    let document: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(w)" height="\(h)" viewBox="0 0 \(w) \(h)" role="img">
      <title>\(script.title)</title>
      <desc>\(script.subtitle)</desc>
      <style>\(Markup(style: style))</style>
      <rect class="paper" width="\(w)" height="\(h)"/>
      \(body)
      </svg>

      """
    return document.text
  }

  /// For a page that has the style.
  static func inline(_ script: DiagramScript, prefix: String) -> Markup {
    let (body, w, h) = SVGWriter(script, prefix: prefix).picture()
    return """
      <svg width="\(w)" height="\(h)" viewBox="0 0 \(w) \(h)" role="group" aria-label="\(script.title)">
      \(body)
      </svg>
      """
  }

  static let style = """
    svg{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--lane:#b7bec6;--band:#eef1f4;--error:#b3261e;--warning:#8a5a00;\
    --info:#0b57a4}@media (prefers-color-scheme:dark){svg{--ink:#e6e9ec;--soft:#a4adb6;--paper:#14171a;--lane:#4b535b;\
    --band:#22272c;--error:#ff8a80;--warning:#ffc247;--info:#82b7ff}}text{font:12px ui-monospace,Menlo,Consolas,\
    "DejaVu Sans Mono",monospace;fill:var(--ink)}.title{font-weight:700}.small,.part{fill:var(--soft)}.part{font-size:10.5px}.under{paint-order:stroke;stroke:var(--paper);stroke-width:4px}\
    .paper{fill:var(--paper)}.lane{stroke:var(--lane)}.band{fill:var(--band)}.shaft{stroke:var(--ink);fill:none}\
    .tip{fill:var(--ink)}.reply{stroke-dasharray:6 3}.missing{stroke-dasharray:2 4}.plate{fill:var(--paper)}\
    .error{stroke:var(--error)}.warning{stroke:var(--warning)}.info{stroke:var(--info)}\
    text.error,path.tip.error{fill:var(--error);stroke:none}text.warning,path.tip.warning{fill:var(--warning);stroke:none}\
    text.info,path.tip.info{fill:var(--info);stroke:none}.note{fill:var(--band)}
    """

  private init(_ script: DiagramScript, prefix: String?) {
    self.script = script
    self.prefix = prefix
    columns = SVGWriter.columns(of: script)
    lanes = max(
      (columns.last ?? 0) + Self.narrowest / 2 + Self.margin, SVG.measure(script.title) + 2 * Self.margin)
    let hasRemarks = script.items.contains {
      if case .message(let message) = $0 { !message.remark.isEmpty } else { false }
    }
    width = lanes + (hasRemarks ? Double(DiagramScript.Message.remarkWidth) * 6.5 + Self.margin : 0)
  }

  private func picture() -> (Markup, Double, Double) {
    var body: [Markup] = []
    var y = Self.margin
    // A page says these itself.
    if prefix == nil {
      y += Self.leading
      body.append(SVG.text(script.title, Self.margin, y, "title"))
      y += Self.leading
      for line in SVG.wrapped(script.subtitle, width - 2 * Self.margin) {
        body.append(SVG.text(line, Self.margin, y, "small"))
        y += Self.leading
      }
      y += Self.leading / 2
    }
    for page in script.pages.indices { body += self.page(page, &y) }
    return (Markup(body), width, y + Self.margin)
  }

  /// The heads of the lanes, and the rows below them.
  private func page(_ number: Int, _ y: inout Double) -> [Markup] {
    var body: [Markup] = []
    if let title = script.pageTitle(number) {
      y += Self.leading * (number > 0 ? 2.5 : 1)
      body.append(SVG.text(title, Self.margin, y, "title"))
      y += Self.leading * 1.5
    }
    body += groups(y)
    y += Self.leading * 1.5
    let top = y
    body += heads(&y)
    var rows: [Markup] = []
    for item in script.pages[number] { rows += row(item, &y) }
    return columns.map { SVG.line("lane", $0, top + 2.5 * Self.leading, $0, y) } + body + rows
  }

  // MARK: columns

  /// The middles of the lanes: as far apart as the labels between neighbours need.
  private static func columns(of script: DiagramScript) -> [Double] {
    let count = script.participants.count
    guard count > 0 else { return [] }
    var gaps = [Double](repeating: narrowest, count: max(0, count - 1))
    for index in gaps.indices {
      let heads = [script.participants[index], script.participants[index + 1]].map {
        SVG.measure($0.title, $0.address)
      }
      gaps[index] = max(gaps[index], (heads[0] + heads[1]) / 2 + 20)
    }
    for case .message(let message) in script.items where message.from != message.to {
      let between = min(message.from, message.to)..<max(message.from, message.to)
      let lacking = SVG.measure(message.lines[0]) + 30 - between.reduce(0) { $0 + gaps[$1] }
      if lacking > 0 { for index in between { gaps[index] += lacking / Double(between.count) } }
    }
    var columns = [margin + narrowest / 2]
    for gap in gaps { columns.append((columns.last ?? 0) + gap.rounded()) }
    return columns
  }

  // MARK: what stands above the rows

  private func groups(_ y: Double) -> [Markup] {
    script.groups.flatMap { group -> [Markup] in
      guard let title = group.title, let first = group.members.first, let last = group.members.last else { return [] }
      let (left, right) = (columns[first] - Self.narrowest / 2 + 6, columns[last] + Self.narrowest / 2 - 6)
      return [
        SVG.rectangle("band", left, y - Self.leading + 4, right - left, Self.leading),
        SVG.text(title, (left + right) / 2, y, "part", anchor: "middle"),
      ]
    }
  }

  private func heads(_ y: inout Double) -> [Markup] {
    let top = y
    y += 3 * Self.leading
    return zip(script.participants, columns).flatMap { participant, x in
      [
        SVG.text(participant.title, x, top + Self.leading, "title", anchor: "middle"),
        SVG.text(participant.address, x, top + 2 * Self.leading, "part", anchor: "middle"),
      ]
    }
  }

  // MARK: rows

  private func row(_ item: DiagramScript.Item, _ y: inout Double) -> [Markup] {
    let leading = Self.leading
    let span = lanes - 2 * Self.margin
    switch item {
    case .phase(let title):
      y += leading * 1.75
      return [
        SVG.rectangle("band", Self.margin, y - leading + 2, span, leading + 4),
        SVG.text(title, Self.margin + 8, y, "title"),
      ]
    case .message(let message):
      let top = y + leading
      let parameters = parameters(of: message)
      let drawn = arrow(message, parameters, y + leading * 1.9)
      let remark = message.remark.enumerated().map { number, line in
        SVG.text(line, lanes, top + Double(number) * 13, "part")
      }
      y = max(
        y + leading * 1.9 + Double(parameters.count) * 13, top + Double(message.remark.count - 1) * 13)
      return drawn + remark
    case .note(let note):
      let severity = note.severity?.rawValue ?? "plain"
      let lines = SVG.wrapped(note.text, span - 16)
      y += leading * 0.75
      let top = y
      let height = Double(lines.count) * leading + 6
      y += height
      let texts = lines.enumerated().map { number, line in
        SVG.text(line, Self.margin + 8, top + Double(number + 1) * leading - 2, severity)
      }
      return [
        SVG.rectangle("note \(severity)", Self.margin, top, span, height),
        link(Markup(texts), to: "f", note.number),
      ]
    }
  }

  /// Below the arrow, as wide as the picture has room; what hangs over is indented.
  private func parameters(of message: DiagramScript.Message) -> [String] {
    let room = max(220, lanes - min(columns[message.from], columns[message.to]) - 8 - Self.margin)
    return message.lines.dropFirst().flatMap { line -> [String] in
      let lines = Layout.wrapped(line, Int(room / 6.4) - 2)
      return lines.enumerated().map { $0.offset == 0 ? $0.element : "  \($0.element)" }
    }
  }

  private func arrow(_ message: DiagramScript.Message, _ parameters: [String], _ y: Double) -> [Markup] {
    let (from, to) = (columns[message.from], columns[message.to])
    let middle = message.from == message.to ? from + 24 : (from + to) / 2
    let anchor = message.from == message.to ? "start" : "middle"
    let label = SVG.text(message.lines[0], middle, y - 5, "label\(severity(message))", anchor: anchor)
    let place: Markup =
      prefix.flatMap { prefix in message.index.map { " id=\"\(prefix)-a\($0)\"" } } ?? ""
    let parts = parameters.enumerated().map { number, line in
      SVG.text(line, min(from, to) + 8, y + 13 * Double(number + 1), "part under")
    }
    let drawn = [plate(message.lines[0], middle, y - 5, anchor), link(label, to: "m", message.index)] + parts
    return ["<g\(place)>"] + drawn + shaft(message, from, to, y) + ["</g>"]
  }

  private func severity(_ message: DiagramScript.Message) -> String {
    message.severity.map { " \($0.rawValue)" } ?? (message.fate == .lost || message.fate == .missing ? " error" : "")
  }

  private func shaft(_ message: DiagramScript.Message, _ from: Double, _ to: Double, _ y: Double) -> [Markup] {
    let severity = severity(message)
    if message.from == message.to {
      return ["<path class=\"shaft\(severity)\" d=\"M\(from) \(y - 8)h16v8h-16\"/>"]
    }
    let dashes = message.fate == .missing ? " missing" : message.isReply ? " reply" : ""
    let sign = to > from ? 1.0 : -1.0
    let end = message.fate == .lost ? from + (to - from) * 0.8 : to
    let tip: Markup =
      message.fate == .lost
      ? "<path class=\"shaft\(severity)\" d=\"M\(end - 5) \(y - 5)l10 10m0 -10l-10 10\"/>"
      : "<path class=\"tip\(severity)\" d=\"M\(end) \(y)l\(-sign * 9) -4v8z\"/>"
    return [SVG.line("shaft\(dashes)\(severity)", from, y, end - sign * 6, y), tip]
  }

  private func link(_ drawn: Markup, to kind: String, _ number: Int?) -> Markup {
    guard let prefix, let number else { return drawn }
    return "<a href=\"#\(prefix)-\(kind)\(number)\">\(drawn)</a>"
  }

  /// Behind a label, so that no lane runs through it.
  private func plate(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> Markup {
    let width = SVG.measure(text) + 4
    return SVG.rectangle("plate", anchor == "middle" ? x - width / 2 : x - 2, y - 11, width, 14)
  }
}
