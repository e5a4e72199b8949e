import IMSFlows
import IMSForge
import IMSRules
import Testing

/// Registrations that fail at the security associations between UE and P-CSCF (TS 33.203 §7, RFC 3329).
@Suite struct AgreementTests {
  /// The first REGISTER and its challenge with Security-Server.
  private static let offered = Told.challenged.replacing("\n  -Security-Server", with: "")
  private static let goesOn = "\nwait 400s\nuser bob\nUE -> P: OPTIONS sip:hims.net\n"

  /// Of no key that anybody has.
  private static let check: Wires.IntegrityCheck = { _, _ in [UInt8](repeating: 1, count: 12) }

  private static func report(_ trace: String, check: Wires.IntegrityCheck? = nil) throws -> FlowReport {
    try #require(Trace.reports(try TraceText(trace, check: check).bytes, profile: .strict).first)
  }

  private static let protected = offered + "\nUE -> P: REGISTER sip:hims.net"

  /// RFC 4303 §3.4: what does not fit the association is discarded.
  @Test(arguments: [false, true])
  func aProtectedREGISTERThatVanishesIsOfTheAssociation(isInESP: Bool) throws {
    let report = try Self.report(Self.protected + Self.goesOn, check: isInESP ? Self.check : nil)
    #expect(report.flow.outcome == .unanswered)
    #expect(!report.findings.contains { $0.rule == "SEQ004" })
    #expect(report.causes.first?.id == .ipsec && report.causes.first?.evidence == .indicated, "\(report.causes)")
  }

  @Test func anSPIThatNobodyNamedIsSaid() throws {
    var editor = try CaptureEditor(try TraceText(Self.protected + Self.goesOn, check: Self.check).bytes)
    var count = 0
    editor.mapBytes { bytes in
      // Ethernet, IPv4 without options, ESP.
      guard bytes.count > 42, bytes[23] == 50 else { return nil }
      count += 1
      var bytes = bytes
      bytes[34...37] = [0, 0, 0x77, 0x77]
      return bytes
    }
    #expect(count > 0)
    let report = try #require(Trace.reports(editor).first)
    let cause = try #require(report.causes.first)
    #expect(cause.id == .ipsec && cause.evidence == .shown, "\(report.causes)")
    #expect(cause.sentence.contains("security association 30583, which the P-CSCF had not named"))
  }

  private static let broken = offered.replacing(
    "P -> UE: 401 Unauthorized",
    with: """
      P -> UE: 401 Unauthorized
        Security-Server: ipsec-3gpp; q=0.5; alg=aes-gmac; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
      """)

  /// Nothing shows whether the recorder would have seen ESP.
  @Test func whatMayBeHiddenInESPIsNotSaidToBeThere() throws {
    let report = try Self.report(Self.broken + Self.goesOn)
    #expect(report.flow.outcome == .partial)
    #expect(report.flow.cause == "what follows the challenge (frame 10) travels in ESP, of which none was captured")
    #expect(report.causes.map(\.id) == [.ipsec] && report.causes.map(\.evidence) == [.possible], "\(report.causes)")
    let fitting = try Self.report(Self.offered + Self.goesOn)
    #expect(fitting.flow.outcome == .partial && fitting.causes.isEmpty)
  }

  /// The recorder shows the ESP of another UE with this P-CSCF.
  @Test func aUEThatStopsWhereESPIsShownIsSilent() throws {
    let other = Self.offered + Told.granted + "\nuser bob\n"
    let later = "\nuser bob\n" + Self.offered + Told.granted
    for trace in [other + Self.broken + Self.goesOn, Self.broken + later + Self.goesOn] {
      let reports = Trace.reports(try TraceText(trace, check: Self.check).bytes, profile: .strict)
      let report = try #require(reports.first { $0.flow.outcome != .registered })
      #expect(report.flow.outcome == .abandoned)
      #expect(report.flow.cause.hasSuffix("but the UE never answered"))
      #expect(report.causes.contains { $0.id == .ipsec && $0.evidence == .indicated }, "\(report.causes)")
    }
  }

  /// H1 is captured, and the challenge passed it.
  @Test func anOfferWithoutAnAnswerIsTheCause() throws {
    let report = try Self.report(Told.challenged + Self.goesOn)
    #expect(report.flow.outcome == .abandoned)
    #expect(report.causes.contains { $0.id == .ipsec && $0.evidence == .indicated }, "\(report.causes)")
  }

  @Test func anAnswerInClearThatIsRefusedIsOfTheAssociation() throws {
    let clear = "\nUE -> P: REGISTER sip:hims.net\n  -Security-Verify\nP -> UE: 494 Security Agreement Required\n"
    let report = try Self.report(Self.offered + clear)
    #expect(report.causes.first?.id == .ipsec && report.causes.first?.evidence == .shown, "\(report.causes)")
  }

  @Test(arguments: ["421 Extension Required", "494 Security Agreement Required"])
  func aREGISTERWithoutAnOfferThatIsRefusedLacksOne(status: String) throws {
    let register = "UE -> P: REGISTER sip:hims.net\n  -Security-Client\n  -Authorization\n"
    let report = try Self.report(register + "P -> UE: \(status)\n  Require: sec-agree\n")
    #expect(report.findings.contains { $0.rule == "SEC001" }, "\(report.findings.map(\.rule))")
    #expect(report.causes.contains { $0.id == .ipsec })
    // RFC 3261 §21.4.16: Require says what is wanted; and what the registrar wants is nothing of Gm.
    let other = try Self.report(register + "P -> UE: 421 Extension Required\n  Require: outbound\n")
    let far = try Self.report(
      register + "P -> I: REGISTER sip:hims.net\nI -> S: REGISTER\n" + Told.refused(status))
    for report in [other, far] { #expect(!report.findings.contains { $0.rule == "SEC001" }) }
  }
}
