import IMSFlows
package import IMSRules

/// A list of registrations, a line each, in columns that suit a terminal; the identity stands last and is never cut.
package enum FlowsView {
  package static func header() -> String {
    columns(["id", "start (UTC)", "kind", "outcome", "status", "duration", "findings", "user"])
  }

  package static func line(_ report: FlowReport, style: Style) -> String {
    let flow = report.flow
    return columns([
      "\(report.id)", "\(TimeText.date(flow.start)) \(TimeText.timeOfDay(flow.start))", flow.kind.title,
      flow.outcome.rawValue, flow.finalStatus == nil ? "-\(flow.statusText)" : String(flow.statusText.dropFirst()),
      TimeText.duration(flow.duration), findings(report, style), style.text(flow.identity),
    ]) { number, text in
      switch number {
      case 3: style.paint(text, flow.outcome.paint)
      case 6: report.worst.map { style.paint(text, Paint($0)) } ?? text
      default: text
      }
    }
  }

  /// "2 errors, 1 warning"; a dash for none.
  private static func findings(_ report: FlowReport, _ style: Style) -> String {
    let parts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = report.findings.count { $0.severity == severity }
      return count > 0 ? counted(count, severity == .info ? "remark" : severity.rawValue) : nil
    }
    return parts.isEmpty ? style.text("–") : parts.joined(separator: ", ")
  }

  /// Widths of all columns but the last.
  private static let widths = [5, 23, 15, 12, 9, 11, 19]

  private static func columns(_ texts: [String], paint: (Int, String) -> String = { $1 }) -> String {
    texts.enumerated().map { number, text in
      guard number < widths.count else { return text }
      // Numbers end alike, words begin alike.
      let padded = number == 0 || number == 5 ? Layout.right(text, widths[number]) : Layout.left(text, widths[number])
      return paint(number, padded)
    }.joined(separator: "  ")
  }
}
