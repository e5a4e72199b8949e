import IMSFlows
import IMSRules

/// What a summary keeps of registrations that are printed already.
struct SummaryTally: Sendable {
  /// Registrations that went wrong alike: same outcome, status, hop and broken rules, and the same cause sentence, frame and
  /// CSeq numbers aside.
  struct Cause: Sendable {
    /// The cause of the first one.
    var text: String
    var outcome: Flow.Outcome
    var statusText: String
    var count = 0
    /// Numbers of the first ones.
    var first: [Int] = []
  }

  private struct SilentRule: Hashable {
    var rule: String
    var reason: Unobservable
    var hop: Hop?
  }

  private struct Key: Hashable {
    var outcome: Flow.Outcome
    var status: Int?
    var seenAt: Flow.SeenAt?
    var rules: [String]
    var cause: String
  }

  /// Why a rule kept silent, or is not listened to: "NO-HOP (C2 was not captured)".
  struct Silence: Hashable, Sendable {
    var rule: String
    var reason: String
  }

  /// In the order in which they were first met.
  private(set) var causes: [Cause] = []
  private var silent: [SilentRule: Int] = [:]
  /// What could not be judged of the latest registration, and of how many in a row: `silent` counts them when another
  /// one comes.
  private var latest: (unseen: [FlowReport.NotObservable], count: Int) = ([], 0)
  /// All of them, in trouble or not.
  private(set) var registrations = 0
  private(set) var findings: [String: (severity: Severity, count: Int)] = [:]
  /// Accepted findings by rule and reason.
  private(set) var accepted: [Silence: Int] = [:]
  private var indices: [Key: Int] = [:]

  /// How many of its cause there are now; 0 for one that is no trouble.
  mutating func count(_ report: FlowReport, isQuiet: Bool) -> Int {
    registrations += 1
    if latest.unseen == report.notObservable {
      latest.count += 1
    } else {
      noteLatest()
      latest = (report.notObservable, 1)
    }
    for finding in report.findings {
      let known = findings[finding.rule] ?? (finding.severity, 0)
      findings[finding.rule] = (max(known.severity, finding.severity), known.count + 1)
    }
    report.suppressed.forEach { note($0) }
    return isQuiet ? 0 : countCause(report)
  }

  private mutating func noteLatest() {
    for unseen in latest.unseen {
      silent[SilentRule(rule: unseen.rule, reason: unseen.reason, hop: unseen.hop), default: 0] += latest.count
    }
    latest.count = 0
  }

  /// How often each rule kept silent for each reason.
  var silences: [Silence: Int] {
    var silences: [Silence: Int] = [:]
    var all = self
    all.noteLatest()
    for (silent, count) in all.silent {
      let unseen = FlowReport.NotObservable(rule: silent.rule, reason: silent.reason, hop: silent.hop)
      silences[Silence(rule: silent.rule, reason: unseen.text), default: 0] += count
    }
    return silences
  }

  mutating func note(_ suppressed: Suppressed) {
    accepted[Silence(rule: suppressed.finding.rule, reason: suppressed.reason), default: 0] += 1
  }

  private mutating func countCause(_ report: FlowReport) -> Int {
    let flow = report.flow
    let rules = Set(report.findings.filter { $0.severity >= .warning }.map(\.rule)).sorted()
    let key = Key(
      outcome: flow.outcome, status: flow.finalStatus, seenAt: flow.seenAt, rules: rules,
      cause: SummaryTally.withoutNumbers(flow.cause))
    let index = indices[key] ?? causes.count
    if index == causes.count {
      indices[key] = index
      causes.append(Cause(text: flow.cause, outcome: flow.outcome, statusText: flow.statusText))
    }
    causes[index].count += 1
    if causes[index].first.count < 3 { causes[index].first.append(report.id) }
    return causes[index].count
  }

  /// The sentence without what differs between two registrations that ended alike: the numbers behind "frame", "input"
  /// and "CSeq".
  static func withoutNumbers(_ cause: String) -> String {
    var words: [Substring] = []
    for word in cause.split(separator: " ", omittingEmptySubsequences: false) {
      let bare = words.last?.drop { $0 == "(" } ?? ""
      let counts = ["frame", "input", "CSeq"].contains(String(bare))
      words.append(counts && word.first?.isNumber == true ? word.drop(while: \.isNumber) : word)
    }
    return words.joined(separator: " ")
  }
}

extension FlowReport.NotObservable {
  /// "NO-HOP (C2 was not captured)", "NO-END (the capture ends before the answer was due on C1)".
  var text: String {
    let place = hop.map {
      reason == .noHop ? "\($0.rawValue) was \(reason.meaning)" : "\(reason.meaning) on \($0.rawValue)"
    }
    return "\(reason.rawValue) (\(place ?? reason.meaning))"
  }
}
