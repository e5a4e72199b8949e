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
    var apply: @Sendable (inout CaptureEditor) -> Void
    var testDescription: String { "\(rule): \(name)" }

    init(_ rule: String, _ name: String, _ apply: @escaping @Sendable (inout CaptureEditor) -> Void) {
      self.rule = rule
      self.name = name
      self.apply = apply
    }
  }

  static let alterations = [
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
    Alteration("SEQ007", "the S-CSCF never asks for an assignment") { editor in
      editor.drop { $0.transport.map { $0.isServerAssignment } ?? false }
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

  @Test func everyRuleHasItsAlteration() {
    #expect(Set(Self.alterations.map(\.rule)) == Set(Catalogue.rules.map(\.id)))
  }

  @Test(arguments: alterations) func firesOnTheAlteredTrace(_ alteration: Alteration) throws {
    var editor = try Trace.compliant()
    alteration.apply(&editor)
    let findings = Trace.reports(editor).flatMap(\.findings)
    #expect(findings.contains { $0.rule == alteration.rule && $0.severity == .error }, "\(findings.map(\.rule))")
  }

  @Test func everyRulePassesOnTheUnalteredTrace() throws {
    let report = try #require(Trace.reports(try Trace.compliant()).first)
    #expect(report.findings.map(\.rule) == [])
    #expect(report.passed == Catalogue.rules.map(\.id))
    #expect(report.verdict == .compliant)
  }

  /// As it was recorded, with the keys leaking to the UE: nothing about this registration is unobservable.
  @Test func theRecordedTraceIsJudgedByEveryRule() throws {
    let reports = Trace.reports(try Trace.sample("aka-registration.pcapng"))
    let report = try #require(reports.first)
    #expect(reports.count == 1)
    #expect(report.notObservable == [])
    #expect(report.notApplicable == [])
    #expect(report.findings.map(\.rule) == ["PRV001"])
  }

  /// A rule and the hops without which it cannot judge: each alone, or any one of several (then all are cut).
  struct Blinding: Sendable, CustomTestStringConvertible {
    var rule: String
    var hops: [Hop]
    var testDescription: String { "\(rule) without \(hops.map(\.rawValue).joined(separator: ", "))" }
  }

  static let blindings = Catalogue.rules.flatMap { rule in
    rule.needs.flatMap { need -> [Blinding] in
      switch need {
      case .start: []
      case .message(_, let hops), .transaction(let hops): [Blinding(rule: rule.id, hops: hops)]
      case .exchange(let command): [Blinding(rule: rule.id, hops: [Ledger.hop(of: command)].compactMap(\.self))]
      case .absence(let hop): [Blinding(rule: rule.id, hops: [hop])]
      case .everyHop(let hops): hops.map { Blinding(rule: rule.id, hops: [$0]) }
      case .everyPair(let pairs):
        Set(pairs.flatMap { [$0.inner, $0.outer] }).sorted().map { Blinding(rule: rule.id, hops: [$0]) }
      }
    }
  }

  @Test(arguments: blindings) func saysWhatItCouldNotSee(_ blinding: Blinding) throws {
    var editor = try Trace.compliant()
    for hop in blinding.hops { editor.cut(hop) }
    let reports = Trace.reports(editor)
    let report = try #require(reports.first)
    #expect(reports.count == 1)
    let verdict = report.notObservable.first { $0.rule == blinding.rule }
    #expect(verdict?.reason == .noHop, "\(report.passed) \(report.notApplicable) \(report.findings)")
    #expect(verdict?.hop.map { blinding.hops.contains($0) } == true)
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

extension PacketEditor {
  /// A Diameter message with command code 301.
  fileprivate var isServerAssignment: Bool {
    payload.count > 20 && payload[0] == 1 && Array(payload[5..<8]) == [0, 1, 45]
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
