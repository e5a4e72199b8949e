import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// Findings are recognised again in another capture of the same network.
@Suite struct BaselineTests {
  /// The places of everything that is found, accepted or not.
  private func run(
    _ bytes: [UInt8], _ suppressions: Suppressions = Suppressions()
  ) -> (found: Set<FindingPlace>, accepted: Set<FindingPlace>, reports: [FlowReport]) {
    var options = Options()
    options.profile = .strict
    options.suppressions = suppressions
    var reports: [FlowReport] = []
    _ = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    let found = reports.flatMap { report in report.findings.map { FindingPlace(of: $0, in: report.flow) } }
    let accepted = reports.flatMap { report in report.suppressed.map { FindingPlace(of: $0.finding, in: report.flow) } }
    return (Set(found), Set(accepted), reports)
  }

  private func baseline(of places: Set<FindingPlace>) -> Suppressions {
    var suppressions = Suppressions()
    for place in places { suppressions.baseline.add(place) }
    return suppressions
  }

  /// The same network, an hour and a day later, with other subscribers: other Call-IDs, tags, branches, times and frames.
  @Test func aCaptureRecordedAgainMatches() throws {
    var first = RegistrationRecipe(subscriber: 1).capture()
    var again = RegistrationRecipe.capture(
      [4, 7].map { RegistrationRecipe(subscriber: $0, start: TraceText.start + 90_000_000_000_000 + Int64($0)) })
    #expect(run(first.pcapng).found == [])
    for (old, new, mark) in [
      ("\nPath:", "\nPass:", "REGISTER sip:"), ("\nService-Route:", "\nSerfice-Route:", "SIP/2.0 200"),
      ("\nMax-Forwards: 6", "\nMax-Forwards: 7", "REGISTER sip:"),
    ] {
      first.replaceText(old, with: new, in: mark)
      again.replaceText(old, with: new, in: mark)
    }
    let known = run(first.pcapng)
    #expect(known.found.count > 4 && Set(known.found.map(\.rule)).isSuperset(of: ["RTE002", "RTE006"]))
    let later = run(again.pcapng, baseline(of: known.found))
    #expect(Set(later.reports.flatMap(\.flow.callIDs)).isDisjoint(with: known.reports.flatMap(\.flow.callIDs)))
    // The digests of further subscribers are not computed.
    #expect(later.found.filter { !["AUT009", "AUT010"].contains($0.rule) } == [])
    #expect(later.accepted == known.found)
  }

  @Test func whatIsNewStands() throws {
    let known = run(try Trace.compliant().pcapng)
    #expect(known.found == [])
    var editor = try Trace.sample("aka-registration.pcapng")
    let before = run(editor.pcapng)
    editor.replaceText("\nPath:", with: "\nPass:", in: "REGISTER sip:")
    let after = run(editor.pcapng, baseline(of: before.found))
    #expect(after.accepted == before.found)
    #expect(after.found.map(\.rule).contains("RTE002"))
    // A verdict is about the network: what is accepted is no less a deviation.
    #expect(after.reports.allSatisfy { $0.verdict == .nonCompliant })
  }

