import IMSBytes
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
  /// Of a registration on one line; its room is used again.
  private var columns = ColumnLine()

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
  private mutating func line(_ report: FlowReport) -> String {
    // Closures are given what they ask for: the whole report would be copied for them.
    let (number, start, duration) = (UInt64(clamping: report.id), report.flow.start, report.flow.duration)
    columns.begin()
    columns.add(5) { text in
      text.append(UInt8(ascii: "#"))
      text.append(decimal: number)
    }
    columns.add { TimeText.write(timeOfDay: start, &$0) }
    columns.add(report.flow.kind.title, 15)
    if style.colour {
      columns.add(style.paint(Layout.left(report.flow.outcome.rawValue, 12), report.flow.outcome.paint))
    } else {
      columns.add(report.flow.outcome.rawValue, 12)
    }
    columns.addRight(11) { TimeText.write(duration: duration, &$0) }
    if let identity = report.flow.impu ?? report.flow.impi {
      addIdentity(identity)
    } else {
      columns.add(report.flow.identity, 24)
    }
    addStatus(of: report.flow)
    if !report.findings.isEmpty { columns.add(style.paint(counted(report.findings.count, "remark"), .blue)) }
    if !report.flow.deviations.isEmpty { columns.add(counted(report.flow.deviations.count, "deviation")) }
    if report.proof != nil { columns.add("proven") }
    if report.verdict == .inconclusive { columns.add("inconclusive") }
    return columns.text
  }

  /// "200 on H0".
  private mutating func addStatus(of flow: Flow) {
    columns.add { text in
      if let status = flow.finalStatus { text.append(decimal: UInt64(clamping: status)) }
      guard let place = flow.place else { return }
      text.append(flow.finalStatus == nil ? "on " : " on ")
      text.append(place)
    }
  }

  /// Short addresses that are plain ASCII are written as they are.
  private mutating func addIdentity(_ identity: Text) {
    guard identity.count <= 32, identity.isPrintable else { return columns.add(shortIdentity(identity.string), 24) }
    columns.add(24) { $0.append(identity) }
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

  mutating func begin() { bytes.removeAll(keepingCapacity: true) }

  /// ASCII; blanks follow up to this width.
  mutating func add(_ width: Int = 0, _ write: (inout [UInt8]) -> Void) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    let end = bytes.count + width
    write(&bytes)
    while bytes.count < end { bytes.append(UInt8(ascii: " ")) }
  }

  /// ASCII; blanks come before it up to this width.
  mutating func addRight(_ width: Int, _ write: (inout [UInt8]) -> Void) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    let start = bytes.count
    write(&bytes)
    let blanks = max(0, width - (bytes.count - start))
    for _ in 0..<blanks { bytes.append(UInt8(ascii: " ")) }
    // What was written moves behind them.
    var place = bytes.count
    while blanks > 0, place > start {
      place -= 1
      bytes[place] = place >= start + blanks ? bytes[place - blanks] : UInt8(ascii: " ")
    }
  }

  /// Blanks follow up to this width.
  mutating func add(_ column: String, _ width: Int = 0) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    let start = bytes.count
    bytes.append(column)
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

  /// The line is at its end.
  var text: String {
    mutating get {
      bytes.append(0x0a)
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension Text {
  /// Nothing in it must be spelled otherwise or kept back: without an equals sign there is no parameter that could be a key.
  fileprivate var isPrintable: Bool {
    for byte in bytes where byte < 0x20 || byte >= 0x7f || byte == 0x3d { return false }
    return true
  }
}
