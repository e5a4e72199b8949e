import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire

/// One registration of a page.
struct RegistrationSection: Sendable {
  /// "r3", and what begins the anchors of its messages ("r3-m12"), arrows ("r3-a12") and findings ("r3-f2").
  let id: String
  let title: String
  let markup: Markup

  init(_ report: FlowReport, _ options: LadderLayout.Options, _ style: Style) {
    id = "r\(report.id)"
    let script = DiagramScript(report, options, style)
    title = script.title
    markup =
      RegistrationWriter(
        report: report, layout: LadderLayout(report, options), script: script, prefix: id, style: style
      ).section
  }
}

private struct RegistrationWriter {
  let report: FlowReport
  let layout: LadderLayout
  let script: DiagramScript
  let prefix: String
  let style: Style

  private var flow: Flow { report.flow }

  var section: Markup {
    """
    <section id="\(prefix)" aria-label="\(script.title)">
    <h2>\(script.title)</h2>
    \(head)
    <h3>Ladder</h3>
    <p class="meta">Labels lead to messages, notes to findings. Dotted: missing. Dashed: answers. Crossed: lost.</p>
    \(HTMLReport.scroll("Ladder of \(script.title)", SVGWriter.inline(script, prefix: prefix)))
    <h3>Findings</h3>
    \(findings)
    <h3>Messages</h3>
    \(flow.messages.indices.map(message))
    \(stacks)
    \(time)
    </section>
    """
  }

  // MARK: head and findings

  private var head: Markup {
    let kind =
      "\(flow.kind.title), \(flow.mechanismText), \(TimeText.iso(flow.start)), \(TimeText.duration(flow.duration))"
    let causes = report.causeTexts.map { name, text -> Markup in "<p>\(name): \(style.text(text))</p>" }
    let stop: Markup = flow.stopText.map { "<p>Stopped at \(style.text($0))</p>" } ?? ""
    let proof: Markup = report.proof.map { "<p>Proof: \(style.text($0.text))</p>" } ?? ""
    let names = [("IMPI", flow.impi.map { [$0] } ?? []), ("Call-ID", flow.callIDs), ("Session-Id", flow.sessionIDs)]
    let lines = names.filter { !$0.1.isEmpty }.map { name, values -> Markup in
      let text = values.prefix(4).map { style.text($0.string) }.joined(separator: ", ")
      return "<li>\(name): <code>\(text)</code>\(values.count > 4 ? " and \(values.count - 4) more" : "")</li>"
    }
    return """
      <p class="meta">\(kind)</p>
      <p>\(style.text(flow.cause))</p>
      \(causes)\(stop)\(proof)
      <ul>
      \(lines)
      </ul>
      """
  }

  private var findings: Markup {
    let silent = report.notObservable.count
    let rules =
      "\(counted(report.passed.count, "rule")) passed, \(report.notApplicable.count) not applicable, \(silent) not observable."
    if layout.notes.isEmpty { return "<p>No findings. \(rules)</p>" }
    return "<p>\(rules)</p>\n\(layout.notes.map(card))"
  }

  private func card(_ note: LadderLayout.Note) -> Markup {
    let places = note.messages.map { index -> Markup in
      "<a href=\"#\(prefix)-m\(index)\">\(style.text(name(of: index)))</a>"
    }
    let texts = [("Observed", note.observed), ("Expected", note.expected), ("Clauses", Clause.list(note.clauses))]
    let lines = texts.filter { !$0.1.isEmpty }.map { "<li>\($0.0): \(style.text($0.1))</li>" as Markup }
    let links: Markup = places.isEmpty ? "" : "<li>Messages: \(Markup(places, separator: ", "))</li>"
    return """
      <article class="finding is-\(note.severity.rawValue)" id="\(prefix)-f\(note.number)">
      <h4>!\(note.number) \(note.severity.rawValue) \(note.rule): \(style.text(note.title))\(note.count > 1 ? " ×\(note.count)" : "")</h4>
      <p>\(style.text(note.message))</p>
      <ul>
      \(lines)
      \(links)
      </ul>
      </article>
      """
  }

  // MARK: messages

  private func name(of index: Int) -> String {
    let message = flow.messages[index].message
    return "frame \(flow.firstFrame(of: message)) \(message.arrowLabels.last ?? "")"
  }

