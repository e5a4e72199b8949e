import Foundation
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// What one node alone captured says the same as all of them together, as far as it can.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct SinglePointTests {
  /// A node that captured, and the hops that its interfaces show.
  enum Point: String, CaseIterable, Sendable {
    case ue, pcscf, icscf, scscf, hss

    /// Its interface in the merged captures.
    var interface: Int {
      switch self {
      case .ue: 0
      case .pcscf: 3
      case .icscf: 4
      case .scscf: 5
      case .hss: 6
      }
    }

    /// What a capture of this host can show; all access lies before the UE's router.
    var hops: Set<Hop> {
      switch self {
      case .ue: [.h0]
      case .pcscf: [.h0, .d1, .h1]
      case .icscf: [.h1, .c1, .d2, .h2]
      case .scscf: [.h2, .c2, .a1]
      case .hss: [.c1, .c2]
      }
    }
  }

  private static func merged(_ scenario: String) throws -> [FlowReport] { Lab.reports(try Files.scenario(scenario)) }

  private static func alone(_ scenario: String, _ point: Point) throws -> [FlowReport] {
    var editor = try CaptureEditor(try Files.scenario(scenario))
    editor.keep(interface: point.interface)
    return Lab.reports(editor.pcapng)
  }

  // MARK: findings

  @Test(arguments: TruthTests.scenarios)
  func everyFindingIsOnAHopOfItsPointAndEveryErrorIsFoundInTheMergedCapture(_ scenario: String) throws {
    let all = try Self.merged(scenario)
    for point in Point.allCases {
      var alone = [try Self.alone(scenario, point)]
      if let recorded = try? Files.scenario(scenario, "\(point.rawValue).pcap") { alone.append(Lab.reports(recorded)) }
      for report in alone.joined() {
        let same = all.filter { Self.isSame(report.flow, $0.flow) }
        for finding in report.findings {
          let hops = Set(finding.messages.compactMap { report.flow.messages[$0].hop })
          #expect(!hops.isEmpty && hops.isSubset(of: point.hops), "\(point) \(finding.rule) \(hops)")
          guard finding.severity == .error else { continue }
          // Of an answer that never came to this point the merged capture may know that it was lost: no error then.
          let isFound = same.contains { merged in merged.findings.contains { $0.rule == finding.rule } }
          #expect(isFound, "\(point) #\(report.id) \(finding.rule): \(finding.message)")
        }
      }
    }
  }

  /// By Call-ID; where the HSS alone was captured, by subscriber.
  private static func isSame(_ one: Flow, _ other: Flow) -> Bool {
    one.callIDs.isEmpty ? one.impi == other.impi : one.callIDs.contains { other.callIDs.contains($0) }
  }

  // MARK: what became of it

  /// Where a node cannot know what reached the UE, and what it says instead; everything else is the truth of the merged
  /// capture. The HSS sees no Call-ID and no status.
  static let knowsLess: [String: [String]] = [
    // Refused before the S-CSCF was reached.
    "07-unknown-user scscf": ["- initial rejected 403", "- initial rejected 403"],
    "09a-hss-down scscf": ["- initial rejected 504"],
    "09b-hss-silent-pcscf-504-first scscf": ["- initial rejected 504"],
    "09d-hss-silent scscf": ["- initial rejected 504"],
    "30-minimal-own-configs scscf": ["- initial rejected 403"],
    // The I-CSCF said 408, and the P-CSCF made 504 of it.
    "09a-hss-down icscf": ["- initial rejected 504", "+ initial rejected 408"],
    "09b-hss-silent-pcscf-504-first icscf": ["- initial rejected 504", "+ initial rejected 408"],
    "09d-hss-silent icscf": ["- initial rejected 504", "+ initial rejected 408"],
    // A refusal of the S-CSCF shows nowhere on Cx: no SAR comes, for now.
    "06-wrong-key hss": ["- initial rejected", "+ initial partial"],
    "11-sip-digest hss": ["- initial rejected", "+ initial partial"],
    "17a-ipsec-esp-null hss": [
      "- deregistration rejected", "- deregistration rejected", "+ deregistration partial", "+ deregistration partial",
    ],
    "17b-ipsec-esp-aes hss": [
      "- deregistration rejected", "- deregistration rejected", "+ deregistration partial", "+ deregistration partial",
    ],
    "30-minimal-own-configs hss": [
      "- initial rejected", "- initial rejected", "+ initial partial", "+ unknown rejected",
    ],
    // A UAR alone does not tell what kind of registration it is for; none of the I-CSCF's was answered.
    "07-unknown-user hss": [
      "- initial rejected", "- initial rejected", "+ unknown rejected", "+ unknown rejected",
    ],
    "09a-hss-down hss": ["- initial rejected"],
    "09b-hss-silent-pcscf-504-first hss": ["- initial rejected", "+ unknown partial"],
    "09d-hss-silent hss": ["- initial rejected", "+ unknown partial"],
    // The restarted S-CSCF asks for a first assignment.
    "10c-scscf-restart hss": ["- refresh registered", "+ initial registered"],
    // The keys of ESP travel in the core.
    "17b-ipsec-esp-aes ue": [
      "- deregistration rejected 500", "- deregistration rejected 500", "- initial registered 200",
      "- initial registered 200", "- refresh registered 200", "- refresh registered 200", "+ initial partial 401",
      "+ initial partial 401",
    ],
    // The network's de-registration: the NOTIFY that the UE answered, instead of the RTR; nothing at the I-CSCF.
    "14-rtr ue": ["- networkDeregistration deregistered", "+ networkDeregistration deregistered 200"],
    "14-rtr pcscf": ["- networkDeregistration deregistered", "+ networkDeregistration deregistered 200"],
    "14-rtr icscf": ["- networkDeregistration deregistered"],
    // Each node as far as the losses let it see (judged leg by leg, as the truth of the scenario says).
    "13-loss pcscf": [
      "- initial rejected 504", "- initial unanswered", "+ initial partial 401", "+ initial registered 200",
      "+ initial rejected 504", "+ refresh registered 200",
    ],
    "13-loss icscf": partial13, "13-loss scscf": partial13,
    "13-loss hss": [
      "- initial rejected", "- initial rejected", "- initial rejected", "- initial rejected", "- initial rejected",
      "- initial unanswered", "+ initial partial", "+ initial partial", "+ initial partial", "+ initial partial",
      "+ initial partial", "+ initial registered", "+ refresh registered", "+ refresh registered", "+ unknown partial",
    ],
  ]

  private static let partial13 =
    Array(repeating: "- initial rejected 504", count: 5) + ["- initial unanswered"]
    + Array(repeating: "+ initial partial 401", count: 6)

  @Test(arguments: TruthTests.scenarios, Point.allCases)
  func eachPointTellsWhatItCanKnow(_ scenario: String, _ point: Point) throws {
    func lines(_ reports: [FlowReport]) -> [String] {
      reports.map { report in
        let truth = Truth(report)
        let status = point == .hss ? "" : truth.finalStatus.map { " \($0)" } ?? ""
        return "\(truth.kind) \(truth.outcome)\(status) \(point == .hss ? "" : truth.callID ?? "")"
      }
    }
    let expected = lines(try Self.merged(scenario)).sorted()
    let found = lines(try Self.alone(scenario, point)).sorted()
    let difference = found.difference(from: expected)
    func words(_ line: String) -> String {
      line.split(separator: " ").prefix { !$0.contains("@") }.joined(separator: " ")
    }
    let told = difference.removals.map { change -> String in
      if case .remove(_, let line, _) = change { "- " + words(line) } else { "" }
    }
    let instead = difference.insertions.map { change -> String in
      if case .insert(_, let line, _) = change { "+ " + words(line) } else { "" }
    }
    #expect(told.sorted() + instead.sorted() == Self.knowsLess["\(scenario) \(point.rawValue)"] ?? [])
  }
}
