import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSRules

/// The captures these tests read: samples in this repository, and the recorded scenarios beside it where they exist.
enum Lab {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let samples = root.appending(path: "SampleCaptures")

  /// The folder of recorded scenarios; a clone without it skips the tests that need it.
  static let scenarios: URL? = {
    let shared =
      ProcessInfo.processInfo.environment["IMSTRACE_SHARED"].map { URL(filePath: $0) }
      ?? root.deletingLastPathComponent().appending(path: "shared")
    let lab = shared.appending(path: "captures/lab")
    return FileManager.default.fileExists(atPath: lab.path) ? lab : nil
  }()
  static let isPresent = scenarios != nil
  static let absence: String = "../shared/captures/lab is not there"

  static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  static func scenario(_ name: String, _ file: String = "merged.pcapng") throws -> [UInt8] {
    guard let scenarios else { throw CocoaError(.fileNoSuchFile) }
    return try bytes(scenarios.appending(path: "\(name)/\(file)"))
  }

  static func sample(_ name: String) throws -> [UInt8] { try bytes(samples.appending(path: name)) }

  static func reports(_ bytes: [UInt8]..., options: Options = Options()) -> [FlowReport] {
    var reports: [FlowReport] = []
    let sources = bytes.map { FrameLoop.Source.file(BlockFile(bytes: $0)) }
    _ = Analyzer(options).run(sources) { reports.append($0) }
    return reports
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
    guard let folder = Lab.scenarios?.appending(path: scenario) else { throw CocoaError(.fileNoSuchFile) }
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
