import IMSBytes
import IMSDiameter
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// "What a checker must tolerate", 10 to 18.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct MoreToleranceTests {
  @Test func whatTheseCoresLeaveOutIsNamedOnce() throws {
    let recorded = try Recorded("01b-aka-udp-uar2", profile: .strict)
    let requests = recorded.sip(on: .h1)
    #expect(requests.allSatisfy { !$0.has(.pChargingVector) && !$0.has(.pChargingFunctionAddresses) })
    #expect(requests.flatMap(\.authorization).allSatisfy { $0.integrityProtected == nil })
    #expect(recorded.fired == ofThePCSCF)
  }

  @Test func securityHeadersInTheCoreConfuseNoRule() throws {
    let recorded = try Recorded("17a-ipsec-esp-null")
    #expect(recorded.sip(on: .h1).contains { !$0.securityClient.isEmpty })
    #expect(recorded.sip(on: .h1, status: 401).allSatisfy { $0.securityServer.isEmpty })
    #expect(recorded.told == (["AUT015"] + ofEveryREGISTER + ofTheAgreement).sorted())
  }

  @Test func headersBehindContentLengthAreRead() throws {
    let recorded = try Recorded("01b-aka-udp-uar2", profile: .strict)
    for request in recorded.sip(on: .h1) {
      let names = request.fields.map { request.wireName(of: $0).string }
      let length = try #require(names.firstIndex(of: "Content-Length"))
      #expect(names[length...].contains("Path"))
    }
    let granted = try #require(recorded.sip(on: .h0, status: 200).first)
    #expect(granted.associatedURI.count > 1)
    #expect(granted.contacts.first?.parameters["expires"]?.number == 3240)
    #expect(recorded.passedThroughout.isSuperset(of: ["RTE002", "RTE006", "REG003"]))
  }

  @Test func aRewrittenContactIsStillTheSubscribers() throws {
    let recorded = try Recorded("01b-aka-udp-uar2", profile: .strict)
    #expect(recorded.sip(on: .h1).flatMap(\.contacts).contains { $0.uri.parameters.has("alias") })
    #expect(recorded.passedThroughout.contains("REG003"))
  }

  @Test(arguments: ["17a-ipsec-esp-null", "17b-ipsec-esp-aes"])
  func aDeregistrationThatFailedOwesNoServerAssignment(_ scenario: String) throws {
    let failed = try Recorded(scenario).reports.filter { $0.flow.kind == .deregistration }
    #expect(failed.map(\.flow.outcome) == [.rejected, .rejected])
    let known = ["AUT015", "NET007"] + ofEveryREGISTER + ofTheAgreement
    #expect(failed.flatMap { $0.findings }.allSatisfy { known.contains($0.rule) })
    #expect(failed.allSatisfy { Set($0.notApplicable).isSuperset(of: ["SEQ007", "CX013", "RTE006"]) })
  }

  @Test func aRefusedAnswerOwesNoServerAssignment() throws {
    let recorded = try Recorded("06-wrong-key")
    #expect(recorded.diameter(.serverAssignment, isRequest: true).isEmpty)
    #expect(recorded.fired == ["AUT011"] + ofThePCSCF)
    #expect(recorded.reports.allSatisfy { Set($0.notApplicable).isSuperset(of: ["SEQ007", "CX013"]) })
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ003", "SEQ004", "SEQ005", "SEQ011", "AUT010"]))
  }

  @Test func aRefusingUAAEndsItAtTheICSCF() throws {
    let recorded = try Recorded("07-unknown-user", profile: .strict)
    #expect(recorded.sip(on: .h2).isEmpty)
    #expect(recorded.fired == ofEveryREGISTER)
    #expect(recorded.flows.map(\.finalStatus) == [403, 403])
  }

  /// The recordings have 5001 and 5002 alone.
  @Test(arguments: [5001, 5002, 5003, 5004]) func soItDoesWithEachCode(_ code: Int) throws {
    let trace = try TraceText(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA exp \(code)
      I -> P: 403 Forbidden
      P -> UE: 403 Forbidden
      """)
    #expect(Trace.reports(trace.bytes, profile: .strict).map { $0.findings.map(\.rule) } == [[]])
  }

  @Test func aSchemeThatTheHSSDoesNotKnowIsRefusedWithoutAChallenge() throws {
    let trace = try TraceText(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> HSS: MAR
      HSS -> S: MAA exp 5006
      S -> I: 403 Forbidden
      I -> P: 403 Forbidden
      P -> UE: 403 Forbidden
      """)
    #expect(Trace.reports(trace.bytes, profile: .strict).map { $0.findings.map(\.rule) } == [[]])
  }

  @Test(arguments: [
    ("09a-hss-down", []), ("09b-hss-silent-pcscf-504-first", ["DIA003"]), ("09d-hss-silent", ["DIA003"]),
  ])
  func failureCodesMayChangeFromLegToLeg(_ scenario: String, _ rules: [String]) throws {
    let recorded = try Recorded(scenario, profile: .strict)
    #expect(recorded.sip(on: .h0, status: 504).count == 1)
    #expect(recorded.sip(on: .h1, status: 408).count == 1)
    #expect(recorded.told == (rules + ofEveryREGISTER).sorted())
    #expect(recorded.reports.first?.passed.contains("VIA005") == true)
  }

  @Test(arguments: ["05-rereg-dereg", "10c-scscf-restart", "15-regevent-call", "30-minimal-own-configs"])
  func whatWasAcceptedMayBeChallengedAnew(_ scenario: String) throws {
    let recorded = try Recorded(scenario, profile: .strict)
    let later = recorded.reports.filter { [.refresh, .deregistration].contains($0.flow.kind) }
    #expect(later.count >= 2)
    for report in later {
      #expect(Set(report.findings.map(\.rule)).isSubset(of: ofThePCSCF + ["PRV005"]))
      #expect(Set(report.passed).isSuperset(of: ["SEQ007", "SEQ011", "AUT009", "AUT010", "CX013"]))
    }
  }

  @Test func aRestartedSCSCFAssignsItselfAnew() throws {
    let recorded = try Recorded("10c-scscf-restart", profile: .strict)
    #expect(recorded.flows.map(\.kind) == [.initial, .refresh, .deregistration])
    #expect(recorded.diameter(.serverAssignment, isRequest: true).map(\.serverAssignmentType) == [1, 1, 5])
    #expect(recorded.fired == ofThePCSCF)
  }

  @Test func withSIPDigestTheOldNonceIsEnough() throws {
    let recorded = try Recorded("11-sip-digest", profile: .strict)
    let later = recorded.reports.filter { [.refresh, .deregistration].contains($0.flow.kind) }
    #expect(later.count == 2)
    for report in later {
      let requests = report.flow.messages.compactMap(\.message.diameter).filter(\.isRequest)
      #expect(requests.contains { $0.command == .serverAssignment })
      #expect(!requests.contains { $0.command == .multimediaAuth })
      #expect(Set(report.findings.map(\.rule)) == Set(ofEveryREGISTER))
      #expect(report.verdict == .compliant)
    }
  }

  @Test func aDeregistrationNeedsNoPathNorServiceRouteInIts200() throws {
    let recorded = try Recorded("05-rereg-dereg", profile: .strict)
    for report in recorded.reports where report.flow.kind == .deregistration {
      let granted = try #require(report.flow.messages.compactMap(\.message.sip).last { $0.status == 200 })
      #expect(granted.path.isEmpty)
      #expect(granted.grantedExpiry == 0)
      let others = ["SEQ001", "RTE005", "RTE006", "RTE007", "RTE008", "REG003", "SEC007", "SEC009"]
      #expect(Set(report.notApplicable).isSuperset(of: others))
    }
  }

  @Test func retransmissionsWhileTheHSSThinksAreAbsorbed() throws {
    let recorded = try Recorded("09e-hss-slow-2s")
    #expect(recorded.messages.contains { !$0.message.retransmissions.isEmpty })
    #expect(recorded.diameter(.multimediaAuth, isRequest: true).count == 1)
    #expect(recorded.diameter(.serverAssignment, isRequest: true).count == 1)
    #expect(recorded.fired.filter { !$0.hasPrefix("TIM") } == ofThePCSCF)
  }

  @Test func lossIsNoFaultOfANode() throws {
    let recorded = try Recorded("13-loss", profile: .strict)
    #expect(recorded.reports.count == 20)
    #expect(recorded.diameter(.serverAssignment, isRequest: true).count == 17)
    #expect(recorded.fired.filter { !$0.hasPrefix("TIM") && $0 != "SEQ003" } == ofThePCSCF)
    let lost = recorded.reports.flatMap(\.findings).filter { $0.rule == "SEQ003" }
    #expect(!lost.isEmpty && lost.allSatisfy { $0.severity == .info && $0.message.contains("was lost on") })
    #expect(recorded.passedThroughout.isSuperset(of: ["SEQ004", "SEQ005", "SEQ011", "AUT009", "AUT010"]))
  }

  /// Without the keys, which Cx and Mw would tell.
  @Test func whatTravelsInESPIsOpaqueNotMissing() throws {
    let reports = Trace.reports(try Files.scenario("17b-ipsec-esp-aes", "ue.pcap"), profile: .strict)
    #expect(reports.count == 2)
    for report in reports {
      #expect(report.flow.view(of: .h0).state == .opaque)
      #expect(report.findings.isEmpty)
      #expect(report.notObservable.filter { $0.reason == .opaque }.map(\.rule).contains("SEC007"))
    }
  }

  @Test(arguments: ["17a-ipsec-esp-null", "17b-ipsec-esp-aes"])
  func whatTravelsInESPIsJudgedLikeTheRest(_ scenario: String) throws {
    let recorded = try Recorded(scenario)
    #expect(recorded.reports.count == 6)
    #expect(recorded.reports.flatMap(\.notObservable).allSatisfy { $0.reason != .opaque })
    #expect(Set(recorded.told).union(["SEC003"]) == Set(["AUT015"] + ofEveryREGISTER + ofTheAgreement))
    #expect(recorded.passedThroughout.isSuperset(of: ["SEC007", "SEC009", "VIA004", "VIA006"]))
  }

  @Test(arguments: [("14-rtr", 3), ("15-regevent-call", 4)])
  func subscriptionsCallsAndDNSAreNoRegistrations(_ scenario: String, _ registrations: Int) throws {
    let recorded = try Recorded(scenario, profile: .strict)
    #expect(recorded.reports.count == registrations)
    #expect(recorded.fired == ofThePCSCF)
    #expect(recorded.flows.flatMap(\.deviations).isEmpty)
  }
}
