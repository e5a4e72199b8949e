import Foundation
import IMSDiameter
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// What a registration does otherwise than the documented sequence: by kind, step, clause, hop and message.
@Suite struct DeviationTests {
  private static let compliant = VariantTrace.all[0].ladder

  private func flow(_ ladder: String, _ edit: (inout CaptureEditor) -> Void = { _ in }) throws -> Flow {
    var editor = try CaptureEditor(TraceText(ladder).bytes)
    edit(&editor)
    return try #require(Trace.reports(editor).first).flow
  }

  /// The compliant ladder with one line replaced, once.
  private func altered(_ line: String, _ other: String, after pass: Int = 1) throws -> String {
    var parts = Self.compliant.components(separatedBy: "\n" + line + "\n")
    #expect(parts.count > pass)
    let head = parts[..<pass].joined(separator: "\n" + line + "\n")
    parts.removeFirst(pass)
    return head + "\n" + other + (other.isEmpty ? "" : "\n") + parts.joined(separator: "\n" + line + "\n")
  }

  private struct Account: Equatable, CustomStringConvertible {
    var kind: Deviation.Kind
    var step: String
    var hop: Hop
    var ends: String
    var clause: String
    /// "E2": the step of the message concerned, or behind which it was due.
    var at: String

    var description: String { "\(kind) \(step) \(hop) \(ends) (\(clause)) at \(at)" }
  }

  private func accounts(_ flow: Flow) -> [Account] {
    flow.deviations.map { deviation in
      Account(
        kind: deviation.kind, step: deviation.step, hop: deviation.hop,
        ends: "\(deviation.from.rawValue) → \(deviation.to.rawValue)", clause: deviation.clause,
        at: deviation.message.flatMap { flow.messages[$0].step } ?? "")
    }
  }

  @Test func theCompliantTraceHasNone() throws {
    #expect(accounts(try flow(Self.compliant)).isEmpty)
  }

  @Test func aStepThatIsNotThereIsMissing() throws {
    let ladder = try altered("I -> HSS: UAR", "", after: 2).replacing(
      "HSS -> I: UAA\nI -> S: REGISTER\nS -> HSS: SAR", with: "I -> S: REGISTER\nS -> HSS: SAR")
    #expect(
      accounts(try flow(ladder)) == [
        Account(
          kind: .missing, step: "E3", hop: .c1, ends: "I-CSCF → HSS", clause: "TS 29.228 6.1.1", at: "E2")
      ])
  }

  @Test func aSecondExchangeIsExtra() throws {
    let ladder = try altered("HSS -> S: MAA", "HSS -> S: MAA\nS -> HSS: MAR\nHSS -> S: MAA")
    #expect(
      accounts(try flow(ladder)) == [
        Account(kind: .extra, step: "B7", hop: .c2, ends: "S-CSCF → HSS", clause: "TS 29.228 6.3", at: "B7")
      ])
  }

  @Test func anAnswerBeforeItsAssignmentIsOutOfOrder() throws {
    let ladder = try altered(
      "S -> HSS: SAR\nHSS -> S: SAA\nS -> I: 200 OK", "S -> I: 200 OK\nwait 5ms\nS -> HSS: SAR\nHSS -> S: SAA")
    let found = accounts(try flow(ladder))
    #expect(found.map(\.kind) == [.outOfOrder] && found.first?.step == "E6")
    #expect(found.first?.clause == "TS 24.229 5.4.1.2.2" && found.first?.hop == .h2)
  }

  @Test func vectorsThatTheICSCFAsksForHaveAWrongPeer() throws {
    let flow = try flow(altered("S -> HSS: MAR\nHSS -> S: MAA", "I -> HSS: MAR\nHSS -> I: MAA"))
    #expect(
      accounts(flow) == [
        Account(kind: .wrongPeer, step: "B7", hop: .c2, ends: "I-CSCF → HSS", clause: "TS 29.228 6.3", at: "B7")
      ])
    // Drawn where they went, both.
    let exchange = flow.messages.filter { $0.command == .multimediaAuth }
    #expect(exchange.map(\.from) == [.icscf, .hss] && exchange.map(\.to) == [.hss, .icscf])
  }

  @Test func aREGISTERPastTheICSCFHasAWrongPeer() throws {
    let ladder = Self.compliant.components(separatedBy: "UE -> P: REGISTER sip:hims.net\n")[1]
    let past = """
      UE -> P: REGISTER sip:hims.net
      P -> S: REGISTER
      S -> HSS: SAR
      HSS -> S: SAA
      S -> P: 200 OK
      P -> UE: 200 OK
      """
    let found = accounts(try flow("UE -> P: REGISTER sip:hims.net\n" + ladder + past))
    #expect(
      found.filter { $0.kind == .wrongPeer } == [
        Account(
          kind: .wrongPeer, step: "E2", hop: .h1, ends: "P-CSCF → S-CSCF", clause: "TS 24.229 5.2.2.1", at: "E2")
      ])
  }

  @Test func nodesThatShareAnAddressAreNoWrongPeers() throws {
    let combined = try #require(VariantTrace.all.first { $0.id == "V1" })
    #expect(accounts(try flow(combined.ladder)).isEmpty)
  }

  @Test func whatWasRefusedStoppedThere() throws {
    let refused = try #require(VariantTrace.all.first { $0.id == "V8" })
    let flow = try flow(refused.ladder)
    #expect(
      accounts(flow) == [
        Account(kind: .stoppedHere, step: "B4", hop: .c1, ends: "HSS → I-CSCF", clause: "TS 29.228 6.1.1", at: "B4")
      ])
    #expect(flow.stoppedAt == "B4: UAA (HSS → I-CSCF) refused")
  }

  @Test func whatNeverCameStoppedBehindTheLastMessage() throws {
    let ladder = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER
      I -> HSS: UAR
      HSS -> I: UAA
      I -> S: REGISTER
      wait 200s
      UE -> P: OPTIONS sip:hims.net
      """
    let found = accounts(try flow(ladder))
    #expect(
      found == [
        Account(
          kind: .stoppedHere, step: "C1", hop: .h2, ends: "S-CSCF → I-CSCF", clause: "TS 24.229 5.4.1.2.1", at: "B6")
      ])
  }

  /// Once more the same, another try after a failure, a question for capabilities.
  @Test(arguments: [
    ("HSS -> I: UAA", "HSS -> I: UAA\nHSS -> I: UAA (again)"),
    ("P -> I: REGISTER", "P -> I: REGISTER\nwait 500ms\nP -> I: REGISTER (again)"),
    ("HSS -> I: UAA", "HSS -> I: UAA 3004\nI -> HSS: UAR\nHSS -> I: UAA"),
    ("HSS -> S: MAA", "HSS -> S: MAA 3002\nS -> HSS: MAR\nHSS -> S: MAA"),
    ("HSS -> I: UAA", "HSS -> I: UAA\nI -> HSS: UAR\n  User-Authorization-Type: 2\nHSS -> I: UAA"),
  ])
  func whatIsDoneAgainIsNotExtra(_ line: String, _ more: String) throws {
    #expect(accounts(try flow(try altered(line, more))).isEmpty)
  }

  /// What a hop that was not captured should have shown is no deviation.
  @Test(arguments: [Hop.h0, .h1, .h2, .c1, .c2]) func aBlindHopHasNone(_ hop: Hop) throws {
    let found = accounts(try flow(Self.compliant) { $0.cut(hop) })
    #expect(found.isEmpty)
  }
}
