import IMSFlows
import IMSRules

/// The two registrations of which one will be drawn when none was selected; no other is kept.
struct Candidates {
  private var first: FlowReport?
  private var firstFailed: FlowReport?

  /// The first that did not end well, else the first.
  var chosen: FlowReport? { firstFailed ?? first }

  mutating func consider(_ report: FlowReport) {
    if first == nil { first = report }
    let endedWell: Set<Flow.Outcome> = [.registered, .deregistered]
    if firstFailed == nil, !endedWell.contains(report.flow.outcome) { firstFailed = report }
  }
}
