import Foundation
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// Tests/Findings/deviations.tsv: each deviation from the documented sequence in the recorded scenarios, and why it is one.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct LabDeviationsTests {
  private static let reasons: [(scenario: String, kind: Deviation.Kind, step: String, why: String)] = [
    ("01-", .missing, "E3", "the I-CSCF asks no second time: it keeps the S-CSCF of the first UAA"),
    ("05b-", .missing, "E3", "the I-CSCF asks no second time: it keeps the S-CSCF of the first UAA"),
    ("06-", .stoppedHere, "E4", "the UE's key is another than the HSS's: the S-CSCF refuses its response"),
    ("07-", .stoppedHere, "B4", "the HSS does not know the user"),
    ("09a-", .stoppedHere, "B3", "the I-CSCF has no HSS to ask, and refuses"),
    ("09", .missing, "B4", "the HSS keeps silent"),
    ("09", .stoppedHere, "B4", "the HSS keeps silent"),
    ("11-", .stoppedHere, "E4", "the password is wrong"),
    ("13-", .extra, "B4", "a REGISTER that the P-CSCF sends again late is a new one for the I-CSCF"),
    ("13-", .extra, "E3", "a REGISTER that the P-CSCF sends again late is a new one for the I-CSCF"),
    ("13-", .extra, "B7", "a REGISTER that comes again late is a new one for the S-CSCF, which fetches a vector"),
    ("13-", .extra, "", "an answer to the challenge that comes again late is challenged anew, or given up"),
    ("13-", .stoppedHere, "C2", "the network loses the challenge, and the UE and the P-CSCF give up"),
    ("13-", .stoppedHere, "C3", "the network loses the challenge, and the UE and the P-CSCF give up"),
    ("17", .stoppedHere, "E4", "the Contact has another alias since the re-registration, and the S-CSCF answers 500"),
    ("30-", .stoppedHere, "E4", "the UE's key is another than the HSS's: the S-CSCF refuses its response"),
    ("30-", .stoppedHere, "B4", "the HSS does not know the user"),
  ]

  @Test func eachIsListedWithItsReason() throws {
    var lines = [
      "# What the recorded scenarios do otherwise than the documented sequence; `RECORD=1` writes this file anew.",
      ["scenario", "registration", "variants", "deviation", "frame", "why"].joined(separator: "\t"),
    ]
    for scenario in TruthTests.scenarios {
      for report in Lab.reports(try Files.scenario(scenario)) {
        let flow = report.flow
        for deviation in flow.deviations {
          let why = Self.reasons.first {
            scenario.hasPrefix($0.scenario) && $0.kind == deviation.kind && $0.step == deviation.step
          }
          #expect(why != nil, "\(scenario) #\(report.id) \(deviation)")
          let name = deviation.step.isEmpty ? deviation.label : "\(deviation.step) \(deviation.label)"
          let place = "\(name) on \(deviation.hop.rawValue) (\(deviation.from.rawValue) → \(deviation.to.rawValue))"
          let frame = deviation.message.flatMap { flow.messages[$0].message.firstSighting.frames.first }
          lines.append(
            [
              scenario, "\(report.id)", flow.variants.map(\.rawValue).joined(separator: " "),
              "\(deviation.kind.rawValue) \(place)", frame.map { "\($0)" } ?? "", why?.why ?? "",
            ].joined(separator: "\t"))
        }
      }
    }
    try Snapshot.check(
      lines.joined(separator: "\n") + "\n", at: Files.root.appending(path: "Tests/Findings/deviations.tsv"))
  }

  /// What was recorded is told as what it is: by scenario, the variants of its registrations.
  @Test(arguments: [
    ("01b-aka-udp-uar2", ["main"]), ("05-rereg-dereg", ["main", "main", "V3", "V3", "V4", "V4"]),
    ("06-wrong-key", ["V6a"]), ("07-unknown-user", ["V8", "V8"]), ("08-sync-failure", ["V7"]),
    ("09d-hss-silent", ["V13"]), ("11-sip-digest", ["V15", "V2 V15", "V4 V15", "V15", "V6a V15"]),
    ("14-rtr", ["main", "main", "V5a"]), ("17a-ipsec-esp-null", ["main", "main", "V3", "V3", "V4", "V4"]),
  ])
  func theVariantIsTold(_ scenario: String, _ variants: [String]) throws {
    let found = Lab.reports(try Files.scenario(scenario)).map { report in
      report.flow.variants.map(\.rawValue).joined(separator: " ")
    }
    #expect(found == variants)
  }
}
