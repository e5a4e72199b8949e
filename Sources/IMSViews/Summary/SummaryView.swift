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
    var line = ColumnLine()
    line.add("#\(report.id)", 5)
    line.add(TimeText.timeOfDay(report.flow.start))
    line.add(report.flow.kind.title, 15)
    line.add(style.paint(Layout.left(report.flow.outcome.rawValue, 12), report.flow.outcome.paint))
    line.add(Layout.right(TimeText.duration(report.flow.duration), 11))
    line.add(shortIdentity(report.flow.identity), 24)
    line.add(String(report.flow.statusText.dropFirst()))
    if !report.findings.isEmpty { line.add(style.paint(counted(report.findings.count, "remark"), .blue)) }
    if !report.flow.deviations.isEmpty { line.add(counted(report.flow.deviations.count, "deviation")) }
    if report.proof != nil { line.add("proven") }
    if report.verdict == .inconclusive { line.add("inconclusive") }
    return line.text
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

/// Columns with a space between them, and a line end: there is one for nearly every registration.
private struct ColumnLine {
  private var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(192) }

  /// Blanks follow up to this width.
  mutating func add(_ column: String, _ width: Int = 0) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    let start = bytes.count
    bytes.append(contentsOf: column.utf8)
    if width == 0 { return }
    var count = bytes.count - start
    for index in start..<bytes.count where bytes[index] >= 0x80 {
      count = column.count
      break
    }
    while count < width {
      bytes.append(UInt8(ascii: " "))
      count += 1
    }
  }

  var text: String { String(decoding: bytes + [0x0a], as: UTF8.self) }
}
