import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSInflate
import IMSRules
import TestSupport
import Testing

/// One registration, cut and written in several ways: it is the same but for what the file really hides.
@Suite struct VariantsTests {
  /// What a report says of a registration, frame numbers and times aside.
  struct Account: Equatable {
    var kind = ""
    var mechanism = ""
    var outcome = ""
    var finalStatus: Int?
    var seenAt = ""
    var user = ""
    var callIDs: [String] = []
    /// "C1 H2 401" in their order; messages that have no step are left out.
    var steps: [String] = []
    var findings: [String] = []
    var blind: Set<Hop> = []
    var cause = ""

    init(_ report: FlowReport) {
      let flow = report.flow
      kind = flow.kind.rawValue
      mechanism = flow.mechanism.rawValue
      outcome = flow.outcome.rawValue
      finalStatus = flow.finalStatus
      seenAt = flow.seenAt?.rawValue ?? ""
      user = flow.impu?.string ?? ""
      callIDs = flow.callIDs.map(\.string)
      steps = flow.messages.compactMap { placed in placed.step.map { "\($0) \(placed.hop?.rawValue ?? "")" } }
      findings = report.findings.map { "\($0.severity.rawValue) \($0.rule) \($0.message)" }
      blind = Set(flow.hops.filter { $0.state == .blind }.map(\.hop))
      cause = flow.cause
    }

    /// As if these hops had not been captured.
    mutating func hide(_ hops: Hop...) {
      steps.removeAll { step in hops.contains { step.hasSuffix(" \($0.rawValue)") } }
    }
  }

  /// A variant, in words and in the account of the whole what it hides.
  struct Variant: Sendable, CustomTestStringConvertible {
    var file: String
    var hides: String
    var change: @Sendable (inout Account) -> Void = { _ in }
    var testDescription: String { "\(file) hides \(hides)" }
  }

  static let variants = [
    Variant(file: "merged.pcapng.gz", hides: "nothing"),
    Variant(file: "merged-nsec.pcap", hides: "the interfaces"),
    Variant(file: "merged-usec.pcap", hides: "the interfaces and nanoseconds"),
    Variant(file: "merged-editcap-dedup.pcapng", hides: "byte-equal copies"),
    Variant(file: "merged-starts-midstream.pcapng", hides: "TCP handshakes, CER and CEA"),
    Variant(file: "sip-only-no-cx.pcapng", hides: "everything but the P-CSCF's own traffic") {
      $0.hide(.h2, .c1, .c2, .d2)
      $0.blind = [.h2, .c1, .c2]
    },
    Variant(file: "merged-ends-after-401.pcapng", hides: "all that follows the challenge") {
      $0.outcome = "partial"
      $0.finalStatus = 401
      $0.steps.removeSubrange(($0.steps.firstIndex(of: "E1 H0") ?? 0)...)
      $0.findings.removeAll { $0.contains("CSeq 2") }
      $0.cause = "the capture ends after the challenge (frame 89), before the UE's answer was due"
    },
    // Frames 140 and 141 are there, 142 is not.
    Variant(file: "merged-truncated-file.pcapng", hides: "the arrival of the 200 at the UE") {
      $0.outcome = "partial"
      $0.finalStatus = nil
      $0.cause =
        "the 200 OK left the P-CSCF (frame 140), and the capture ends before the capture point nearest to the UE could show it"
    },
    // To, Contact, Call-ID, CSeq and Authorization stand behind the cut, in Cx the identities. What joins the SIP is before it.
    Variant(file: "merged-snaplen300.pcapng", hides: "all but the first 300 bytes of each packet") {
      $0.kind = "unknown"
      $0.mechanism = "unknown"
      $0.outcome = "partial"
      $0.callIDs = []
      $0.findings = []
      $0.hide(.c1, .c2)
      $0.blind = [.c1, .c2]
      $0.cause = "the capture cut the packets: what the 200 OK (frame 140) grants stands behind the cut"
    },
  ]

  private static func accounts(_ folder: String, _ file: String) throws -> [Account] {
    let path = try #require(Files.lab).appending(path: "\(folder)/\(file)").path
    var accounts: [Account] = []
    _ = Analyzer(Options()).run([.file(try openInput(path))]) { accounts.append(Account($0)) }
    return accounts
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: variants)
  func aVariantGivesTheSameButForWhatItHides(_ variant: Variant) throws {
    let whole = try Self.accounts("01b-aka-udp-uar2", "merged.pcapng")
    var expected = try #require(whole.first)
    variant.change(&expected)
    #expect(whole.count == 1)
    let found = try Self.accounts("variants-of-01b", variant.file)
    #expect(found == [expected], "\(found)")
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func theTableNamesEveryFile() throws {
    let folder = try #require(Files.lab).appending(path: "variants-of-01b").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".pcap") }
    #expect(files.sorted() == Self.variants.map(\.file).sorted())
  }
}