  @Test func aBaselineReadsWhatItWrites() throws {
    var baseline = Baseline()
    baseline.add(FindingPlace(rule: "PRV001", from: .pcscf, to: .ue, step: "C3"), reason: "stock configuration")
    baseline.add(FindingPlace(rule: "TIM008"))
    baseline.add(FindingPlace(rule: "NET001", from: .sgsn, to: .pgw, step: "A1"))
    #expect(try Baseline(baseline.text) == baseline)
    #expect(
      baseline.text.hasSuffix(
        """
        NET001 SGSN/MME GGSN/P-GW A1 \(Baseline.noReason)
        PRV001 P-CSCF UE C3 stock configuration
        TIM008 - - - \(Baseline.noReason)

        """))
  }

  @Test(arguments: [
    ("PRV001 P-CSCF UE", "line 1: expected: rule from to step reason"),
    ("#\n\nABC1 - - - x", "line 3: there is no rule 'ABC1'"),
    ("PRV001 P-CSCF PBX C3 x", "line 1: unknown role 'PBX'"), ("VIA999 - - - x", "line 1: there is no rule 'VIA999'"),
  ]) func aLineThatCannotBeReadIsNamed(_ text: String, _ words: String) {
    #expect(throws: BaselineError.self) { try Baseline(text) }
    do { _ = try Baseline(text) } catch { #expect("\(error)" == words) }
  }

  @Test func aRuleOrAFamilyIsAcceptedForAReason() throws {
    let sample = try Files.sample("aka-registration.pcapng")
    var suppressions = Suppressions()
    suppressions.options = [Suppressions.Entry(rule: "AUT", reason: "our P-CSCF")]
    let (found, accepted, reports) = run(sample, suppressions)
    #expect(!found.contains { $0.rule == "AUT015" })
    #expect(accepted.map(\.rule).allSatisfy { $0 == "AUT015" } && accepted.count == 2)
    #expect(reports.flatMap(\.suppressed).allSatisfy { $0.by == .option && $0.reason == "our P-CSCF" })
  }

  @Test func anEntryMayNameAStepAndANode() throws {
    let sample = try Files.sample("aka-registration.pcapng")
    let cases: [(Peer?, String?, Int)] = [
      (nil, "B3", 1), (.role(.icscf), nil, 2), (.role(.hss), nil, 0), (Peer("10.20.0.10"), nil, 2),
      (Peer("10.20.0.10:5060"), "B3", 1), (Peer("10.20.0.11"), nil, 0),
    ]
    for (peer, step, count) in cases {
      var suppressions = Suppressions()
      suppressions.options = [Suppressions.Entry(rule: "AUT015", peer: peer, step: step, reason: "x")]
      #expect(
        run(sample, suppressions).reports.flatMap(\.suppressed).count == count,
        "\(peer?.description ?? "-") \(step ?? "-")")
    }
  }
}

/// Which rules are run.
@Suite struct RuleSelectionTests {
  private func run(_ selection: RuleSelection, _ profile: Profile = .field) -> [String] {
    profile.rules(selection).run.map(\.id)
  }

  @Test func allAreRunUnlessSomeAreChosen() {
    #expect(run(RuleSelection()) == Catalogue.rules.map(\.id))
    let some = run(RuleSelection(select: ["VIA", "AUT015"]))
    #expect(some == Catalogue.rules.map(\.id).filter { $0.hasPrefix("VIA") || $0 == "AUT015" })
    #expect(run(RuleSelection(select: ["VIA"], extendSelect: ["SEC013"])).last == "SEC013")
  }

  @Test func theLongerNameDecides() {
    #expect(!run(RuleSelection(ignore: ["SEC013"])).contains("SEC013"))
    #expect(run(RuleSelection(select: ["VIA"], ignore: ["VIA00"])) == ["VIA010", "VIA011"])
    #expect(run(RuleSelection(select: ["VIA", "VIA001"], ignore: ["VIA"])) == ["VIA001"])
    #expect(run(RuleSelection(extendSelect: ["SEC013"], ignore: ["SEC"])).filter { $0.hasPrefix("SEC") } == ["SEC013"])
    #expect(run(RuleSelection(select: ["VIA"], ignore: ["VIA"])) == [])
  }

  @Test func whatIsNotRunIsTold() {
    let (run, idle) = Profile.field.rules(RuleSelection(select: ["VIA"]))
    #expect(run.count + idle.count == Catalogue.rules.count)
    #expect(idle.allSatisfy { $0.reason == "not selected" })
    #expect(RuleSelection(select: ["VIA", "VIB"], ignore: ["X"]).unknown(among: Catalogue.rules) == ["VIB", "X"])
  }

  /// Without the guards of the sequence nothing is proved of the whole.
  @Test func aSelectionWithoutTheGuardsCallsNothingCompliant() throws {
    let bytes = try Trace.compliant().pcapng
    for (selection, verdict) in [
      (RuleSelection(), FlowReport.Verdict.compliant), (RuleSelection(select: ["SEQ"]), .compliant),
      (RuleSelection(select: ["VIA"]), .inconclusive), (RuleSelection(ignore: ["SEQ007"]), .inconclusive),
    ] {
      var options = Options()
      options.rules = run(selection, .strict).compactMap { Catalogue.rule($0) }
      var verdicts: [FlowReport.Verdict] = []
      _ = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { verdicts.append($0.verdict) }
      #expect(verdicts == [verdict], "\(selection)")
    }
  }
}
