import IMSFlows
package import IMSRules

/// The default output of a check: one line for a registration that went well, a block for every other, and at the end
/// what the reader needs to know of the whole.
package struct SummaryView: Sendable {
  /// Blocks of one cause that are printed; the rest is counted.
  static let blocksPerCause = 20

  private let style: Style
  private let showAll: Bool
  private let idle: [IdleRule]
  private let profile: String?
  /// Of the last registration that was printed on one line; nil before the first.
  private var day: Int64?
  private var lastWasLine = false
  private var tally = SummaryTally()

  /// - Parameters:
  ///   - idle: rules that are not run.
  ///   - profile: the profile, where it is not one of imstrace's own, and the file that it comes from.
  package init(style: Style, showAll: Bool, idle: [IdleRule] = [], profile: String? = nil) {
    self.profile = profile
    self.style = style
    self.idle = idle
    self.showAll = showAll
  }

  /// The text of one registration, with the date before it where that changes; empty when it is counted as one of many
  /// that are alike.
  package mutating func registration(_ report: FlowReport) -> String {
    let isProven = report.proof.map { $0.verdict == .right } ?? true
    let isQuiet = report.flow.outcome.isGood && (report.worst ?? .info) < .warning && isProven
    let like = tally.count(report, isQuiet: isQuiet)
    guard isQuiet else {
      if like > SummaryView.blocksPerCause, !showAll { return "" }
      defer { lastWasLine = false }
      let block = RegistrationBlock(report: report, style: style).lines.joined(separator: "\n")
      return (lastWasLine ? "\n" : "") + block + "\n\n"
    }
    defer { lastWasLine = true }
    let today = TimeText.day(report.flow.start)
    defer { day = today }
    let line = line(report)
    return today == day ? line : "\(TimeText.date(report.flow.start)) (UTC)\n" + line
  }

  /// "#3    10:11:12.345 initial  registered  138.7 ms  sip:001010000000001@…  200 on H0".
  private func line(_ report: FlowReport) -> String {
    let flow = report.flow
    var line = ""
    line.reserveCapacity(128)
    func add(_ column: String) {
      if !line.isEmpty { line += " " }
      line += column
    }
    add(Layout.left("#\(report.id)", 5))
    add(TimeText.timeOfDay(flow.start))
    add(Layout.left(flow.kind.title, 15))
    add(style.paint(Layout.left(flow.outcome.rawValue, 12), flow.outcome.paint))
    add(Layout.right(TimeText.duration(flow.duration), 11))
    add(Layout.left(shortIdentity(flow.identity), 24))
    add(String(flow.statusText.dropFirst()))
    if !report.findings.isEmpty { add(style.paint(counted(report.findings.count, "remark"), .blue)) }
    if !flow.deviations.isEmpty { add(counted(flow.deviations.count, "deviation")) }
    if report.proof != nil { add("proven") }
    if report.verdict == .inconclusive { add("inconclusive") }
    return line + "\n"
  }

  /// "sip:001010000000001@…" for a long address.
  private func shortIdentity(_ identity: String) -> String {
    let text = style.text(identity)
    guard text.utf8.count > 32, text.count > 32, let at = text.firstIndex(of: "@") else { return text }
    return text[...at] + (style.unicode ? "…" : "...")
  }

  /// What is said once, after the last registration.
  package mutating func end(_ run: RunReport) -> String {
    run.suppressedCaptureFindings.forEach { tally.note($0) }
    let text = SummaryEnd(run: run, tally: tally, idle: idle, profile: profile, style: style, showAll: showAll).text
    return (lastWasLine ? "\n" : "") + text
  }
}