  /// Anchors stand inside, so that a link opens what it leads to.
  private func message(_ index: Int) -> Markup {
    let placed = flow.messages[index]
    let from = placed.from?.rawValue ?? "\(placed.message.source.address)"
    let to = placed.to?.rawValue ?? "\(placed.message.destination.address)"
    let notes = layout.notes.filter { $0.messages.contains(index) }
    let marks = notes.map { " !\($0.number)" }.joined()
    let times = placed.message.transmissions.count
    let head =
      "frame \(flow.firstFrame(of: placed.message)), "
      + "\(TimeText.milliseconds(placed.time - flow.start)) ms\(placed.step.map { ", \($0)" } ?? ""), \(from) → \(to): "
      + "\(placed.message.arrowLabels[0])\(times > 1 ? " ×\(times)" : "")\(marks)"
    let isDrawn = layout.arrows.contains { $0.message == index }
    let links =
      notes.map { "<a href=\"#\(prefix)-f\($0.number)\">!\($0.number) \(style.text($0.title))</a>" as Markup }
      + (isDrawn ? ["<a href=\"#\(prefix)-a\(index)\">in the ladder</a>"] : [])
    return """
      <details><summary>\(style.text(head))</summary>
      <div id="\(prefix)-m\(index)"><p>\(Markup(links, separator: " · "))</p>
      <pre>\(content(of: placed.message))</pre></div></details>
      """
  }

  /// Line by line: a label stands on one line, here as everywhere.
  private func content(of message: Message) -> Markup {
    let lines = MessageLineView.details(message, style: style).split(separator: "\n")
    return Markup(lines.map { "\(String($0.dropFirst(8)))" })
  }

  // MARK: stacks

  private var stacks: Markup {
    let fields = [StackLayout.Field.via] + StackLayout.Field.routes
    let layout = StackLayout(report, fields: fields)
    return Markup(
      fields.compactMap { field in
        let tables = layout.tables.filter { $0.field == field }
        guard !tables.isEmpty else { return nil }
        return """
          <h3>\(field.name) on each hop</h3>
          \(tables.map { table($0, layout) })
          """
      })
  }

  private func table(_ table: StackLayout.Table, _ layout: StackLayout) -> Markup {
    let way = table.isRequest ? "requests, towards the S-CSCF" : "responses, towards the UE"
    let title = "\(table.field.name) of \(layout.titles[table.round]): \(way)"
    let heads = table.columns.map { column -> Markup in
      let place = "\(column.hop.rawValue) \(column.from) → \(column.to)"
      let frame = column.frame.isEmpty ? "" : "frame \(column.frame) "
      return "<th scope=\"col\" class=\"stack\">\(style.text(place))<br/>\(style.text(frame + column.label))</th>"
    }
    let rows = (0..<table.rows).map { row -> Markup in
      "<tr>\(table.columns.map { cell($0.cells[row]) })</tr>"
    }
    return HTMLReport.scroll(
      title,
      """
      <table><caption>\(title)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)
      </tbody></table>
      """)
  }

  private func cell(_ cell: StackLayout.Cell?) -> Markup {
    guard let cell else { return "<td></td>" }
    let isTaken = cell.change == .popped || cell.change == .gone
    let mark: Markup = isTaken ? " class=\"gone\"" : ""
    let entry: Markup = "<code\(mark)>\(style.text(cell.text))</code>"
    let change = style.text(word(cell.change))
    return "<td>\(StackLayout.letter(cell.entry))\(change.isEmpty ? "" : " (\(change))") \(entry)</td>"
  }

  private func word(_ change: StackLayout.Change) -> String {
    switch change {
    case .first: ""
    case .pushed: "+ pushed"
    case .kept: "= kept"
    case .changed(let differences): "~ changed: " + differences.joined(separator: ", ")
    case .popped: "- popped"
    case .gone: "x gone"
    }
  }

  // MARK: time

  private var time: Markup {
    let waterfall = Waterfall(flow)
    guard !waterfall.rows.isEmpty else { return "" }
    let titles = flow.rounds.map { "REGISTER\($0.cseqText)" }
    let rows = waterfall.rows.map { row -> Markup in
      """
      <tr><td>\(titles[row.round])</td><th scope="row">\(row.node.rawValue)</th>\
      <td class="n">\(TimeText.milliseconds(Interval(nanoseconds: row.whole.lowerBound)))</td>\
      <td class="n">\(TimeText.milliseconds(Interval(nanoseconds: row.whole.span)))</td>\
      <td class="n">\(TimeText.milliseconds(Interval(nanoseconds: row.own)))\(row.holdsOthers ? " with all behind it" : "")</td></tr>
      """
    }
    let table: Markup = """
      <table><caption>Milliseconds of each node</caption>
      <thead><tr><th scope="col">round</th><th scope="col">node</th><th scope="col">from</th><th scope="col">took</th>\
      <th scope="col">of its own</th></tr></thead>
      <tbody>
      \(rows)
      </tbody></table>
      """
    return """
      <h3>Where the time went</h3>
      \(HTMLReport.scroll("Time of each node as a picture", WaterfallPicture.draw(waterfall, titles: titles)))
      \(HTMLReport.scroll("Time of each node as a table", table))
      """
  }
}
