import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// What a profile makes of the rules and of the sequence.
@Suite struct ProfileTests {
  private func run(_ profile: Profile, _ bytes: [UInt8]) -> [FlowReport] {
    var options = Options()
    options.profile = profile
    options.rules = profile.rules().run
    for line in profile.roles { _ = options.hosts.add(line) }
    var reports: [FlowReport] = []
    _ = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return reports
  }

  private func severities(_ profile: Profile, of rule: String) throws -> [Severity] {
    run(profile, try Files.sample("aka-registration.pcapng")).flatMap(\.findings).filter { $0.rule == rule }.map(
      \.severity)
  }

  @Test func aSeverityIsOfTheRuleOfItsFamilyOrOfAllOthers() throws {
    var profile = Profile("test", "")
    #expect(try severities(profile, of: "AUT015") == [.error, .error])
    profile.otherwise = .info
    #expect(try severities(profile, of: "AUT015") == [.info, .info])
    profile.rules["AUT"] = Profile.Setting(severity: .warning)
    #expect(try severities(profile, of: "AUT015") == [.warning, .warning])
    profile.rules["AUT015"] = Profile.Setting(severity: .error)
    #expect(try severities(profile, of: "AUT015") == [.error, .error])
  }

  @Test func aPeerMayMatterOtherwise() throws {
    for (peer, expected) in [
      (Peer("P-CSCF"), [Severity.info, .info]), (Peer("10.20.0.20"), [.info, .info]), (Peer("HSS"), [.error, .error]),
      (Peer("10.20.0.20:4061"), [.error, .error]),
    ] {
      var profile = Profile("test", "")
      let setting = Profile.PeerSeverity(peer: try #require(peer), severity: .info)
      profile.rules["AUT015"] = Profile.Setting(peers: [setting])
      #expect(try severities(profile, of: "AUT015") == expected)
    }
  }

  /// What a rule itself calls milder stays milder, whatever the profile makes of the rule.
  @Test func theFieldLowersAndNothingElse() {
    for rule in Catalogue.rules {
      #expect(Profile.strict.severity(of: rule) == rule.severity)
      #expect(Profile.field.severity(of: rule) == min(rule.severity, rule.fieldSeverity ?? rule.severity))
      #expect(Profile.seed.severity(of: rule) == (rule.id == "VIA001" ? .error : .info))
    }
  }

  @Test func aRuleThatIsOffIsToldWithItsReason() {
    var profile = Profile("test", "", rules: ["SEC": Profile.Setting(off: "no IPsec")])
    let (rules, idle) = profile.rules()
    #expect(!rules.contains { $0.family == "SEC" })
    #expect(idle.count == Catalogue.rules.count { $0.family == "SEC" } && idle.allSatisfy { $0.reason == "no IPsec" })
    #expect(profile.rules(RuleSelection(extendSelect: ["SEC001"])).run.contains { $0.id == "SEC001" })
    profile.select = ["SEC", "VIA"]
    profile.ignore = ["VIA00"]
    #expect(profile.rules().run.map(\.id) == ["VIA010", "VIA011"])
    #expect(profile.rules(RuleSelection(select: ["AUT00"])).run.map(\.id).allSatisfy { $0.hasPrefix("AUT00") })
  }

  // MARK: headers

  @Test(arguments: [
    (HeaderRule.Subject.register, Hop.h0, "Contact", HeaderRule.Demand.contains("SIP:"), "passed"),
    (.register, .h0, "Contact", .contains("+no.such.tag"), "failed"), (.register, .h0, "m", .present, "passed"),
    (.register, .h1, "X-Own", .present, "failed"), (.register, .h1, "X-Own", .absent, "passed"),
    (.response(401), .h0, "WWW-Authenticate", .absent, "failed"),
    (.response(200), .h2, "service-route", .present, "passed"),
    (.response(423), .h0, "Min-Expires", .present, "not applicable"),
  ]) func aHeaderIsDemanded(
    _ subject: HeaderRule.Subject, _ hop: Hop, _ header: String, _ demand: HeaderRule.Demand, _ outcome: String
  ) throws {
    var profile = Profile("test", "")
    profile.headers = [HeaderRule("OPX001", .warning, "own", subject, on: hop, header, demand)]
    func outcomes(_ editor: CaptureEditor) -> [String] {
      run(profile, editor.pcapng).map { report in
        if report.findings.contains(where: { $0.rule == "OPX001" && $0.severity == .warning }) { return "failed" }
        if report.passed.contains("OPX001") { return "passed" }
        return report.notApplicable.contains("OPX001") ? "not applicable" : "not observable"
      }
    }
    var editor = try Trace.compliant()
    #expect(outcomes(editor) == [outcome])
    editor.cut(hop)
    #expect(outcomes(editor) == ["not observable"])
  }

  // MARK: the network's own sequence and timers

  @Test func aStepMayBeOptionalOrAdded() throws {
    var editor = try Trace.compliant()
    // What stands in place of the first UAR and UAA is no message of Cx.
    var count = 0
    editor.editPackets { packet in
      guard packet.isDiameter(300) else { return }
      count += 1
      // UAR and UAA, each at two points.
      if count <= 4 { packet.payload.replaceSubrange(5..<12, with: [0, 1, 24, 0, 0, 0, 0]) }
    }
    var profile = Profile("test", "")
    func missing() -> [String] {
      run(profile, editor.pcapng).flatMap(\.flow.deviations).filter { $0.kind == .missing }.map(\.step)
    }
    #expect(missing() == ["B4"])
    profile.customs.steps = [.presence("B4", .conditional)]
    #expect(missing() == [])
    let added = try #require(Step("X1", on: .c2, message: "SAR", .mandatory))
    profile.customs.steps += [.added(added, after: "B7")]
    #expect(missing() == ["X1"])
    profile.customs.steps[1] = .added(try #require(Step("X1", on: .c2, message: "SAR", .conditional)), after: "B7")
    #expect(missing() == [])
  }

  @Test func anAddedStepHasItsMessage() throws {
    let story = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> S: REGISTER sip:hims.net
      S -> HSS: MAR
      HSS -> S: MAA
      S -> HSS: SAR
      HSS -> S: SAA
      S -> I: 401 Unauthorized
      I -> P: 401 Unauthorized
      P -> UE: 401 Unauthorized
      """
    var profile = Profile("test", "")
    profile.customs.steps = [
      .added(try #require(Step("X1", on: .c2, message: "SAR", .mandatory)), after: "B7"),
      .added(try #require(Step("X2", on: .c2, message: "SAA", .mandatory)), after: "X1"),
    ]
    let flow = try #require(run(profile, try TraceText(story).bytes).first).flow
    #expect(flow.messages.compactMap(\.step).contains("X1") && flow.messages.compactMap(\.step).contains("X2"))
    #expect(!flow.deviations.contains { $0.step == "X1" || $0.step == "X2" })
  }

  /// A network whose T1 is shorter gives up earlier.
  @Test func aTimerMayBeShorter() throws {
    let story = """
      UE -> P: REGISTER sip:hims.net
        -Security-Client
      P -> UE: 401 Unauthorized
        -Security-Server
      wait 60s
      UE -> P: OPTIONS sip:hims.net
      """
    let bytes = try TraceText(story).bytes
    var profile = Profile("test", "")
    #expect(run(profile, bytes).map(\.flow.outcome) == [.partial])
    profile.customs.timers.awaitAuthentication = .seconds(30)
    #expect(run(profile, bytes).map(\.flow.outcome) == [.abandoned])
    profile.customs.timers.awaitAuthentication = .seconds(90)
    #expect(run(profile, bytes).map(\.flow.outcome) == [.partial])

    let silent = try TraceText("UE -> P: REGISTER sip:hims.net\nwait 60s\nUE -> P: OPTIONS sip:hims.net").bytes
    #expect(run(Profile("test", ""), silent).map(\.flow.outcome) == [.partial])
    var short = Profile("test", "")
    short.customs.timers.finalResponseUE = .seconds(40)
    #expect(run(short, silent).map(\.flow.outcome) == [.unanswered])
  }

  @Test func rolesOfAProfileAreTakenForGranted() throws {
    var profile = Profile("test", "")
    profile.roles = [Hosts.Line(address: "10.20.0.20", role: .icscf, name: "edge")]
    let reports = run(profile, try Files.sample("aka-registration.pcapng"))
    #expect(reports.flatMap(\.flow.parties).contains { $0.role == .icscf && $0.name == "edge" })
  }
}
