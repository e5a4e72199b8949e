import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// "What a checker must tolerate", 1 to 9 of the recordings' own page: each test first shows that the capture has it, then
/// that no rule is provoked. `Tests/Findings/tolerances.md` names them.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct ToleranceTests {
  @Test(arguments: ["01-aka-udp", "05b-rereg-dereg-cached"]) func aMissingSecondUARIsAWarning(_ scenario: String) throws
  {
    let recorded = try Recorded(scenario)
    for report in recorded.reports {
      let asked = report.flow.messages.compactMap(\.message.diameter).filter { $0.command == .userAuthorization }
      #expect(asked.filter(\.isRequest).count == 1)
      #expect(report.findings.filter { $0.rule == "SEQ005" }.map(\.severity) == [.warning])
    }
    #expect(recorded.fired == ofThePCSCF + ["SEQ005"])
    #expect(recorded.passedThroughout.isSuperset(of: ["IDN003", "DIA003", "CX002", "SEQ004"]))
  }

  @Test(arguments: ["01b-aka-udp-uar2", "05-rereg-dereg"]) func aSecondUAAWithTheNameIsRight(_ scenario: String) throws
  {
    let recorded = try Recorded(scenario, profile: .strict)
    let answers = recorded.diameter(.userAuthorization, isRequest: false)
    #expect(answers.contains { $0.experimentalResult?.code == 2001 && $0.serverCapabilities != nil })
    #expect(answers.contains { $0.experimentalResult?.code == 2002 && $0.serverName != nil })
    #expect(recorded.passedThroughout.contains("CX002"))
  }

  @Test func deregistrationIsAnsweredWithResultCode2001() throws {
    let recorded = try Recorded("05-rereg-dereg", profile: .strict)
    #expect(recorded.diameter(.userAuthorization, isRequest: false).count { $0.resultCode == 2001 } == 4)
    #expect(recorded.passedThroughout.contains("CX002"))
  }

  @Test func aUARWithoutTypeAsksForARegistration() throws {
    let recorded = try Recorded("05-rereg-dereg")
    for report in recorded.reports {
      let types = report.flow.messages.compactMap(\.message.diameter)
        .filter { $0.command == .userAuthorization && $0.isRequest }.map(\.userAuthorizationType)
      #expect(types == (report.flow.kind == .deregistration ? [1, 1] : [nil, nil]))
    }
    #expect(Set(recorded.flows.map(\.kind)) == [.initial, .refresh, .deregistration])
    #expect(recorded.fired == ofThePCSCF)
  }

  @Test func oneRegistrationTravelsOverUDPAndTCP() throws {
    let recorded = try Recorded("01b-aka-udp-uar2")
    let flow = try #require(recorded.flows.first)
    #expect(recorded.flows.count == 1)
    #expect(Set(flow.messages.filter { $0.hop == .h1 }.map(\.message.transport)) == [.udp, .tcp])
    #expect(Set(flow.messages.filter { $0.hop == .h2 }.map(\.message.transport)) == [.udp])
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ003", "SEQ004", "VIA003", "VIA004", "VIA005", "VIA006"]))
  }

  @Test(arguments: ["16a-fragmented-udp", "16b-large-udp-to-tcp", "17a-ipsec-esp-null"])
  func aRequestInFragmentsIsOneMessage(_ scenario: String) throws {
    let recorded = try Recorded(scenario)
    let pieces = recorded.messages.filter { $0.hop == .h2 }.flatMap(\.message.sightings).map(\.frames.all.count)
    #expect(pieces.contains { $0 > 1 })
    #expect(Set(recorded.fired).isSubset(of: Set(ofThePCSCF + ["NET007", "SEC003", "SEC014"])))
  }

  @Test(arguments: ["02-cx-sctp", "03-gm-tcp", "04b-ipv6-tcp"])
  func connectionsServeManySubscribers(_ scenario: String) throws {
    let recorded = try Recorded(scenario)
    #expect(Set(recorded.flows.compactMap(\.impi)).count == 2)
    #expect(recorded.fired.filter { $0 != "NET007" } == ofThePCSCF)
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ003", "SEQ005", "SEQ007", "IDN003", "AUT005", "AUT009"]))
  }

  static let plain = [
    "01-aka-udp", "01b-aka-udp-uar2", "02-cx-sctp", "03-gm-tcp", "04-ipv6-udp", "04b-ipv6-tcp", "05-rereg-dereg",
    "05b-rereg-dereg-cached", "06-wrong-key", "08-sync-failure", "09e-hss-slow-2s", "10a-uaa-server-name",
    "10c-scscf-restart", "11-sip-digest", "13-loss", "15-regevent-call", "16a-fragmented-udp", "16b-large-udp-to-tcp",
    "20-pyhss-aka", "30-minimal-own-configs", "31-sipp-ue-aka",
  ]

  @Test(arguments: plain) func viaStacksOfTheseProxiesAreRight(_ scenario: String) throws {
    let recorded = try Recorded(scenario, profile: .strict)
    #expect(recorded.passedThroughout.isSuperset(of: ["VIA001", "VIA003", "VIA004", "VIA005", "VIA006"]))
  }

  @Test func branchesReceivedAndIndexParametersAreNoAlteration() throws {
    let recorded = try Recorded("01b-aka-udp-uar2", profile: .strict)
    let asked = recorded.sip(on: .h2).flatMap(\.via)
    #expect(asked.contains { $0.parameters.has("i") && $0.raw.string.hasPrefix("SIP/2.0/UDP 10.20.0.20") })
    #expect(asked.contains { $0.raw.string.contains(";received=10.10.0.2;branch=") })
    #expect(recorded.sip(on: .h0, status: 100).flatMap(\.via).contains { $0.raw.string.contains(";received=") })
    #expect(recorded.passedThroughout.isSuperset(of: ["VIA001", "VIA004", "VIA005", "VIA006"]))
  }

  @Test func a100HasNoTagAndNeedNotComeFromTheSCSCF() throws {
    let recorded = try Recorded("01b-aka-udp-uar2", profile: .strict)
    #expect(recorded.sip(on: .h0, status: 100).count == 2)
    #expect(recorded.sip(on: .h1, status: 100).count == 2)
    #expect(recorded.sip(on: .h2, status: 100).isEmpty)
    #expect(recorded.sip(status: 100).allSatisfy { $0.to?.tag == nil })
    #expect(recorded.flows.flatMap(\.deviations).isEmpty)
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ003", "VIA005"]))
  }

  @Test func everyCxRequestHasASessionOfItsOwn() throws {
    let recorded = try Recorded("02-cx-sctp")
    for flow in recorded.flows {
      let requests = flow.messages.compactMap(\.message.diameter).filter(\.isRequest)
      #expect(requests.count == 4)
      #expect(Set(requests.compactMap(\.sessionID)).count == 4)
      #expect(Set(requests.compactMap(\.userName)) == Set([flow.impi].compactMap(\.self)))
      let assignments = requests.filter { $0.command == .serverAssignment }
      #expect(assignments.compactMap(\.callID) == flow.callIDs)
    }
    #expect(recorded.fired == ofThePCSCF)
  }

  @Test func aRequestOfTheHSSComesOnTheConnectionOfTheSCSCF() throws {
    let recorded = try Recorded("14-rtr")
    let report = try #require(recorded.reports.last)
    #expect(report.flow.kind == .networkDeregistration)
    #expect(report.flow.messages.first?.from == .hss)
    #expect(report.flow.messages.first?.to == .scscf)
    #expect(report.findings.isEmpty)
  }

  @Test(arguments: ["08-sync-failure", "20-pyhss-aka", "30-minimal-own-configs"])
  func vectorsAreFoundWhateverTheSchemeIsCalled(_ scenario: String) throws {
    let recorded = try Recorded(scenario, profile: .strict)
    let schemes = recorded.diameter(.multimediaAuth, isRequest: true).flatMap(\.authDataItems)
      .flatMap { item in item.children.filter { $0.code == 608 } }.map(\.text)
    #expect(!schemes.isEmpty)
    #expect(Set(schemes).isSubset(of: ["unknown", "Digest-AKAv1-MD5"]))
    #expect(recorded.passedThroughout.isSuperset(of: ["AUT005", "AUT009", "AUT010"]))
  }

  @Test func anMAAMayCarryHA1() throws {
    let recorded = try Recorded("11-sip-digest", profile: .strict)
    let items = recorded.diameter(.multimediaAuth, isRequest: false).flatMap(\.authDataItems)
    #expect(items.count == 3)
    #expect(items.allSatisfy { item in item.children.contains { $0.code == 635 } })
    #expect(recorded.flows.filter { $0.outcome == .registered }.allSatisfy { $0.mechanism == .digest })
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ001", "AUT009", "AUT010"]))
  }

  @Test func aResynchronisingMARCarriesAUTS() throws {
    let recorded = try Recorded("08-sync-failure")
    let sizes = recorded.diameter(.multimediaAuth, isRequest: true).flatMap(\.authDataItems)
      .flatMap { item in item.children.filter { $0.code == 610 } }.map(\.data.count)
    #expect(sizes == [30])
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ011", "AUT005", "AUT009", "AUT010", "AUT011"]))
  }

  @Test(arguments: [("merged.pcapng", 1), ("pcscf.pcap", 1), ("icscf.pcap", 0), ("scscf.pcap", 0)])
  func keysOnMwAreNoLeak(_ file: String, _ leaks: Int) throws {
    let recorded = try Recorded("01b-aka-udp-uar2", file)
    let challenges = recorded.sip(on: .h1, status: 401) + recorded.sip(on: .h2, status: 401)
    #expect(challenges.count >= 1)
    #expect(challenges.flatMap(\.wwwAuthenticate).allSatisfy { $0.parameters.has("ck") && $0.parameters.has("ik") })
    #expect(recorded.reports.flatMap(\.findings).count { $0.rule == "PRV001" } == leaks)
  }

  @Test(arguments: ["17a-ipsec-esp-null", "17b-ipsec-esp-aes"])
  func keysThatThePCSCFTookOutAreNoLeak(_ scenario: String) throws {
    let initial = try Recorded(scenario).reports.filter { $0.flow.kind == .initial }
    #expect(initial.count == 2)
    #expect(initial.allSatisfy { $0.passed.contains("PRV001") })
  }
}
