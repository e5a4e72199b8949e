import IMSRules

/// Findings that differ in their frames only, as one.
struct FindingGroup: Sendable {
  /// With the messages and frames of all of them.
  var finding: Finding
  var count = 1

  /// The worst first; among equals in the order in which they were found.
  static func groups(of findings: [Finding]) -> [FindingGroup] {
    var groups: [FindingGroup] = []
    for finding in findings {
      if let index = groups.firstIndex(where: { $0.holds(finding) }) {
        groups[index].finding.frames += finding.frames
        groups[index].finding.messages += finding.messages
        groups[index].count += 1
      } else {
        groups.append(FindingGroup(finding: finding))
      }
    }
    return Severity.allCases.reversed().flatMap { severity in groups.filter { $0.finding.severity == severity } }
  }

  private func holds(_ other: Finding) -> Bool {
    var alike = other
    alike.frames = finding.frames
    alike.messages = finding.messages
    return alike == finding
  }
}
