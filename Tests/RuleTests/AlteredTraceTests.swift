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
    Alteration("VIA002", "the second REGISTER of the UE repeats the branch of the first") { editor in
      editor.replaceText("z9hG4bK4f9923b6b7a7", with: "z9hG4bK9eae5e9913a9", in: "CSeq: 2 REGISTER")
    },
    Alteration("VIA007", "the P-CSCF names an address that it has not") { editor in
      editor.replaceText("UDP 10.20.0.10;branch", with: "UDP 10.20.0.19;branch", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA008", "the I-CSCF believes an address that is not the source") { editor in
      editor.replaceText("UDP 10.20.0.10;branch", with: "UDP 10.20.0.19;branch", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA009", "the P-CSCF leaves rport empty") { editor in
      editor.replaceText(";rport=5060", with: ";rport", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA010", "the UE says TCP in a datagram") { editor in
      editor.replaceText("SIP/2.0/UDP 10.10.0.2", with: "SIP/2.0/TCP 10.10.0.2", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA011", "the 200 goes to a port that nobody named") { editor in
      editor.editPackets { packet in
        if packet.matches("SIP/2.0 200", from: Node.pcscf, to: UE.address) { packet.destination.port = 5999 }
      }
    },
    Alteration("RTE001", "the UE preloads the P-CSCF") { editor in
      editor.replaceText(
        "Max-Forwards: 70", with: "Route: <sip:10.20.0.10;lr>\r\nMax-Forwards: 70", in: "REGISTER sip:",
        from: UE.address)
    },
    Alteration("RTE004", "the I-CSCF rewrites the Path") { editor in
      editor.replaceText("<sip:term@", with: "<sip:some@", in: "CSeq: 1 REGISTER", from: Node.icscf, to: Node.scscf)
    },
    Alteration("RTE005", "the 200 returns no Path") { editor in
      editor.replaceText("\nPath:", with: "\nPass:", in: "SIP/2.0 200")
    },
    Alteration("RTE007", "the Service-Route is a strict route") { editor in
      editor.replaceText(":6060;lr>", with: ":6060;xx>", in: "SIP/2.0 200")
    },
    Alteration("RTE008", "the P-CSCF takes the Service-Route off") { editor in
      editor.replaceText("Service-Route:", with: "Serfice-Route:", in: "SIP/2.0 200", from: Node.pcscf)
    },
    Alteration("RTE009", "the I-CSCF names another S-CSCF than the HSS") { editor in
      editor.replaceText("REGISTER sip:scscf.", with: "REGISTER sip:other.", in: "CSeq: 2 REGISTER", from: Node.icscf)
    },
    Alteration("RTE010", "the P-CSCF leaves its own entry in the Route") { editor in
      for (node, left) in [(UE.address, 70), (Node.pcscf, 69)] {
        editor.replaceText(
          "Max-Forwards: \(left)", with: "Route: <sip:10.20.0.10;lr>\r\nMax-Forwards: \(left)", in: "CSeq: 1 REGISTER",
          from: node)
      }
    },
    Alteration("RTE011", "the Path is a strict route") { editor in
      editor.replaceText("3gppnetwork.org;lr>", with: "3gppnetwork.org;xx>", in: "CSeq: 1 REGISTER")
    },
    Alteration("RTE012", "the P-CSCF does not say where it stands") { editor in
      editor.replaceText("P-Visited-Network-ID:", with: "P-Fisited-Network-ID:", in: "REGISTER sip:")
    },
    Alteration("RTE013", "the charging vector has no identifier") { editor in
      editor.replaceText("icid-value", with: "icid-other", in: "REGISTER sip:")
    },
    Alteration("RTE014", "the Request-URI is an address, and the REGISTER goes to another") { editor in
      editor.replaceText(
        "REGISTER sip:scscf.ims.mnc001.mcc001.3gppnetwork.org", with: "REGISTER sip:10.20.0.31", in: "CSeq: 2 REGISTER",
        from: Node.icscf)
    },
    Alteration("RTE002", "the P-CSCF names no Path") { editor in
      editor.replaceText("\nPath:", with: "\nPass:", in: "REGISTER sip:")
    },
    Alteration("RTE003", "the P-CSCF demands no support of its Path") { editor in
      for header in ["Require", "Supported"] {
        editor.replaceText("\n\(header): path", with: "\nX-\(header): path", in: "REGISTER sip:")
      }
    },
    Alteration("HDR001", "the UE sends no Max-Forwards") { editor in
      editor.replaceText("Max-Forwards:", with: "Max-Backwards:", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR002", "the UE asks for two expiries") { editor in
      editor.replaceText(
        "Expires: 600000", with: "Expires: 600000\r\nExpires: 60", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR003", "the P-CSCF does not count Max-Forwards down") { editor in
      editor.replaceText("Max-Forwards: 69", with: "Max-Forwards: 70", in: "CSeq: 1 REGISTER", from: Node.pcscf)
    },
    Alteration("HDR004", "the UE writes the CSeq of another method") { editor in
      editor.replaceText("CSeq: 1 REGISTER", with: "CSeq: 1 PUBLISH", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR005", "the REGISTER of the UE is shorter than it says") { editor in
      editor.replaceText("Content-Length: 0", with: "Content-Length: 9", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR006", "the 401 has no To tag") { editor in
      editor.replaceText(">;tag=e00210", with: ">;hat=e00210", in: "SIP/2.0 401")
    },
    Alteration("HDR007", "the S-CSCF answers with another From tag") { editor in
      editor.replaceText("tag=5c9f96f7", with: "tag=00000000", in: "SIP/2.0 401", from: Node.scscf)
    },
    Alteration("HDR008", "the I-CSCF writes another From tag") { editor in
      editor.replaceText("tag=5c9f96f7", with: "tag=00000000", in: "CSeq: 1 REGISTER", from: Node.icscf, to: Node.scscf)
    },
    Alteration("HDR009", "the UE quotes nc") { editor in
      editor.replaceText("nc=00000001", with: "nc=\"0000001\"", in: "CSeq: 2 REGISTER")
    },
    Alteration("HDR010", "the UE opens a quote and does not close it") { editor in
      editor.replaceText("From: <", with: "From: \"<", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR011", "the UE writes a blank into a header name") { editor in
      editor.replaceText("User-Agent:", with: "User Agent:", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("REG001", "the 200 lists another contact") { editor in
      editor.replaceText("@10.10.0.2:5060;alias", with: "@10.10.0.9:5060;alias", in: "SIP/2.0 200")
      editor.replaceText("35000001", with: "35000009", in: "SIP/2.0 200")
    },
    Alteration("REG002", "the UE asks for an hour") { editor in
      for old in ["expires=600000", "Expires: 600000"] {
        editor.replaceText(old, with: old.replacing("600000", with: "003600"), in: "REGISTER sip:")
      }
    },
    Alteration("REG004", "the 200 does not say for how long") { editor in
      editor.replaceText(";expires=3240", with: ";expired=3240", in: "SIP/2.0 200")
    },
    Alteration("REG006", "the answer to the challenge repeats the CSeq") { editor in
      editor.replaceText("CSeq: 2 REGISTER", with: "CSeq: 1 REGISTER", in: "CSeq: 2 REGISTER")
    },
    Alteration("REG008", "all contacts, for an hour") { editor in
      editor.editPackets { packet in
        if packet.matches("CSeq: 1 REGISTER", from: UE.address) { packet.payload = packet.payload.withWildcardContact }
      }
    },
    Alteration("REG012", "the P-CSCF writes another contact") { editor in
      editor.replaceText(
        "@10.10.0.2:5060;alias", with: "@10.10.0.9:5060;alias", in: "CSeq: 1 REGISTER", from: Node.pcscf, to: Node.icscf
      )
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
        record.transport.map { $0.isDiameter(301) && $0.source.host == Node.hss } ?? false
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
    Alteration("PRV002", "the UE's credentials name a key") { editor in
      editor.replaceText(",algorithm=AKAv1-MD5", with: ",ik=\"00112233\"", in: "CSeq: 2 REGISTER")
    },
    Alteration("PRV003", "the UE says that it is protected, and the P-CSCF believes it") { editor in
      editor.replaceText(
        ",response=", with: ",integrity-protected=\"yes\",response=", in: "REGISTER sip:", from: UE.address)
      editor.replaceText(
        "integrity-protected=\"no\"", with: "integrity-protected=\"yes\"", in: "REGISTER sip:", from: Node.pcscf)
    },
    Alteration("PRV004", "the charging vector reaches the UE") { editor in
      editor.replaceText(
        "Server:", with: "P-Charging-Vector: icid-value=1\r\nServer:", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("PRV005", "a warning for the staff reaches the UE") { editor in
      editor.replaceText(
        "Server:", with: "Warning: 392 10.20.0.30:6060 \"pid=17\"\r\nServer:", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("PRV007", "the P-CSCF passes on an identity that the UE asserts") { editor in
      for (node, left) in [(UE.address, 70), (Node.pcscf, 69)] {
        editor.replaceText(
          "Max-Forwards: \(left)", with: "P-Asserted-Identity: <sip:boss@home>\r\nMax-Forwards: \(left)",
          in: "CSeq: 1 REGISTER", from: node)
      }
    },
    Alteration("PRV001", "the P-CSCF leaves ck in the 401") { editor in
      editor.replaceText(
        "algorithm=AKAv1-MD5", with: "algorithm=AKAv1-MD5, CK = 00112233445566778899aabbccddeeff", in: "SIP/2.0 401",
        from: Node.pcscf)
    },
  ]

  /// Rules of the security agreement stand on another recording (`ProtectedTraceTests`), some on a told registration
  /// (`ToldTraceTests`).
  private static let elsewhere = Set(ProtectedTraceTests.rules + ToldTraceTests.proofs.map(\.rule))
  static let rules = Catalogue.rules.filter { !elsewhere.contains($0.id) }
  static let others = Catalogue.rules.map(\.id).filter { elsewhere.contains($0) }

  @Test func everyRuleHasItsAlteration() {
    #expect(Set(Self.alterations.map(\.rule)) == Set(Self.rules.map(\.id)))
  }

  @Test(arguments: alterations) func firesOnTheAlteredTrace(_ alteration: Alteration) throws {
    var editor = try Trace.compliant()
    alteration.apply(&editor)
    let findings = Trace.reports(editor).flatMap(\.findings)
    let severity = try #require(Catalogue.rule(alteration.rule)).severity
    #expect(findings.contains { $0.rule == alteration.rule && $0.severity == severity }, "\(findings.map(\.rule))")
  }

  @Test func everyRulePassesOnTheUnalteredTrace() throws {
    let report = try #require(Trace.reports(try Trace.compliant()).first)
    #expect(report.findings.map(\.rule) == [])
    #expect(report.passed == Self.rules.map(\.id))
    #expect(report.notApplicable == Self.others)
    #expect(report.verdict == .compliant)
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
  /// A Diameter message of this command.
  fileprivate func isDiameter(_ command: UInt16) -> Bool {
    payload.count > 20 && payload[0] == 1 && Array(payload[5..<8]) == [0, UInt8(command >> 8), UInt8(command & 0xff)]
  }
}

extension [UInt8] {
  /// Contact: * in place of the contact that stands there.
  fileprivate var withWildcardContact: [UInt8] {
    guard let start = firstRange(of: Array("Contact:".utf8))?.lowerBound,
      let end = self[start...].firstIndex(of: 0x0d)
    else { return self }
    return Array(self[..<start] + Array("Contact: *".utf8) + self[end...])
  }

  fileprivate var withoutFirstVia: [UInt8] {
    guard let start = firstRange(of: Array("Via:".utf8))?.lowerBound,
      let end = self[start...].firstIndex(of: 0x0a)
    else { return self }
    return Array(self[..<start] + self[(end + 1)...])
  }
}
