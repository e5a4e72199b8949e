import IMSFlows
import IMSMessages
import IMSRules

/// The findings of a whole run, those at one place as one: a code host wants to hear once what a thousand registrations have
/// in common. What is kept grows with rules and places, not with registrations.
struct PlacedFindings {
  /// Frames and registrations of one entry that are named.
  static let listLimit = 20

  struct Entry {
    var place: FindingPlace
    /// The first of them.
    var finding: Finding
    /// Who accepts them, and why; nil for findings that stand.
    var suppressed: (by: Suppressed.Source, reason: String)?
    var count = 0
    var frames: [IssueLog.FrameReference] = []
    /// Numbers of the first registrations; none of a finding on the capture as a whole.
    var registrations: [Int] = []
    var furtherRegistrations = 0
  }

  private struct Key: Hashable {
    var place: FindingPlace
    var severity: Severity
    var reason: String?
  }

  private var found: [Key: Entry] = [:]

  mutating func add(_ report: FlowReport) {
    for finding in report.findings { add(finding, nil, of: report) }
    for accepted in report.suppressed { add(accepted.finding, accepted, of: report) }
  }

  /// Those on the capture as a whole.
  mutating func add(_ run: RunReport) {
    for finding in run.captureFindings { add(finding, nil, of: nil) }
    for accepted in run.suppressedCaptureFindings { add(accepted.finding, accepted, of: nil) }
  }

  private mutating func add(_ finding: Finding, _ accepted: Suppressed?, of report: FlowReport?) {
    let place = FindingPlace(of: finding, in: report?.flow)
    let key = Key(place: place, severity: finding.severity, reason: accepted?.reason)
    var entry =
      found[key] ?? Entry(place: place, finding: finding, suppressed: accepted.map { ($0.by, $0.reason) })
    entry.count += 1
    if entry.frames.count < PlacedFindings.listLimit {
      entry.frames += finding.frames.prefix(PlacedFindings.listLimit - entry.frames.count)
    }
    if let id = report?.id, entry.registrations.last != id {
      if entry.registrations.count < PlacedFindings.listLimit {
        entry.registrations.append(id)
      } else {
        entry.furtherRegistrations += 1
      }
    }
    found[key] = entry
  }

  /// The worst first, then by place; what is accepted behind what stands.
  var entries: [Entry] {
    found.sorted { left, right in
      let (a, b) = (left.key, right.key)
      if (a.reason == nil) != (b.reason == nil) { return a.reason == nil }
      if a.severity != b.severity { return a.severity > b.severity }
      return a.place != b.place ? a.place < b.place : (a.reason ?? "") < (b.reason ?? "")
    }.map(\.value)
  }
}

extension FindingPlace {
  /// "P-CSCF → UE, step C3"; empty for a finding on the capture as a whole.
  var words: String {
    let ends = from == nil && to == nil ? "" : "\(from?.rawValue ?? "unknown") → \(to?.rawValue ?? "unknown")"
    return [ends, step.isEmpty ? "" : "step \(step)"].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

extension Finding {
  /// "…; observed: …; expected: …; TS 24.229 §5.2.2.2".
  var sentence: String {
    var parts = [message]
    if !observed.isEmpty { parts.append("observed: \(observed)") }
    if !expected.isEmpty { parts.append("expected: \(expected)") }
    if !clauses.isEmpty { parts.append(Clause.list(clauses)) }
    return parts.joined(separator: "; ")
  }
}

extension PlacedFindings.Entry {
  /// "P-CSCF → UE, step C3; frame 89; registration #1".
  func whereabouts(naming inputs: Bool) -> String {
    [place.words, FrameText.list(frames, naming: inputs), extent].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// The input of its first frame.
  var input: Int { frames.first.map { Int($0.input) } ?? 0 }

  /// "3 times, in the registrations #1, #2, #5".
  var extent: String {
    guard !registrations.isEmpty else { return "the capture as a whole" }
    let names = registrations.prefix(5).map { "#\($0)" }.joined(separator: ", ")
    let more = registrations.count + furtherRegistrations - min(5, registrations.count)
    let list = more > 0 ? "\(names) and \(more) more" : names
    let times = count == 1 ? "" : "\(count) times, "
    return "\(times)registration\(registrations.count == 1 && more == 0 ? "" : "s") \(list)"
  }
}
