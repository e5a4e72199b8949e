import IMSFlows
package import IMSRules

/// Annotations of GitHub's workflows: a line `::error file=…,title=…::message` for each place of a rule, and one of totals.
package struct AnnotationView: ReportView {
  private var found = PlacedFindings()

  package init() {}

  package mutating func registration(_ report: FlowReport) -> String {
    found.add(report)
    return ""
  }

  package mutating func end(_ run: RunReport) -> String {
    found.add(run)
    var lines = run.inputs.compactMap { input in
      input.failure.map { line("error", file: input.path, title: "imstrace", "\($0)") }
    }
    lines += run.unmet.map { line("error", file: nil, title: "imstrace", $0) }
    lines += found.entries.filter { $0.suppressed == nil }.map { annotation($0, run) }
    lines += run.staleBaseline.map { line("notice", file: nil, title: "imstrace", $0.staleText) }
    return (lines + [Totals(run).text]).map { $0 + "\n" }.joined()
  }

  private func annotation(_ entry: PlacedFindings.Entry, _ run: RunReport) -> String {
    let finding = entry.finding
    return line(
      finding.severity == .info ? "notice" : finding.severity.rawValue,
      file: run.inputs.indices.contains(entry.input) ? run.inputs[entry.input].path : nil,
      title: "\(finding.rule) \(finding.title)",
      "\(finding.sentence)\n\(entry.whereabouts(naming: run.inputs.count > 1))")
  }

  private func line(_ level: String, file: String?, title: String, _ message: String) -> String {
    let properties = [file.map { "file=\(AnnotationView.property($0))" }, "title=\(AnnotationView.property(title))"]
    return "::\(level) \(properties.compactMap(\.self).joined(separator: ","))::\(AnnotationView.data(message))"
  }

  /// What a message may hold: a line end would end it, and other control characters are not for a log.
  static func data(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value): result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A property ends at a comma or colon as well.
  static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}

/// "1 registration: 1 registered; 1 error, 2 warnings; 3 findings accepted".
struct Totals {
  let text: String

  init(_ run: RunReport) {
    let outcomes = Flow.Outcome.allCases.compactMap { outcome in
      run.outcomes[outcome].flatMap { $0 > 0 ? "\($0) \(outcome.rawValue)" : nil }
    }
    let findings = Severity.allCases.reversed().compactMap { severity -> String? in
      guard let count = run.findings[severity], count > 0 else { return nil }
      return counted(count, severity == .info ? "remark" : severity.rawValue)
    }
    var parts = [counted(run.registrations, "registration")]
    if !outcomes.isEmpty { parts[0] += ": " + outcomes.joined(separator: ", ") }
    parts.append(findings.isEmpty ? "no findings" : findings.joined(separator: ", "))
    if run.suppressed > 0 { parts.append("\(counted(run.suppressed, "finding")) accepted") }
    text = parts.joined(separator: "; ")
  }
}
