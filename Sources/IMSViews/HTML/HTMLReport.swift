import IMSBytes
import IMSFlows
package import IMSRules

/// A page that needs nothing but itself and opens from a mail attachment: what the capture holds, and of each registration
/// that is drawn the ladder, findings and messages linked to each other, the stacks, and where the time went.
package struct HTMLReport: Sendable {
  private let options: LadderLayout.Options
  private let style: Style
  private var capture = CaptureTally()
  private var summary = SummaryTally()
  private var sections: [RegistrationSection] = []

  package init(_ options: LadderLayout.Options = LadderLayout.Options(), style: Style) {
    self.options = options
    self.style = Style(unicode: style.unicode, colour: false, width: style.width, revealKeys: style.revealKeys)
  }

  /// A registration of the capture, drawn or not.
  package mutating func count(_ report: FlowReport) {
    capture.count(report)
    _ = summary.count(report, isQuiet: report.flow.outcome.isGood)
  }

  /// One that has a section of its own.
  package mutating func draw(_ report: FlowReport) {
    sections.append(RegistrationSection(report, options, style))
  }

  /// - Parameters:
  ///   - run: nil where the page is about its registrations alone.
  ///   - idle: rules that were not run.
  ///   - profile: the profile, where it is not one of imstrace's own, and the file that it comes from.
  package func page(_ run: RunReport? = nil, idle: [IdleRule] = [], profile: String? = nil) -> String {
    let names = (run?.inputs ?? []).map { style.text($0.path.split(separator: "/").last.map(String.init) ?? $0.path) }
    let title =
      names.isEmpty
      ? sections.first.map(\.title) ?? "IMS registrations"
      : "IMS registrations in \(names.prefix(3).joined(separator: ", "))"
        + (names.count > 3 ? " and \(names.count - 3) more" : "")
    let whole = run.map { overview($0, idle, profile) } ?? ""
    let list =
      (run == nil ? [] : [("capture", "The capture"), ("pictures", "Pictures")]) + sections.map { ($0.id, $0.title) }
    return HTMLReport.document(
      title,
      """
      <nav aria-label="Contents"><ul>
      \(list.map { "<li><a href=\"#\($0.0)\">\($0.1)</a></li>" as Markup })
      </ul></nav>
      <main id="main">
      \(whole)
      \(sections.map(\.markup))
      </main>
      """)
  }

  /// The documented registration alone.
  static func documented(_ script: DiagramScript) -> String {
    document(
      script.title,
      """
      <main id="main">
      <p>\(script.subtitle)</p>
      \(scroll("Ladder", SVGWriter.inline(script, prefix: "d")))
      </main>
      """)
  }

  private static func document(_ title: String, _ body: Markup) -> String {
    let document: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="\(Markup(style: HTMLStyle.policy))"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="referrer" content="no-referrer"/>
      <title>\(title)</title>
      <style>\(Markup(style: HTMLStyle.sheet))</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the report</a>
      <header><h1>\(title)</h1></header>
      \(body)
      </body>
      </html>

      """
    return document.text
  }

  /// What may be wider than the window: it scrolls by itself, by keyboard too.
  static func scroll(_ name: String, _ content: Markup) -> Markup {
    "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"\(name)\">\n\(content)\n</div>"
  }
}

// MARK: - The capture

extension HTMLReport {
  private func overview(_ run: RunReport, _ idle: [IdleRule], _ profile: String?) -> Markup {
    let end = SummaryEnd(run: run, tally: summary, idle: idle, profile: profile, style: style, showAll: true)
    let sections = end.sections.map { section -> Markup in
      """
      <h3>\(section.title)</h3>
      <ul>
      \(section.lines.map { "<li>\($0)</li>" as Markup })
      </ul>
      """
    }
    return """
      <section id="capture" aria-label="The capture">
      <h2>The capture</h2>
      \(end.results.map { "<p>\($0)</p>" as Markup })
      \(sections)
      </section>
      \(pictures)
      """
  }

  private var pictures: Markup {
    if capture.times.columns == 0 { return "" }
    let nodes = Waterfall.Node.allCases.compactMap { node in capture.nodes[node].map { (node, $0) } }
    let rows = nodes.map { node, distribution -> Markup in
      """
      <tr><th scope="row">\(node.rawValue)</th><td class="n">\(distribution.count)</td>\
      <td class="n">\(HTMLReport.time(distribution.least))</td><td class="n">\(HTMLReport.time(distribution.mean))</td>\
      <td class="n">\(HTMLReport.bound(distribution, 50))</td><td class="n">\(HTMLReport.bound(distribution, 95))</td>\
      <td class="n">\(HTMLReport.time(distribution.most))</td></tr>
      """
    }
    let table: Markup = """
      <table><caption>How long each node took in \(counted(summary.registrations, "registration")); what it waited for others is \
      not in it</caption>
      <thead><tr><th scope="col">node</th><th scope="col">times</th><th scope="col">least</th><th scope="col">mean</th>\
      <th scope="col">half within</th><th scope="col">95 % within</th><th scope="col">most</th></tr></thead>
      <tbody>
      \(rows)
      </tbody></table>
      """
    return """
      <section id="pictures" aria-label="Pictures of the capture">
      <h2>Pictures of the capture</h2>
      <h3>Registrations by outcome</h3>
      \(HTMLReport.scroll("Registrations by outcome and time", TimeLinePicture.draw(capture.times)))
      <h3>How long each node took</h3>
      \(nodes.isEmpty ? "<p>No node was seen from both sides.</p>" : HTMLReport.scroll(
        "Distribution of the time of each node", DistributionPicture.draw(capture.nodes)))
      \(nodes.isEmpty ? "" : HTMLReport.scroll("Time of each node as a table", table))
      </section>
      """
  }

  static func time(_ nanoseconds: Int64) -> String { TimeText.duration(Interval(nanoseconds: nanoseconds)) }

  private static func bound(_ distribution: Distribution, _ percent: Int) -> String {
    distribution.bound(percent: percent).map { TimeText.brief($0) } ?? "–"
  }
}
