import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSRules
import TestSupport

/// What the program says of captures.
enum Lab {
  static func reports(_ bytes: [UInt8]..., options: Options = Options()) -> [FlowReport] {
    run(bytes, options: options).reports
  }

  static func run(_ bytes: [[UInt8]], options: Options = Options()) -> (reports: [FlowReport], run: RunReport) {
    var reports: [FlowReport] = []
    let sources = bytes.map { FrameLoop.Source.file(BlockFile(bytes: $0)) }
    let run = Analyzer(options).run(sources) { reports.append($0) }
    return (reports, run)
  }
}

/// What the UE itself recorded of one registration.
struct Truth: Hashable, Comparable, Decodable, CustomStringConvertible {
  var callID: String?
  var kind: String
  var outcome: String
  var finalStatus: Int?

  var description: String { "\(kind) \(outcome) \(finalStatus.map(String.init) ?? "–") \(callID ?? "")" }

  static func < (left: Truth, right: Truth) -> Bool { left.description < right.description }

  init(callID: String?, kind: String, outcome: String, finalStatus: Int?) {
    self.callID = callID
    self.kind = kind
    self.outcome = outcome
    self.finalStatus = finalStatus
  }

  init(_ report: FlowReport) {
    callID = report.flow.callIDs.first?.string
    kind = report.flow.kind.rawValue
    outcome = report.flow.outcome.rawValue
    finalStatus = report.flow.finalStatus
  }

  /// Entries with a `step` of every ue-truth*.json of a scenario.
  static func read(_ scenario: String) throws -> [Truth] {
    guard let folder = Files.lab?.appending(path: scenario) else { throw CocoaError(.fileNoSuchFile) }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("ue-truth") }
    return try files.sorted().flatMap { file in
      let entries = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: file)))
      return (entries as? [[String: Any]] ?? []).compactMap(Truth.init(entry:))
    }
  }

  private init?(entry: [String: Any]) {
    let kinds = ["reg": "initial", "rereg": "refresh", "dereg": "deregistration"]
    guard let step = entry["step"] as? String, let kind = kinds[step],
      let final = (entry["responses"] as? [Any])?.last
    else { return nil }
    self.kind = kind
    callID = entry["call_id"] as? String
    finalStatus = final as? Int
    outcome =
      switch finalStatus {
      case let status? where status < 300: kind == "deregistration" ? "deregistered" : "registered"
      case .some: "rejected"
      case nil: "unanswered"
      }
  }
}
