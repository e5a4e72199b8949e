import IMSBytes
import IMSCapture
import IMSFlows
import IMSMessages
package import IMSRules

/// The JSON that docs/json.md promises: one document, or an object a line. Both are written as they come.
package struct JSONView {
  package enum Format: Sendable { case json, ndjson }

  package static let schemaVersion = 1

  private let format: Format
  private let profile: Profile
  private let version: String
  private var registrations = 0

  private let idle: [IdleRule]

  /// - Parameter idle: rules that are not run.
  package init(_ format: Format, profile: Profile, version: String, idle: [IdleRule] = []) {
    self.format = format
    self.idle = idle
    self.profile = profile
    self.version = version
  }

  package mutating func begin() -> String {
    switch format {
    case .ndjson:
      return line("tool") { json in
        json.field("schemaVersion", JSONView.schemaVersion)
        writeTool(&json)
      }
    case .json:
      return "{\"schemaVersion\":\(JSONView.schemaVersion),\n\"tool\":\(object(writeTool)),\n\"registrations\":["
    }
  }

  package mutating func registration(_ report: FlowReport) -> String {
    registrations += 1
    switch format {
    case .ndjson: return line("registration", report.writeFields)
    case .json: return (registrations == 1 ? "\n" : ",\n") + object(report.writeFields)
    }
  }

  package mutating func end(_ run: RunReport) -> String {
    switch format {
    case .ndjson:
      return run.inputs.map { line("input", $0.writeFields) }.joined()
        + line("coverage") { run.writeCoverage(&$0) }
        + line("summary", run.writeSummary)
    case .json:
      let inputs = run.inputs.map { "\n" + object($0.writeFields) }.joined(separator: ",")
      return (registrations == 0 ? "],\n" : "\n],\n")
        + "\"inputs\":[\(inputs)\(run.inputs.isEmpty ? "" : "\n")],\n"
        + "\"coverage\":\(object { run.writeCoverage(&$0) }),\n"
        + "\"summary\":\(object(run.writeSummary))\n}\n"
    }
  }

  private func writeTool(_ json: inout JSONWriter) {
    json.field("name", "imstrace")
    json.field("version", version)
    json.field("profile", profile.name)
    if !idle.isEmpty {
      json.field("notRun", idle) { json, rule in
        json.object { json in
          json.field("rule", rule.rule)
          json.field("reason", rule.reason)
        }
      }
    }
  }

  private func object(_ fields: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    json.object(fields)
    return json.text
  }

  private func line(_ type: String, _ fields: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    json.object { json in
      json.field("type", type)
      fields(&json)
    }
    json.endLine()
    return json.text
  }
}
