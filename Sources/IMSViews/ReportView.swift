package import IMSRules

/// What `check` writes: something before the first registration, something for each, and the end. Text is handed out as soon
/// as it is known.
package protocol ReportView {
  mutating func begin() -> String
  mutating func registration(_ report: FlowReport) -> String
  mutating func end(_ run: RunReport) -> String
}

extension ReportView {
  package mutating func begin() -> String { "" }
}

extension SummaryView: ReportView {}
extension JSONView: ReportView {}
