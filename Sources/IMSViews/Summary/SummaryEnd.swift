import IMSBytes
import IMSCapture
import IMSFlows
import IMSMessages
import IMSRules

/// The end of a summary: results, causes, what could not be judged, how much of the inputs was understood.
struct SummaryEnd {
  /// Causes, rules and issues that are listed by name.
  static let listLimit = 20

  let run: RunReport
  let tally: SummaryTally
  let idle: [IdleRule]
  /// What the rules were weighed by, where a file says it.
  let profile: String?
  let style: Style
  let showAll: Bool

  var text: String {
    var lines = results
    for section in sections { lines += ["", section.title] + section.lines.map { "  " + $0 } }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What stands below the results, as far as there is anything to say.
  var sections: [(title: String, lines: [String])] {
    [
      ("The capture as a whole", captureFindings), ("What did not go well", causes), ("Accepted", accepted),
      ("Rules that were not run", idleRules), ("Not observable", silences),
      ("Coverage", coverage), ("Inputs", inputs),
    ].filter { !$0.1.isEmpty }
  }

  // MARK: results

  var results: [String] {
    var lines: [String] = []
    if run.registrations == 0 {
      let messages = run.coverage.messages
      let met = messages.text(joinedBy: " and ")
      lines.append("No registration was found among \(met).")
    } else {
      let outcomes = Flow.Outcome.allCases.compactMap { outcome -> String? in
        guard let count = run.outcomes[outcome], count > 0 else { return nil }
        return style.paint("\(count) \(outcome.rawValue)", outcome.paint)
      }
      lines.append("\(counted(run.registrations, "registration")): \(outcomes.joined(separator: ", "))")
      lines.append(findings)
    }
    if let profile { lines.append("Judged by the " + style.text(profile)) }
    if run.wasInterrupted { lines.append("Reading was interrupted: this is what was read until then.") }
    return lines
  }

  /// "Findings: 6 errors, 1 warning (PRV001 ×6, VIA001)".
  private var findings: String {
    let counts = Severity.allCases.reversed().compactMap { severity -> String? in
      guard let count = run.findings[severity], count > 0 else { return nil }
      let noun = severity == .info ? "remark" : severity.rawValue
      return style.paint(counted(count, noun), Paint(severity))
    }
    guard !counts.isEmpty else { return "No findings." }
    var found = tally.findings
    for finding in run.captureFindings {
      let known = found[finding.rule] ?? (finding.severity, 0)
      found[finding.rule] = (max(known.severity, finding.severity), known.count + 1)
    }
    let rules = found.sorted { left, right in
      left.value.severity != right.value.severity ? left.value.severity > right.value.severity : left.key < right.key
    }
    let names = rules.map { $0.value.count > 1 ? "\($0.key) ×\($0.value.count)" : $0.key }
    return "Findings: \(counts.joined(separator: ", ")) " + style.text("(\(names.joined(separator: ", ")))")
  }

  /// What the rules of the capture found.
  private var captureFindings: [String] {
    let found = run.captureFindings
    let lines = found.prefix(SummaryEnd.listLimit).map { finding in
      let severity = style.paint(Layout.left(finding.severity.rawValue, 7), Paint(finding.severity))
      return "\(severity) " + style.text("\(finding.rule) \(finding.message) (\(finding.observed))")
    }
    let hidden = found.count - lines.count
    return hidden > 0 ? lines + ["… and \(counted(hidden, "more finding"))"].map(style.text) : lines
  }

  /// The causes of what did not end well, and how many blocks were held back for each.
  private var causes: [String] {
    let bad = tally.causes.filter { !$0.outcome.isGood }.sorted { $0.count > $1.count }
    var lines = bad.prefix(SummaryEnd.listLimit).map { cause -> String in
      let numbers =
        cause.first.map { "#\($0)" }.joined(separator: ", ") + (cause.count > cause.first.count ? ", …" : "")
      let what = "\(cause.outcome.rawValue)\(cause.statusText)"
      // The others have frames of their own.
      let whose = cause.count > 1 && cause.text.contains("(frame") ? "; frames of #\(cause.first[0])" : ""
      return style.text("\(cause.count)× \(what): \(cause.text) (\(numbers)\(whose))")
    }
    if bad.count > SummaryEnd.listLimit {
      let rest = bad.dropFirst(SummaryEnd.listLimit)
      lines.append(
        style.text("… and \(rest.reduce(0) { $0 + $1.count }) more of \(counted(rest.count, "other cause"))"))
    }
    return lines + heldBack
  }

  private var heldBack: [String] {
    guard !showAll else { return [] }
    return tally.causes.compactMap { cause in
      let more = cause.count - SummaryView.blocksPerCause
      return more > 0 ? "+\(more) like #\(cause.first[0])" : nil
    }
  }

  // MARK: what does not count

  /// "PRV001 ×6: the reason".
  private var accepted: [String] {
    let entries = tally.accepted.sorted { ($0.key.rule, $0.key.reason) < ($1.key.rule, $1.key.reason) }
    return entries.map { entry in
      style.text("\(entry.key.rule)\(entry.value > 1 ? " ×\(entry.value)" : ""): \(entry.key.reason)")
    }
  }

  /// "SEC013, SEC014: the reason"; many with the same reason are only counted.
  private var idleRules: [String] {
    var rules: [String: [String]] = [:]
    var order: [String] = []
    for rule in idle {
      if rules[rule.reason] == nil { order.append(rule.reason) }
      rules[rule.reason, default: []].append(rule.rule)
    }
    return order.map { reason in
      let names = rules[reason] ?? []
      let list = names.count > SummaryEnd.listLimit ? counted(names.count, "rule") : names.joined(separator: ", ")
      return style.text("\(list): \(reason)")
    }
  }

  // MARK: what could not be judged

  /// "SEQ007 not observable in 3 of 5 registrations: NO-HOP (C2 was not captured)"; rules that kept silent for the same
  /// reasons equally often share a line.
  private var silences: [String] {
    var rules: [String: [String]] = [:]
    var order: [String] = []
    let silences = tally.silences
    for rule in Set(silences.keys.map(\.rule)).sorted() {
      let text = silence(of: rule, among: silences)
      if rules[text] == nil { order.append(text) }
      rules[text, default: []].append(rule)
    }
    return order.map { style.text("\((rules[$0] ?? []).joined(separator: ", ")) \($0)") }
  }

  private func silence(of rule: String, among silences: [SummaryTally.Silence: Int]) -> String {
    let reasons = silences.filter { $0.key.rule == rule }.sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key.reason < $1.key.reason
    }
    let total = reasons.reduce(0) { $0 + $1.value }
    let names = reasons.map { reasons.count > 1 ? "\($0.key.reason) ×\($0.value)" : $0.key.reason }
    return "not observable in \(total) of \(run.registrations) registrations: \(names.joined(separator: ", "))"
  }

