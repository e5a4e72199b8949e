import ArgumentParser
import IMSAnalysis
import IMSFlows
import IMSRules

/// What a capture is held against beside the rules, and which findings are known.
struct GateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fail unless each registration ended so: registered, deregistered, rejected, unanswered, abandoned, partial.",
      valueName: "outcomes"))
  var expect: OutcomeList?

  @Option(help: ArgumentHelp("Fail unless there are so many registrations.", valueName: "n"))
  var expectRegistrations: Int?

  @Option(help: "Findings that this file lists are known and do not count.", completion: .file())
  var baseline: String?

  @Option(help: "Write the findings that stand, and the reasons of --baseline, to this file.", completion: .file())
  var writeBaseline: String?

  @Option(help: ArgumentHelp("Accept the findings of a rule or family, for a reason.", valueName: "rule=reason"))
  var suppress: [RuleReason] = []

  func validate() throws {
    if let expectRegistrations, expectRegistrations < 0 {
      throw ValidationError("--expect-registrations counts from 0")
    }
    if writeBaseline == "-" { throw ValidationError("--write-baseline takes a file") }
  }

  /// - Parameter rules: those that there are to suppress.
  func suppressions(_ rules: [Rule]) throws -> Suppressions {
    var suppressions = Suppressions()
    for entry in suppress {
      guard (Catalogue.rules + rules).contains(where: { $0.id.hasPrefix(entry.rule) }) else {
        throw RuleNames.problem(entry.rule)
      }
      suppressions.options.append(Suppressions.Entry(rule: entry.rule, reason: entry.reason))
    }
    if let baseline { suppressions.baseline = try GateOptions.readBaseline(baseline) }
    return suppressions
  }

  private static func readBaseline(_ path: String) throws -> Baseline {
    let text = try TextFile.read(path)
    do throws(BaselineError) { return try Baseline(text) } catch { throw Problem(.usage, "\(path): \(error)") }
  }
}

/// "registered,deregistered"
struct OutcomeList: ExpressibleByArgument {
  var outcomes: [Flow.Outcome]

  init?(argument: String) {
    let names = argument.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    outcomes = names.compactMap { Flow.Outcome(rawValue: $0) }
    if outcomes.isEmpty || outcomes.count < names.count { return nil }
  }
}

/// "AUT015=the P-CSCF never sets it"
struct RuleReason: ExpressibleByArgument {
  var rule: String
  var reason: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    rule = argument[..<equals].filter { !$0.isWhitespace }.uppercased()
    reason = String(argument[argument.index(after: equals)...].drop(while: \.isWhitespace))
    if rule.isEmpty || reason.isEmpty { return nil }
  }
}

/// Follows a run: what was demanded and is not so, which entries of the baseline were met, what a new one would hold.
struct Watch {
  /// Registrations that ended otherwise and are named; the rest is counted.
  static let listLimit = 20

  private let gate: GateOptions
  /// Of the options, which are not asked again for each registration.
  private let expected: OutcomeList?
  private let writesBaseline: Bool
  private let baseline: Baseline
  private let rules: Set<String>
  private var met: Set<FindingPlace> = []
  private var found: Set<FindingPlace> = []
  /// Rules that could not see what they judge in some registration.
  private var blind: Set<String> = []
  private var unmet: [String] = []
  private var furtherUnmet = 0

  init(_ gate: GateOptions, _ options: Options) {
    self.gate = gate
    (expected, writesBaseline) = (gate.expect, gate.writeBaseline != nil)
    baseline = options.suppressions.baseline
    rules = Set(options.rules.map(\.id))
  }

  mutating func note(_ report: FlowReport) {
    note(report.findings, report.suppressed, in: report.flow)
    if !baseline.isEmpty { blind.formUnion(report.notObservable.lazy.map(\.rule)) }
    guard let expected = expected?.outcomes, !expected.contains(report.flow.outcome) else { return }
    if unmet.count == Watch.listLimit {
      furtherUnmet += 1
      return
    }
    let flow = report.flow
    let status = flow.finalStatus.map { " \($0)" } ?? ""
    unmet.append(
      "registration #\(report.id) was to end \(expected.map(\.rawValue).joined(separator: " or ")) and is "
        + "\(flow.outcome.rawValue)\(status): \(flow.cause)")
  }

  private mutating func note(_ findings: [Finding], _ suppressed: [Suppressed], in flow: Flow?) {
    if writesBaseline { found.formUnion(findings.map { FindingPlace(of: $0, in: flow) }) }
    if suppressed.isEmpty { return }
    met.formUnion(suppressed.lazy.filter { $0.by == .baseline }.map { FindingPlace(of: $0.finding, in: flow) })
  }

  /// - Parameter isWhole: no option kept registrations out, so that what was not met is not there.
  mutating func conclude(_ run: inout RunReport, isWhole: Bool) {
    note(run.captureFindings, run.suppressedCaptureFindings, in: nil)
    if furtherUnmet > 0 { unmet.append("\(furtherUnmet) more registrations did not end as expected") }
    if let count = gate.expectRegistrations, count != run.registrations {
      unmet.append("\(count) registrations were expected, and \(run.registrations) found")
    }
    run.unmet = unmet
    let isRead = run.inputs.allSatisfy { $0.failure == nil } && !run.wasInterrupted
    guard isWhole, isRead else { return }
    run.staleBaseline = baseline.reasons.keys.filter(isStale).sorted()
  }

  /// Its rule found nothing there although it could look everywhere: what no capture point showed may still be so.
  private func isStale(_ place: FindingPlace) -> Bool {
    !met.contains(place) && rules.contains(place.rule) && !blind.contains(place.rule)
  }

  /// Everything that stands, and the old baseline but for what is stale; nil when it is written.
  func writeBaseline(_ path: String, inputs: [String], stale: [FindingPlace]) -> ExitStatus? {
    var written = Baseline()
    for place in baseline.reasons.keys where !stale.contains(place) {
      written.add(place, reason: baseline.reasons[place])
    }
    for place in found { written.add(place) }
    return Output.save(written.text, to: path, inputs: inputs)
  }
}
