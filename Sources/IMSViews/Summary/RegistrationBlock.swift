import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules

/// A registration in at most ten lines, as an engineer would paste it into a ticket.
struct RegistrationBlock {
  static let lineLimit = 10
  /// Characters of an observed or expected text.
  static let detailLimit = 160

  let report: FlowReport
  let style: Style

  private var flow: Flow { report.flow }

  var lines: [String] {
    let head = [title, who, calls, why] + causes + [stopped, proof].compactMap(\.self)
    let room = RegistrationBlock.lineLimit - head.count
    // What the sequence lacks may not go under in findings.
    let findings = findingLines(room: room - (strays.isEmpty ? 0 : 1))
    return head + deviationLines(room: room - findings.count) + findings
  }

  // MARK: head

  private var title: String {
    let start = TimeText.iso(flow.start)
    let words = "#\(report.id) \(flow.outcomeText(style)): \(flow.kind.title), \(flow.mechanismText), "
    let verdict = report.verdict == .inconclusive ? ", inconclusive" : ""
    return words + "\(start), \(TimeText.duration(flow.duration))\(verdict)"
  }

  private var who: String {
    let impi = flow.impi.map { $0 == flow.impu ? "" : " (IMPI \($0.string))" } ?? ""
    return field("user", flow.identity + impi)
  }

  private var calls: String {
    if flow.callIDs.isEmpty, flow.messages.contains(where: \.message.isTruncated) {
      return field("Call-ID", "behind the cut of the capture")
    }
    if flow.callIDs.isEmpty {
      return field("Session-Id", abbreviated(flow.sessionIDs.map(\.string), empty: "no SIP and no Cx session"))
    }
    return field("Call-ID", abbreviated(flow.callIDs.map(\.string), empty: ""))
  }

  private func abbreviated(_ texts: [String], empty: String) -> String {
    if texts.isEmpty { return empty }
    return texts.prefix(2).joined(separator: ", ") + (texts.count > 2 ? " and \(texts.count - 2) more" : "")
  }

  private var why: String { field("why", flow.cause) }
  private var causes: [String] { report.causeTexts.map { field($0.name, $0.text) } }
  private var stopped: String? { flow.stopText.map { field("stopped at", $0) } }

  /// What the key of the subscriber says; sequence numbers tell AK, which is a key.
  private var proof: String? {
    guard let proof = report.proof else { return nil }
    let numbers = proof.challenges.compactMap(\.sqn) + proof.resynchronisations.compactMap(\.sqn)
    guard style.revealKeys, !numbers.isEmpty else { return field("proof", proof.text) }
    let list = numbers.map { String($0, radix: 16) }.joined(separator: ", ")
    return field("proof", "\(proof.text); SQN \(list)")
  }

  private func field(_ name: String, _ value: String) -> String {
    "   \(Layout.left(name, 11)) \(style.text(value))"
  }

  /// What is not told by where it stopped.
  private var strays: [Deviation] { flow.deviations.filter { $0.kind != .stoppedHere } }

  /// A line each where there is room, else one line.
  private func deviationLines(room: Int) -> [String] {
    guard !strays.isEmpty, room > 0 else { return [] }
    let lines = RegistrationBlock.grouped(strays.map(told))
    if lines.count > room { return [deviationLine] }
    return lines.enumerated().map { field($0.offset == 0 ? "sequence" : "", $0.element) }
  }

  /// "missing: E3 UAR (I-CSCF → HSS) behind frame 12 (TS 29.228 §6.1.1)".
  private func told(_ deviation: Deviation) -> String {
    let frame = deviation.message.map { flow.firstFrame(of: flow.messages[$0].message) }
    let place = frame.map { deviation.kind == .missing ? " behind frame \($0)" : " in frame \($0)" } ?? ""
    return "\(deviation.word): \(deviation.place)\(place)"
      + (deviation.clauseText.isEmpty ? "" : " (\(deviation.clauseText))")
  }

  /// "sequence    missing: E3 UAR (I-CSCF → HSS); extra: B7 MAR (S-CSCF → HSS)".
  private var deviationLine: String {
    var words: [String] = []
    for kind in [Deviation.Kind.missing, .wrongPeer, .outOfOrder, .extra] {
      let alike = strays.filter { $0.kind == kind }
      guard let word = alike.first?.word else { continue }
      let grouped = RegistrationBlock.grouped(alike.map(\.place))
      let more = grouped.count > 3 ? " and \(grouped.count - 3) more" : ""
      words.append("\(word): \(grouped.prefix(3).joined(separator: ", "))\(more)")
    }
    return field("sequence", words.joined(separator: "; "))
  }

  /// Equal texts once, with their number, in the order of their first appearance.
  private static func grouped(_ texts: [String]) -> [String] {
    var counts: [String: Int] = [:]
    for text in texts { counts[text, default: 0] += 1 }
    var seen = Set<String>()
    return texts.filter { seen.insert($0).inserted }.map { text in
      let count = counts[text] ?? 1
      return count > 1 ? "\(text) ×\(count)" : text
    }
  }

  // MARK: findings

  /// The worst first and with its detail; further details as far as every finding keeps its line.
  private func findingLines(room: Int) -> [String] {
    let groups = FindingGroup.groups(of: report.findings)
    let texts = groups.map { lines(of: $0) }
    let detailed = max(1, room - groups.count)
    let whole = texts.enumerated().flatMap { $0.offset < detailed ? $0.element : [$0.element[0]] }
    if whole.count <= room { return whole }
    var result: [String] = []
    var shown = 0
    for (number, text) in texts.enumerated() {
      let next = number == 0 ? text : [text[0]]
      guard result.count + next.count < room else { break }
      result += next
      shown += 1
    }
    let rest = groups[shown...]
    var names: [String] = []
    for group in rest where !names.contains(group.finding.rule) { names.append(group.finding.rule) }
    let count = rest.reduce(0) { $0 + $1.count }
    return result + [style.text("   … and \(counted(count, "more finding")): \(names.joined(separator: ", "))")]
  }

  private func lines(of group: FindingGroup) -> [String] {
    let finding = group.finding
    let severity = style.paint(Layout.left(finding.severity.rawValue, 7), Paint(finding.severity))
    let frames = FrameText.list(finding.frames, naming: flow.namesInputs)
    let times = group.count > 1 ? " ×\(group.count)" : ""
    let place = frames.isEmpty ? times : "\(times) (\(frames))"
    let first = "   \(severity) \(style.text("\(finding.rule) \(finding.message)\(place)"))"
    return [first] + [detail(of: finding)].compactMap(\.self)
  }

  /// "observed …; expected …; TS 24.229 §5.2.2.2".
  private func detail(of finding: Finding) -> String? {
    func cut(_ text: String) -> String { Layout.cut(style.text(text), to: RegistrationBlock.detailLimit, style) }
    var parts: [String] = []
    if !finding.observed.isEmpty { parts.append("observed: \(cut(finding.observed))") }
    if !finding.expected.isEmpty { parts.append("expected: \(cut(finding.expected))") }
    if !finding.clauses.isEmpty {
      parts.append(style.text(Clause.list(finding.clauses)))
    }
    return parts.isEmpty ? nil : "           " + parts.joined(separator: "; ")
  }
}