  // MARK: coverage

  private var coverage: [String] {
    let coverage = run.coverage
    let counts = coverage.messages
    var lines = [
      "\(counted(Int(coverage.frames), "frame")): \(counts.text(joinedBy: ", ")); "
        + "\(counted(counts.copies, "copy", plural: "copies")), \(counted(counts.retransmissions, "retransmission"))"
    ]
    if counts.events > 0 {
      lines.append(
        "\(counted(counts.events, "ICMP error, TCP reset or SCTP abort", plural: "ICMP errors, TCP resets and SCTP aborts"))"
      )
    }
    if coverage.filtered > 0 { lines.append("kept out by the filter: \(counted(Int(coverage.filtered), "frame"))") }
    if !coverage.notDecoded.isEmpty {
      let what = coverage.notDecoded.map { "\($0.what) (\(counted(Int($0.frames), "frame")))" }
      lines.append("not decoded: \(what.joined(separator: ", "))")
    }
    lines += ESPText.lines(coverage.esp)
    lines += PointText(run).lines
    for issue in coverage.issues.prefix(SummaryEnd.listLimit) {
      let frames = FrameText.list(issue.frames, naming: run.inputs.count > 1)
      let more = issue.count > issue.frames.count && !frames.isEmpty ? ", …" : ""
      let place = frames.isEmpty ? "" : " (\(frames)\(more))"
      lines.append("\(issue.layer): \(issue.reason), \(counted(issue.count, "time"))\(place)")
    }
    let hidden = coverage.issues.count - SummaryEnd.listLimit
    if hidden > 0 { lines.append("… and \(counted(hidden, "other issue"))") }
    if coverage.strays > 0 {
      lines.append(
        "\(counted(coverage.strays, "message")) of registrations that were over, or that no request was seen for")
    }
    for (table, count) in coverage.forgotten.sorted(by: { $0.key < $1.key }) {
      lines.append("forgotten to bound memory: \(count) \(table)")
    }
    return lines.map { style.text($0) }
  }

  /// What was wrong with the inputs; with several, every one with the number that frame numbers name.
  private var inputs: [String] {
    run.inputs.enumerated().flatMap { number, input -> [String] in
      let name = run.inputs.count > 1 ? "\(number): \(input.path)" : input.path
      var problems = input.issues.prefix(SummaryEnd.listLimit).map(\.description)
      let hidden = input.issues.count - problems.count + Int(input.furtherIssues)
      if hidden > 0 { problems.append("… and \(counted(hidden, "other issue"))") }
      if let failure = input.failure { problems.insert("cannot be read: \(failure.reason)", at: 0) }
      if problems.isEmpty {
        let packets = counted(Int(input.packets), "packet")
        let joint = input.continues.map { ", continues \($0)" } ?? ""
        return run.inputs.count > 1 ? [style.text("\(name): \(packets)\(joint)")] : []
      }
      return problems.map { style.text("\(name): \($0)") }
    }
  }
}

extension MessageReader.Counts {
  /// "16 SIP, 12 Diameter, 24 DNS messages": the others only where there are any.
  fileprivate func text(joinedBy last: String) -> String {
    let always = [(sip, "SIP"), (diameter, "Diameter"), (dns, "DNS")]
    let others = [(gtp, "GTP-C"), (dhcp, "DHCP")].filter { $0.0 > 0 }
    let words = (always + others).map { "\($0.0) \($0.1)" }
    return words.dropLast().joined(separator: ", ") + last + (words.last ?? "") + " messages"
  }
}
