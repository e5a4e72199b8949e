import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSSecrets
import IMSWire
import TestSupport
import Testing

/// The rules of the security agreement on recordings with Gm in ESP: silent as they are, firing when the trace is altered.
@Suite struct ProtectedTraceTests {
  enum Recording: CaseIterable, Sendable {
    case sample, null, encrypted

    static let present = Files.hasShared ? allCases : [.sample]

    func editor() throws -> CaptureEditor {
      switch self {
      case .sample: try Trace.sample("ipsec-registration.pcapng")
      case .null: try CaptureEditor(Files.scenario("17a-ipsec-esp-null"))
      case .encrypted: try CaptureEditor(Files.scenario("17b-ipsec-esp-aes"))
      }
    }
  }

  /// Those that stand on these recordings and not on an alteration of `AlteredTraceTests`.
  static let rules = ["SEC007", "SEC009", "REG009"]
  private let rules = ProtectedTraceTests.rules

  private func fired(_ editor: CaptureEditor) -> [Finding] {
    Trace.reports(editor).flatMap(\.findings).filter { rules.contains($0.rule) }
  }

  @Test(arguments: Recording.present) func passesOnTheUnalteredTrace(_ recording: Recording) throws {
    let reports = Trace.reports(try recording.editor())
    #expect(reports.count >= 2)
    #expect(reports.allSatisfy { Set(rules).isSubset(of: $0.passed) })
  }

  @Test(arguments: Recording.present) func firesWhereTheVerificationIsNoMirror(_ recording: Recording) throws {
    var editor = try recording.editor()
    #expect(editor.replaceText("prot=esp;", with: "prot=ah0;", in: "SIP/2.0 401", from: Node.pcscf) > 0)
    let findings = fired(editor)
    #expect(findings.map(\.rule) == ["SEC007", "SEC007"])
    #expect(findings.allSatisfy { $0.severity == .error })
  }

  @Test(arguments: Recording.present) func firesWhereTheVerificationIsMissing(_ recording: Recording) throws {
    var editor = try recording.editor()
    try editor.unprotect()
    #expect(editor.replaceText("Security-Verify:", with: "X-Security-Verif:", in: "REGISTER") > 0)
    let findings = fired(editor)
    #expect(Set(findings.map(\.rule)) == ["SEC007"])
    #expect(findings.allSatisfy { $0.observed == "no Security-Verify" })
  }

  /// On the agreed ports a message in clear is one that was recorded behind decryption.
  @Test(arguments: Recording.present) func toleratesWhatWasRecordedBehindDecryption(_ recording: Recording) throws {
    var editor = try recording.editor()
    try editor.unprotect()
    #expect(fired(editor).isEmpty)
  }

  @Test(arguments: Recording.present) func firesWhereTheAnswerGoesInClear(_ recording: Recording) throws {
    var editor = try recording.editor()
    try editor.unprotect()
    editor.editPackets { packet in
      if packet.destination.host == Node.pcscf, packet.matches("REGISTER sip:") { packet.destination.port = 5060 }
    }
    let findings = fired(editor)
    #expect(!findings.isEmpty)
    #expect(Set(findings.map(\.rule)) == ["SEC009"])
    #expect(findings.allSatisfy { $0.severity == .error })
  }

  @Test func firesWhereTheContactNamesAnotherPort() throws {
    var editor = try Recording.sample.editor()
    try editor.unprotect()
    #expect(editor.replaceText(":44243>", with: ":44249>", in: "CSeq: 2 REGISTER", from: UE.address) > 0)
    let findings = fired(editor)
    #expect(findings.map(\.rule) == ["REG009"])
    #expect(findings.allSatisfy { $0.severity == .error })
  }

  @Test func saysThatItDidNotSeeGm() throws {
    var editor = try Recording.sample.editor()
    editor.drop { $0.isOnGm }
    let reports = Trace.reports(editor)
    #expect(reports.count == 2)
    for report in reports {
      for rule in rules {
        let verdict = report.notObservable.first { $0.rule == rule }
        #expect(verdict?.reason == .noHop)
        #expect(verdict?.hop == .h0)
      }
    }
  }
}

extension CaptureRecord {
  /// IPv4 between a UE and its P-CSCF.
  fileprivate var isOnGm: Bool {
    guard bytes.count >= 34, bytes[12] == 8, bytes[13] == 0 else { return false }
    return bytes[26...27] == [10, 10] || bytes[30...31] == [10, 10]
  }
}

extension CaptureEditor {
  /// Puts what travels in ESP in clear, with the keys that the capture holds, as a host would record it behind IPsec.
  mutating func unprotect() throws {
    var options = Options()
    options.keepsKeys = true
    let run = Analyzer(options).run([.file(BlockFile(bytes: pcapng))]) { _ in }
    var opened = 0
    mapBytes { frame in
      guard frame.count > 42, frame[12] == 8, frame[13] == 0, frame[23] == ESPBuilder.number else { return nil }
      let length = Int(frame[16]) << 8 | Int(frame[17])
      let packet = Array(frame[34..<14 + length])
      for association in run.associations where packet.span.bytes.u32(0) == association.spi {
        let inner: [UInt8]
        switch association.suite.open(packet.span.bytes) {
        case .clear(let range, 17): inner = Array(packet[range])
        case .decrypted(let bytes, 17): inner = bytes
        default: continue
        }
        opened += 1
        return EthernetBuilder(
          ip: IPv4Builder(
            from: HostAddress(Array(frame[26..<30])), to: HostAddress(Array(frame[30..<34])), protocolNumber: 17,
            identification: UInt16(frame[18]) << 8 | UInt16(frame[19]), timeToLive: frame[22], payload: inner
          ).bytes
        ).bytes
      }
      return nil
    }
    #expect(opened > 0)
  }
}
