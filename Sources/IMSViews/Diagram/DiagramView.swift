package import IMSFlows
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
package struct DiagramView: Sendable {
  package var format: DiagramFormat
  /// That page alone, from 1. Without it every page, where the syntax knows pages; else the first.
  package var page: Int?
  /// In the form of EventStudio 4.
  package var isOldFDL: Bool

  package init(_ format: DiagramFormat, page: Int? = nil, isOldFDL: Bool = false) {
    self.format = format
    self.page = page
    self.isOldFDL = isOldFDL
  }

  /// - Parameter others: registrations of the same capture that are not shown.
  package func render(
    _ report: FlowReport, _ options: LadderLayout.Options, others: Int = 0, style: Style
  ) -> String {
    switch format {
    case .text: return LadderView.render(report, options, page: page, others: others, style: style)
    case .html:
      var document = HTMLReport(options, style: style)
      document.draw(report)
      return document.page()
    default: return write(DiagramScript(report, options, page: drawnPage, style))
    }
  }

  /// The documented registration, or a variant of it, with no capture behind it.
  package func documented(
    _ options: LadderLayout.Options, of variant: Variant = .of(.main), style: Style
  ) -> String {
    let layout = LadderLayout(documented: variant, options)
    if format == .text { return LadderView.text(layout, page: page, style).joined(separator: "\n") + "\n" }
    let isMain = variant.id == .main
    return write(
      DiagramScript(
        layout, title: isMain ? "IMS registration" : variant.title,
        subtitle: isMain
          ? "as documented in TS 24.228 and TS 23.228 §5.2.2.3" : "as documented in \(variant.clauseText)",
        page: drawnPage, style))
  }

  private var drawnPage: Int? {
    switch format {
    case .mermaid, .mscgen, .websequencediagrams: page ?? 1
    case .text, .plantuml, .fdl, .svg, .html: page
    }
  }

  private func write(_ script: DiagramScript) -> String {
    switch format {
    case .text, .mermaid: MermaidWriter.write(script)
    case .plantuml: PlantUMLWriter.write(script)
    case .mscgen: MscgenWriter.write(script)
    case .fdl: FDLWriter.write(script, isOldFDL ? .old : .modern)
    case .websequencediagrams: WebSequenceWriter.write(script)
    case .svg: SVGWriter.write(script)
    case .html: HTMLReport.documented(script)
    }
  }
}
