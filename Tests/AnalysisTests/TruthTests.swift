import Foundation
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// Do the registrations come out as the UE that made them recorded them?
@Suite struct TruthTests {
  /// Every recorded scenario.
  static let scenarios = [
    "01-aka-udp", "01b-aka-udp-uar2", "02-cx-sctp", "03-gm-tcp", "04-ipv6-udp", "04b-ipv6-tcp", "05-rereg-dereg",
    "05b-rereg-dereg-cached", "06-wrong-key", "07-unknown-user", "08-sync-failure", "09a-hss-down",
    "09b-hss-silent-pcscf-504-first", "09d-hss-silent", "09e-hss-slow-2s", "10a-uaa-server-name", "10c-scscf-restart",
    "11-sip-digest", "13-loss", "14-rtr", "15-regevent-call", "16a-fragmented-udp", "16b-large-udp-to-tcp",
    "17a-ipsec-esp-null", "17b-ipsec-esp-aes", "20-pyhss-aka", "30-minimal-own-configs", "31-sipp-ue-aka",
  ]

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: scenarios)
  func mergedCaptureGivesWhatTheUESaw(_ scenario: String) throws {
    let found = Lab.reports(try Files.scenario(scenario)).map { Truth($0) }.sorted()
    #expect(found == (try expected(scenario)).sorted())
  }

  /// 31 was made by a UE without a log; 14 has the network's de-registration beside what the UE
  /// did; its Call-ID is that of the UE's subscription, in which the NOTIFY came.
  private func expected(_ scenario: String) throws -> [Truth] {
    switch scenario {
    case "31-sipp-ue-aka":
      return [Truth(callID: "1-28913@10.10.0.11", kind: "initial", outcome: "registered", finalStatus: 200)]
    case "14-rtr":
      return try Truth.read(scenario) + [
        Truth(
          callID: "feb6e692ce16d23aec7d6d01@10.10.0.2", kind: "networkDeregistration", outcome: "deregistered",
          finalStatus: nil)
      ]
    default: return try Truth.read(scenario)
    }
  }

  @Test(arguments: Files.sampleCaptures.map(\.lastPathComponent))
  func everySampleGivesWhatItsPageSays(_ sample: String) throws {
    let found = Lab.reports(try Files.sample(sample)).map { Truth($0) }.sorted()
    let file = try JSONDecoder().decode(
      [String: [Truth]].self, from: Data(contentsOf: Files.samples.appending(path: "truth.json")))
    #expect(found == file[sample]?.sorted())
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: ["01b-aka-udp-uar2", "02-cx-sctp", "05-rereg-dereg", "08-sync-failure"],
    ["ue", "pcscf", "icscf", "scscf"])
  func onePointGivesTheSame(_ scenario: String, _ point: String) throws {
    let found = Lab.reports(try Files.scenario(scenario, "\(point).pcap")).map { Truth($0) }.sorted()
    #expect(found == (try Truth.read(scenario)).sorted())
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: ["01b-aka-udp-uar2", "02-cx-sctp", "05-rereg-dereg", "08-sync-failure"])
  func cxAloneTellsKindAndOutcome(_ scenario: String) throws {
    let found = Lab.reports(try Files.scenario(scenario, "hss.pcap"))
    let expected = try Truth.read(scenario).map {
      Truth(callID: nil, kind: $0.kind, outcome: $0.outcome, finalStatus: nil)
    }
    #expect(found.map { Truth($0) }.sorted() == expected.sorted())
    #expect(found.allSatisfy { $0.flow.seenAt == .cx })
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func aLostResponseIsNamedWithThePlaceWhereItWasLost() throws {
    let reports = Lab.reports(try Files.scenario("13-loss"))
    let report = try #require(reports.first { $0.flow.impi?.string.hasPrefix("001010000000003@") ?? false })
    #expect(report.flow.outcome == .unanswered)
    #expect(report.flow.seenAt == .h0)
    #expect(report.flow.cause.hasPrefix("lost on the way: 200 OK on H0 (P-CSCF → UE; frame 276)"))
  }
}

/// De-registration by the network as the nodes that see no Cx see it: in the NOTIFY alone.
@Suite struct NotifiedDeregistrationTests {
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func aNotifyAloneTellsThatTheNetworkEndedIt() throws {
    var editor = try CaptureEditor(try Files.scenario("14-rtr"))
    editor.keep(interface: 3)
    let flows = Lab.reports(editor.pcapng).map(\.flow)
    #expect(flows.map(\.kind) == [.initial, .initial, .networkDeregistration])
    #expect(flows.last?.outcome == .deregistered)
    #expect(flows.last?.impu == flows.first { $0.callIDs.first == "68bdc1ea3c015098f35cecfc@10.10.0.2" }?.impu)
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func aNotifyAfterTheUEsOwnDeregistrationIsNone() throws {
    var editor = try CaptureEditor(try Files.scenario("15-regevent-call"))
    editor.keep(interface: 3)
    let kinds = Lab.reports(editor.pcapng).map(\.flow.kind)
    #expect(kinds == [.initial, .initial, .deregistration, .deregistration])
  }
}
