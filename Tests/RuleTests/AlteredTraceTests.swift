import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import Testing

/// Each rule on one recorded registration: silent as it is, firing when the trace is altered to break it, and saying
/// what it could not see when a hop is cut out.
@Suite struct AlteredTraceTests {
  /// How a trace is broken so that the rule must fire.
  struct Alteration: Sendable, CustomTestStringConvertible {
    var rule: String
    var name: String
    /// A text ladder for a rule that the recorded registration is no case of.
    var story: String?
    var apply: @Sendable (inout CaptureEditor) -> Void
    var testDescription: String { "\(rule): \(name)" }

    init(
      _ rule: String, _ name: String, of story: String? = nil,
      _ apply: @escaping @Sendable (inout CaptureEditor) -> Void
    ) {
      self.rule = rule
      self.name = name
      self.story = story
      self.apply = apply
    }

    /// What is altered: on this the rule passes.
    func compliant() throws -> CaptureEditor {
      guard let story else { return try Trace.compliant() }
      return try CaptureEditor(TraceText(story).bytes)
    }
  }

  static let alterations: [Alteration] =
    recorded + ofHeaders + ofSequence + ofAuthentication + ofSecurity + ofIdentities + ofCx + ofDiameter + ofTiming
    + ofNetwork

  static let recorded = [
    Alteration("SEQ001", "the challenge never was, and the second REGISTER answers none") { editor in
      editor.dropPackets(containing: "SIP/2.0 401")
      editor.dropPackets(containing: "CSeq: 1 REGISTER")
      editor.replaceText(",response=", with: ",resqonse=", in: "CSeq: 2 REGISTER")
      editor.replaceText(",nonce=", with: ",nonke=", in: "CSeq: 2 REGISTER")
    },
    Alteration("SEQ003", "no answer comes back from the S-CSCF") { editor in
      for node in [Node.scscf, Node.icscf, Node.pcscf] { editor.dropPackets(containing: "SIP/2.0 200", from: node) }
      editor.runOn(seconds: 200)
    },
    Alteration("SEQ004", "the I-CSCF keeps the second REGISTER") { editor in
      editor.dropPackets(containing: "CSeq: 2 REGISTER", from: Node.icscf, to: Node.scscf)
      editor.dropPackets(containing: "SIP/2.0 200")
      editor.runOn(seconds: 200)
    },
    Alteration("SEQ005", "the I-CSCF asks only once") { editor in
      let second = editor.records.firstIndex { $0.transport?.matches("CSeq: 2 REGISTER") ?? false } ?? 0
      let late = editor.records[second].time
      editor.drop { record in record.time > late && record.transport.map { $0.isDiameter(300) } ?? false }
    },
    Alteration("SEQ011", "the right answer is challenged again") { editor in
      let challenge = "SIP/2.0 401 Again\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"AAAA\", algorithm=AKAv1-MD5"
      editor.replaceText("SIP/2.0 200 OK", with: challenge, in: "CSeq: 2 REGISTER")
    },
    Alteration("SEQ012", "the second REGISTER goes to another S-CSCF") { editor in
      let other = HostAddress("10.20.0.31")
      editor.replaceText("REGISTER sip:scscf.", with: "REGISTER sip:other.", in: "CSeq: 2 REGISTER", from: Node.icscf)
      editor.editPackets { packet in
        guard packet.matches("CSeq: 2 REGISTER") else { return }
        if packet.source.host == Node.scscf { packet.source.host = other }
        if packet.destination.host == Node.scscf { packet.destination.host = other }
      }
    },
    Alteration("SEQ007", "the S-CSCF never asks for an assignment") { editor in
      editor.drop { $0.transport.map { $0.isDiameter(301) } ?? false }
    },
    Alteration("VIA001", "the UE's branch is a plain word") { editor in
      editor.replaceText("z9hG4bK9eae5e9913a9", with: "aaaaaaa9eae5e9913a9", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA003", "the P-CSCF pushes no Via") { editor in
      editor.editPackets { packet in
        guard packet.matches("CSeq: 1 REGISTER", from: Node.pcscf, to: Node.icscf) else { return }
        packet.payload = packet.payload.withoutFirstVia
      }
    },
    Alteration("VIA004", "the I-CSCF rewrites the UE's branch") { editor in
      editor.replaceText(
        "z9hG4bK9eae5e9913a9", with: "z9hG4bKaltered", in: "CSeq: 1 REGISTER", from: Node.icscf, to: Node.scscf)
    },
    Alteration("VIA006", "the I-CSCF sends its own Via on") { editor in
      let own = "Via: SIP/2.0/UDP 10.20.0.20:4060;branch=z9hG4bKown\r\n"
      editor.replaceText(
        "Via: SIP/2.0/UDP 10.20.0.10;", with: own + "Via: SIP/2.0/UDP 10.20.0.10;", in: "SIP/2.0 401", from: Node.icscf,
        to: Node.pcscf)
    },
    Alteration("RTE002", "the P-CSCF names no Path") { editor in
      editor.replaceText("\nPath:", with: "\nPass:", in: "REGISTER sip:")
    },
    Alteration("RTE003", "the P-CSCF demands no support of its Path") { editor in
      for header in ["Require", "Supported"] {
        editor.replaceText("\n\(header): path", with: "\nX-\(header): path", in: "REGISTER sip:")
      }
    },
    Alteration("AUT005", "the challenge is another vector's") { editor in
      editor.replaceText("nonce=\"kT8t", with: "nonce=\"AAAA", in: "SIP/2.0 401")
    },
    Alteration("AUT009", "one digit of the response is another, and the 200 stays") { editor in
      editor.replaceText("response=\"650b", with: "response=\"750b", in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT010", "the right response is refused") { editor in
      editor.replaceText("SIP/2.0 200 OK", with: "SIP/2.0 403 No", in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT011", "the wrong response is refused") { editor in
      editor.replaceText("response=\"650b", with: "response=\"750b", in: "CSeq: 2 REGISTER")
      editor.replaceText("SIP/2.0 200 OK", with: "SIP/2.0 403 No", in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT015", "nothing is said of protection") { editor in
      editor.replaceText("integrity-protected", with: "integrity-forgotten", in: "REGISTER")
    },
    Alteration("IDN003", "the UAR asks for another private identity") { editor in
      let header: [UInt8] = [0, 0, 0, 1, 0x40, 0, 0]
      editor.editPackets { packet in
        guard packet.isDiameter(300), packet.source.host == Node.icscf,
          let start = packet.payload.firstRange(of: header)?.lowerBound
        else { return }
        packet.payload[start + 8] = UInt8(ascii: "9")
      }
    },
    Alteration("REG003", "more time than was asked for") { editor in
      editor.replaceText("expires=3240", with: "expires=999999", in: "SIP/2.0 200")
    },
    Alteration("CX013", "the HSS could not comply") { editor in
      let result: [UInt8] = [0, 0, 1, 12, 0x40, 0, 0, 12, 0, 0]
      editor.editPackets { packet in
        guard packet.isDiameter(301), packet.source.host == Node.hss else { return }
        packet.payload = packet.payload.replacing(result + [0x07, 0xd1], with: result + [0x13, 0x94])
      }
    },
    Alteration("DIA003", "the SAR is not answered") { editor in
      editor.drop { record in
        record.transport.map {
          $0.isDiameter(301) && $0.source.host == Node.hss || $0.matches("SIP/2.0 200")
        } ?? false
      }
      editor.runOn(seconds: 60)
    },
    Alteration("VIA005", "the I-CSCF changes a branch in the 401") { editor in
      editor.replaceText("z9hG4bK9eae5e9913a9", with: "z9hG4bKchanged", in: "SIP/2.0 401", from: Node.icscf)
    },
    Alteration("RTE006", "the 200 names no Service-Route") { editor in
      editor.replaceText("Service-Route:", with: "Serfice-Route:", in: "SIP/2.0 200")
    },
    Alteration("CX002", "the second UAA is a FIRST_REGISTRATION with a name") { editor in
      editor.editPackets { packet in
        // Experimental-Result-Code, AVP 298, 12 octets, 2002.
        let code: [UInt8] = [0, 0, 1, 42, 0x40, 0, 0, 12, 0, 0, 0x07]
        packet.payload = packet.payload.replacing(code + [0xd2], with: code + [0xd1])
      }
    },
    Alteration("PRV001", "the P-CSCF leaves ck in the 401") { editor in
      editor.replaceText(
        "algorithm=AKAv1-MD5", with: "algorithm=AKAv1-MD5, CK = 00112233445566778899aabbccddeeff", in: "SIP/2.0 401",
        from: Node.pcscf)
    },
  ]

  /// Some rules stand on other recordings (`ProtectedTraceTests`), some on a told registration (`ToldTraceTests`), those of
  /// the capture as a whole on one with other clocks (`CaptureRuleTests`).
  private static let elsewhere = Set(ProtectedTraceTests.rules + ToldTraceTests.proofs.map(\.rule))
  static let rules = Catalogue.rules.filter { !elsewhere.contains($0.id) && !$0.isOfCapture }
  /// Those that the recorded registration is no case of.
  static let others = Catalogue.rules.map(\.id).filter { elsewhere.contains($0) || ofStories.contains($0) }
  static let recordedRules = rules.map(\.id).filter { !others.contains($0) }
  private static let ofStories = Set(alterations.filter { $0.story != nil }.map(\.rule))

  @Test func everyRuleHasItsAlteration() {
    #expect(Set(Self.alterations.map(\.rule)) == Set(Self.rules.map(\.id)))
  }

  @Test(arguments: alterations) func firesOnTheAlteredTrace(_ alteration: Alteration) throws {
    var editor = try alteration.compliant()
    alteration.apply(&editor)
    let findings = Trace.reports(editor).flatMap(\.findings)
    let severity = try #require(Catalogue.rule(alteration.rule)).severity
    #expect(findings.contains { $0.rule == alteration.rule && $0.severity == severity }, "\(findings.map(\.rule))")
  }

  @Test func everyRulePassesOnTheUnalteredTrace() throws {
    let report = try #require(Trace.reports(try Trace.compliant()).first)
    #expect(report.findings.map(\.rule) == [])
    #expect(report.passed == Self.recordedRules)
    #expect(report.notApplicable == Self.others)
    #expect(report.verdict == .compliant)
  }

  @Test(arguments: alterations.filter { $0.story != nil }) func passesOnItsStory(_ alteration: Alteration) throws {
    let reports = Trace.reports(try alteration.compliant())
    #expect(reports.contains { $0.passed.contains(alteration.rule) })
    #expect(reports.flatMap(\.findings).filter { $0.rule == alteration.rule }.isEmpty)
  }

  /// As it was recorded, with the keys leaking to the UE: nothing about this registration is unobservable.
  @Test func theRecordedTraceIsJudgedByEveryRule() throws {
    let reports = Trace.reports(try Trace.sample("aka-registration.pcapng"))
    let report = try #require(reports.first)
    #expect(reports.count == 1)
    #expect(report.notObservable == [])
    #expect(report.notApplicable == Self.others)
    #expect(report.findings.map(\.rule) == ["RTE013", "AUT015", "AUT015", "HDR008", "PRV001"])
  }

  /// A rule and the hops without which it cannot judge: each alone, or any one of several (then all are cut).
  struct Blinding: Sendable, CustomTestStringConvertible {
    var rule: String
    var hops: [Hop]
    var testDescription: String { "\(rule) without \(hops.map(\.rawValue).joined(separator: ", "))" }
  }

  static let blindings = rules.flatMap { rule in
    rule.needs.flatMap { need -> [Blinding] in
      switch need {
      case .start, .sharedPackets: []
      case .message(_, let hops), .transaction(let hops): [Blinding(rule: rule.id, hops: hops)]
      case .exchange(let command): [Blinding(rule: rule.id, hops: [Ledger.hop(of: command)].compactMap(\.self))]
      case .vector: [Blinding(rule: rule.id, hops: [.c2])]
      case .absence(let hop): [Blinding(rule: rule.id, hops: [hop])]
      case .everyHop(let hops): hops.map { Blinding(rule: rule.id, hops: [$0]) }
      case .everyPair(let pairs):
        Set(pairs.flatMap { [$0.inner, $0.outer] }).sorted().map { Blinding(rule: rule.id, hops: [$0]) }
      }
    }
  }

  @Test(arguments: blindings) func saysWhatItCouldNotSee(_ blinding: Blinding) throws {
    let alteration = try #require(Self.alterations.first { $0.rule == blinding.rule })
    var editor = try alteration.compliant()
    for hop in blinding.hops { editor.cut(hop) }
    let reports = Trace.reports(editor)
    // A story may lose the registration that the rule is about with its hop.
    if alteration.story != nil, !reports.contains(where: { Self.isSubject($0, of: blinding.rule) }) { return }
    let report = try #require(
      alteration.story == nil ? reports.first : reports.first { Self.isSubject($0, of: blinding.rule) })
    #expect(alteration.story != nil || reports.count == 1)
    let verdict = report.notObservable.first { $0.rule == blinding.rule }
    #expect(verdict?.reason == .noHop, "\(report.passed) \(report.notApplicable) \(report.findings)")
    #expect(verdict?.hop.map { blinding.hops.contains($0) } == true)
  }

  private static func isSubject(_ report: FlowReport, of rule: String) -> Bool {
    !report.notApplicable.contains(rule)
  }

  @Test func aRegistrationWhoseBeginningIsMissingIsNotCalledUnchallenged() throws {
    var editor = try Trace.compliant()
    editor.dropPackets(containing: "CSeq: 1 REGISTER")
    editor.dropPackets(containing: "SIP/2.0 401")
    let report = try #require(Trace.reports(editor).first)
    #expect(report.notObservable.contains { $0.rule == "SEQ001" && $0.reason == .noStart })
    #expect(report.findings.map(\.rule) == [])
  }

  @Test func anAnswerThatWasStillDueAtTheEndIsNotMissing() throws {
    var editor = try Trace.compliant()
    for node in [Node.scscf, Node.icscf, Node.pcscf] { editor.dropPackets(containing: "SIP/2.0 200", from: node) }
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.outcome == .partial)
    #expect(report.notObservable.contains { $0.rule == "SEQ003" && $0.reason == .noEnd })
    #expect(report.findings.map(\.rule) == [])
  }

  @Test func theSeedReportsTheCookieAloneAsAnError() throws {
    let reports = Trace.reports(try Trace.sample("seed-registration.pcap"), profile: .seed)
    #expect(reports.count == 1)
    #expect(Set(reports.flatMap(\.findings).filter { $0.severity == .error }.map(\.rule)) == ["VIA001"])
    #expect(reports.first?.flow.outcome == .registered)
  }
}

extension [UInt8] {
  fileprivate var withoutFirstVia: [UInt8] {
    guard let start = firstRange(of: Array("Via:".utf8))?.lowerBound,
      let end = self[start...].firstIndex(of: 0x0a)
    else { return self }
    return Array(self[..<start] + self[(end + 1)...])
  }
}
