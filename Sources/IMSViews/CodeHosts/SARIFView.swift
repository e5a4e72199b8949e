import IMSBytes
import IMSMessages
package import IMSRules

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// SARIF 2.1.0, written at the end: one result for each place of a rule, with the number of its findings.
///
/// A result is recognised again by its rule, the two roles and the step (`FindingPlace`), so that a capture that is recorded
/// again closes and opens nothing. Every rule stands in `tool.driver`: what is not found any more can be closed.
package struct SARIFView: ReportView {
  private let profile: Profile
  private let enabled: Set<String>
  private let version: String
  private let anchor: String?
  private let hasBaseline: Bool
  private var found = PlacedFindings()

  /// - Parameters:
  ///   - rules: those that are run.
  ///   - anchor: the file that results are shown at, for code hosts that know only the lines of a repository.
  package init(
    profile: Profile, rules: [Rule] = Catalogue.rules, version: String, anchor: String? = nil, hasBaseline: Bool = false
  ) {
    self.profile = profile
    enabled = Set(rules.map(\.id))
    self.version = version
    self.anchor = anchor
    self.hasBaseline = hasBaseline
  }

  package mutating func registration(_ report: FlowReport) -> String {
    found.add(report)
    return ""
  }

  package mutating func end(_ run: RunReport) -> String {
    found.add(run)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    // Nothing in the log can fail to be encoded: texts and integers.
    guard let data = try? encoder.encode(SARIFLog(runs: [self.run(run)])) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private func run(_ run: RunReport) -> SARIFLog.Run {
    let rules = profile.allRules
    let numbers = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.id, $0) })
    return SARIFLog.Run(
      tool: SARIFLog.Tool(driver: SARIFLog.Driver(version: version, rules: rules.map(descriptor))),
      invocations: [
        SARIFLog.Invocation(
          executionSuccessful: run.inputs.allSatisfy { $0.failure == nil } && !run.wasInterrupted,
          toolExecutionNotifications: notifications(run))
      ],
      artifacts: captures(run).map { SARIFLog.Artifact(location: .init(uri: $0)) },
      results: found.entries.map { result($0, numbers[$0.finding.rule] ?? -1, run) },
      properties: ["profile": profile.name])
  }

  /// URIs of the inputs, each once.
  private func captures(_ run: RunReport) -> [String] {
    var uris: [String] = []
    for uri in run.inputs.map({ SARIFView.uri(of: $0.path) }) where !uris.contains(uri) { uris.append(uri) }
    return uris
  }

  private func descriptor(_ rule: Rule) -> SARIFLog.Descriptor {
    SARIFLog.Descriptor(
      id: rule.id, shortDescription: .init(text: rule.title), fullDescription: .init(text: rule.why),
      help: .init(text: "\(rule.traps) More: imstrace explain \(rule.id)"),
      defaultConfiguration: .init(enabled: enabled.contains(rule.id), level: profile.severity(of: rule).sarifLevel),
      properties: .init(tags: [rule.family], clauses: rule.clauses.map(\.description)))
  }

  private func result(_ entry: PlacedFindings.Entry, _ number: Int, _ run: RunReport) -> SARIFLog.Result {
    let naming = run.inputs.count > 1
    return SARIFLog.Result(
      ruleId: entry.finding.rule, ruleIndex: number, level: entry.finding.severity.sarifLevel,
      message: .init(text: "\(entry.finding.sentence) (\(entry.whereabouts(naming: naming)))"),
      locations: [location(entry, run)],
      occurrenceCount: entry.count,
      partialFingerprints: [
        "imstrace/v1": entry.place.description, "primaryLocationLineHash": SARIFView.hash(of: entry.place),
      ],
      baselineState: hasBaseline ? (entry.suppressed?.by == .baseline ? "unchanged" : "new") : nil,
      suppressions: entry.suppressed.map { [.init(justification: $0.reason)] } ?? [],
      properties: .init(
        frames: entry.frames.map { FrameText.of($0, naming: naming) },
        registrations: entry.registrations))
  }

  private func location(_ entry: PlacedFindings.Entry, _ run: RunReport) -> SARIFLog.Location {
    let uri = SARIFView.uri(of: run.inputs.indices.contains(entry.input) ? run.inputs[entry.input].path : "-")
    let words = entry.place.words
    let name = words.isEmpty ? nil : [SARIFLog.LogicalLocation(fullyQualifiedName: words)]
    // A capture has no lines: nothing is said of a region, but where a file stands for it.
    let physical =
      if let anchor {
        SARIFLog.PhysicalLocation(
          artifactLocation: .init(uri: SARIFView.uri(of: anchor)), region: SARIFLog.Region(startLine: 1))
      } else {
        SARIFLog.PhysicalLocation(artifactLocation: .init(uri: uri, index: captures(run).firstIndex(of: uri)))
      }
    return SARIFLog.Location(physicalLocation: physical, logicalLocations: name)
  }

  private func notifications(_ run: RunReport) -> [SARIFLog.Notification] {
    run.inputs.compactMap(\.failure).map { .init(level: "error", message: .init(text: "\($0)")) }
      + run.unmet.map { .init(level: "error", message: .init(text: $0)) }
      + run.staleBaseline.map { .init(level: "note", message: .init(text: $0.staleText)) }
  }

  /// A relative reference for a relative path, else a file URI (RFC 8089); what a URI cannot hold is percent-encoded.
  static func uri(of path: String) -> String {
    var text = path.hasPrefix("/") ? "file://" : ""
    for byte in path.utf8 {
      let isPlain =
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "/-._~".utf8.contains(byte)
        }
      if isPlain {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return text
  }

  /// In the shape that code hosts know: sixteen hexadecimal digits and the number of its occurrence.
  static func hash(of place: FindingPlace) -> String {
    let digits = String(Fingerprint(of: Text(place.description)).high, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits + ":1"
  }
}

extension Severity {
  fileprivate var sarifLevel: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .info: "note"
    }
  }
}

extension FindingPlace {
  /// An entry of the baseline that may be taken out.
  package var staleText: String { "the baseline's '\(self)' was not found any more: take its line out" }
}
