import IMSFlows
package import IMSRules

/// The syntaxes that a registration can be drawn in.
package enum DiagramFormat: String, Sendable, CaseIterable {
  case text, mermaid, plantuml, mscgen, fdl, websequencediagrams, svg, html

  /// Without the dot; the first is the usual one.
  package var fileExtensions: [String] {
    switch self {
    case .text: ["txt"]
    case .mermaid: ["mmd", "mermaid"]
    case .plantuml: ["puml", "plantuml"]
    case .mscgen: ["msc", "mscgen"]
    case .fdl: ["fdl"]
    case .websequencediagrams: ["wsd"]
    case .svg: ["svg"]
    case .html: ["html", "htm"]
    }
  }

  /// By the extension of a file name, in letters of either case; nil for one that no format has.
  package init?(fileName: String) {
    let name = fileName.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    guard let format = Self.allCases.first(where: { $0.fileExtensions.contains(ending) }) else { return nil }
    self = format
  }
}

/// A registration, or the documented one, as a diagram.
package enum DiagramView {
  /// - Parameter others: registrations of the same capture that are not shown.
  package static func render(
    _ report: FlowReport, _ options: LadderLayout.Options, as format: DiagramFormat, others: Int = 0, style: Style
  ) -> String {
    if format == .text { return LadderView.render(report, options, others: others, style: style) }
    if format == .html {
      var page = HTMLReport(options, style: style)
      page.draw(report)
      return page.page()
    }
    return write(DiagramScript(report, options, style), as: format)
  }

  /// The documented registration with no capture behind it.
  package static func documented(_ options: LadderLayout.Options, as format: DiagramFormat, style: Style) -> String {
    let layout = LadderLayout(documented: options)
    if format == .text { return LadderView.text(layout, style).joined(separator: "\n") + "\n" }
    return write(
      DiagramScript(
        layout, title: "IMS registration", subtitle: "as documented in TS 24.228 and TS 23.228 §5.2.2.3", style),
      as: format)
  }

  private static func write(_ script: DiagramScript, as format: DiagramFormat) -> String {
    switch format {
    case .text, .mermaid: MermaidWriter.write(script)
    case .plantuml: PlantUMLWriter.write(script)
    case .mscgen: MscgenWriter.write(script)
    case .fdl: FDLWriter.write(script)
    case .websequencediagrams: WebSequenceWriter.write(script)
    case .svg: SVGWriter.write(script)
    case .html: HTMLReport.documented(script)
    }
  }
}
