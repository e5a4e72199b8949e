import Foundation
import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire

/// What is said of a capture, so that it can be compared with what is said of a damaged copy of it. Frames are numbered as
/// in the undamaged one.
struct Verdicts {
  struct Finding: Hashable, CustomStringConvertible {
    var rule: String
    var text: String
    var description: String { "\(rule) \(text)" }
  }

  struct Registration: Hashable {
    var impu: String
    var callIDs: [String]
    var kind: String
    var outcome: String
    var verdict: String
    var cause: String
    var findings: [Finding]
    var passed: [String]
    var notApplicable: [String]
    var notObservable: [String]
    /// Of all its messages.
    var frames: Set<UInt32>
  }

  struct Issue: Hashable {
    var text: String
    var count: Int
    var frames: [UInt32]
  }

  var registrations: [Registration] = []
  var issues: [Issue] = []
  var packets: UInt32 = 0

  /// - Parameters:
  ///   - frame: the damaged one; behind it `packets` tells how many are missing.
  init(_ bytes: [UInt8], damaged frame: UInt32 = .max, packets: UInt32 = 0) {
    let (reports, run) = Lab.run([bytes])
    self.packets = run.inputs.first.map { UInt32($0.packets) } ?? 0
    let missing = packets > self.packets ? packets - self.packets : 0
    func number(_ one: UInt32) -> UInt32 { one >= frame ? one + missing : one }
    registrations = reports.map { Registration($0, number) }
    issues = run.coverage.issues.map { entry in
      Issue(text: "\(entry.layer): \(entry.reason)", count: entry.count, frames: entry.frames.map { number($0.frame) })
    }
  }
}

extension Verdicts.Registration {
  fileprivate init(_ report: FlowReport, _ number: (UInt32) -> UInt32) {
    impu = report.flow.impu?.string ?? ""
    callIDs = report.flow.callIDs.map(\.string)
    kind = report.flow.kind.rawValue
    outcome = report.flow.outcome.rawValue
    verdict = report.verdict.rawValue
    cause = Self.withoutFrames(report.flow.cause)
    findings = report.findings.map { Verdicts.Finding(rule: $0.rule, text: Self.withoutFrames($0.message)) }
    passed = report.passed
    notApplicable = report.notApplicable
    notObservable = report.notObservable.map { "\($0.rule) \($0.reason.rawValue) \($0.hop?.rawValue ?? "")" }
    frames = []
    for placed in report.flow.messages {
      placed.message.forEachSighting { sighting in frames.formUnion(sighting.frames.all.map(number)) }
    }
  }

  private static func withoutFrames(_ text: String) -> String {
    text.replacing(/frame \d+/, with: "frame")
  }

  /// What one of the two says and the other does not.
  func difference(from other: Self?) -> String {
    guard let other else { return "it is gone" }
    func lines(_ one: Self) -> Set<String> {
      Set(one.passed.map { "passed \($0)" } + one.notApplicable.map { "not applicable \($0)" })
        .union(one.notObservable.map { "not observable \($0)" }).union(one.findings.map(\.description))
        .union(["\(one.kind) \(one.outcome) \(one.verdict)", one.cause])
    }
    return lines(self).symmetricDifference(lines(other)).sorted().joined(separator: "; ")
  }

  /// But for the frames that carried it.
  func says(the other: Self) -> Bool {
    var (left, right) = (self, other)
    left.frames = []
    right.frames = []
    return left == right
  }
}
