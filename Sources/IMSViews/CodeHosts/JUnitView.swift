import IMSBytes
import IMSFlows
package import IMSRules

/// JUnit XML: the capture is a suite, a registration × family of rules a case. A case fails by its findings, is skipped when
/// nothing of it could be observed, and is left out when nothing of it applies.
///
/// The suite's head holds the totals, so cases are kept until the end.
package struct JUnitView: ReportView {
  private let failOn: Severity
  private var cases: [Case] = []
  private var nanoseconds: Int64 = 0

  private struct Case {
    enum Outcome { case passed, failed, skipped }
    var outcome: Outcome
    var text: String
  }

  package init(failOn: Severity) { self.failOn = failOn }

  package mutating func registration(_ report: FlowReport) -> String {
    nanoseconds += report.flow.duration.nanoseconds
    let families = Families(report)
    for family in families.order { families.content[family].map { cases.append(self.case(family, $0, of: report)) } }
    return ""
  }

  package mutating func end(_ run: RunReport) -> String {
    let name = run.inputs.map(\.path).joined(separator: ", ")
    cases += run.captureFindings.map(captureCase) + run.unmet.map(demandCase)
    let unread = run.inputs.compactMap(\.failure)
    let errors = unread.map { failure in
      element(
        "testcase", [("classname", "imstrace"), ("name", "input")], [problem("error", "input", "\(failure)", "")])
    }
    let counts: [(String, String?)] = [
      ("tests", "\(cases.count + errors.count)"), ("failures", count(.failed)), ("errors", "\(errors.count)"),
    ]
    let time = ("time", Optional(seconds(nanoseconds)))
    let notes = run.staleBaseline.map(\.staleText).joined(separator: "\n")
    let suite = element(
      "testsuite", [("name", name)] + counts + [("skipped", count(.skipped)), time],
      errors + cases.map(\.text) + (notes.isEmpty ? [] : [XMLText.element("system-out", [], XMLText.escaped(notes))]))
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + element("testsuites", [("name", "imstrace")] + counts + [time], [suite]) + "\n"
  }

  private func count(_ outcome: Case.Outcome) -> String { "\(cases.count { $0.outcome == outcome })" }

  // MARK: cases

  private func `case`(_ family: String, _ content: Families.Content, of report: FlowReport) -> Case {
    let flow = report.flow
    let failing = content.findings.filter { $0.severity >= failOn }
    let worst = failing.max { $0.severity < $1.severity }
    let naming = flow.namesInputs
    var notes = content.findings.filter { $0.severity < failOn }.map { "\($0.severity.rawValue) \(line($0, naming))" }
    notes += content.suppressed.map { "accepted (\($0.reason)) \(line($0.finding, naming))" }
    notes += content.unseen.map { "not observable: \($0.rule) \($0.text)" }
    var inner: [String] = []
    var outcome = Case.Outcome.passed
    if let worst {
      outcome = .failed
      inner.append(
        problem("failure", worst.rule, worst.message, failing.map { line($0, naming) }.joined(separator: "\n")))
    } else if content.isUnseen {
      outcome = .skipped
      let reasons = content.unseen.map { "\($0.rule) \($0.text)" }.joined(separator: "; ")
      inner.append(XMLText.element("skipped", [("message", "not observable: \(reasons)")]))
    }
    if !notes.isEmpty, outcome != .skipped {
      inner.append(XMLText.element("system-out", [], XMLText.escaped(notes.joined(separator: "\n"))))
    }
    let name = "#\(report.id) \(flow.kind.title) \(flow.identity): \(flow.outcome.rawValue)\(flow.statusText)"
    return Case(
      outcome: outcome,
      text: element(
        "testcase",
        [("classname", "imstrace.\(family)"), ("name", name), ("time", seconds(flow.duration.nanoseconds))], inner))
  }

  private func captureCase(_ finding: Finding) -> Case {
    let fails = finding.severity >= failOn
    let inner =
      fails
      ? problem("failure", finding.rule, finding.message, line(finding, false))
      : XMLText.element("system-out", [], XMLText.escaped("\(finding.severity.rawValue) \(line(finding, false))"))
    return Case(
      outcome: fails ? .failed : .passed,
      text: element("testcase", [("classname", "imstrace.capture"), ("name", finding.rule)], [inner]))
  }

  private func demandCase(_ sentence: String) -> Case {
    Case(
      outcome: .failed,
      text: element(
        "testcase", [("classname", "imstrace.expect"), ("name", sentence)], [problem("failure", "expect", sentence, "")]
      ))
  }

  // MARK: words

  private func line(_ finding: Finding, _ naming: Bool) -> String {
    let frames = FrameText.list(finding.frames, naming: naming)
    return "\(finding.rule) \(finding.sentence)" + (frames.isEmpty ? "" : " (\(frames))")
  }

  private func problem(_ name: String, _ type: String, _ message: String, _ body: String) -> String {
    XMLText.element(name, [("type", type), ("message", message)], XMLText.escaped(body))
  }

  /// Each child on a line of its own.
  private func element(_ name: String, _ attributes: [(String, String?)], _ children: [String]) -> String {
    XMLText.element(name, attributes, children.isEmpty ? "" : "\n" + children.joined(separator: "\n") + "\n")
  }

  /// Three decimals.
  private func seconds(_ nanoseconds: Int64) -> String {
    let thousandths = max(0, nanoseconds) / 1_000_000
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}

/// What a report says, by family of rules.
private struct Families {
  struct Content {
    var findings: [Finding] = []
    var suppressed: [Suppressed] = []
    var unseen: [FlowReport.NotObservable] = []
    var passed = 0

    /// Nothing was judged of it.
    var isUnseen: Bool { findings.isEmpty && suppressed.isEmpty && passed == 0 && !unseen.isEmpty }
  }

  private(set) var content: [String: Content] = [:]
  /// As in the catalogue; those of a profile behind.
  private(set) var order: [String] = Catalogue.families

  init(_ report: FlowReport) {
    for finding in report.findings { self[finding.rule].findings.append(finding) }
    for accepted in report.suppressed { self[accepted.finding.rule].suppressed.append(accepted) }
    for unseen in report.notObservable { self[unseen.rule].unseen.append(unseen) }
    for rule in report.passed { self[rule].passed += 1 }
    order += content.keys.filter { !Catalogue.families.contains($0) }.sorted()
  }

  private subscript(rule: String) -> Content {
    get { content[Rule.family(of: rule)] ?? Content() }
    set { content[Rule.family(of: rule)] = newValue }
  }
}
