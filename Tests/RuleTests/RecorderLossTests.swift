import IMSFlows
import IMSForge
import IMSRules
import Testing

/// A recorder that loses packets: what the others prove was sent, nobody left out.
@Suite struct RecorderLossTests {
  /// One capture point, or nil for all.
  @Test(arguments: [0, 1, 3, 4, 5, nil] as [Int?]) func aLostChallengeBreaksNoRule(point: Int?) throws {
    var editor = try Trace.sample("aka-registration.pcapng")
    if let point { editor.keep(interface: point) }
    let plain = try #require(Trace.reports(editor).first)
    editor.dropPackets(containing: "SIP/2.0 401")
    let reports = Trace.reports(editor)
    let report = try #require(reports.first)
    #expect(reports.count == 1 && report.flow.outcome == plain.flow.outcome && report.flow.kind == plain.flow.kind)
    #expect(Set(plain.findings.map(\.rule)).isSuperset(of: report.findings.map(\.rule)), "\(report.findings)")
    #expect(report.flow.cause.hasPrefix("challenged, which was not captured, granted for "), "\(report.flow.cause)")
  }

  /// At each point, each packet of SIP and Cx: no rule breaks, and nothing is called missing.
  @Test(arguments: [
    ("aka-registration", 0), ("aka-registration", 3), ("aka-registration", 4), ("aka-registration", 5),
    ("wrong-key", 3), ("wrong-key", 5), ("unknown-user", 3), ("resynchronisation", 4), ("resynchronisation", 5),
    ("ipv6", 4), ("ipv6", 5),
  ]) func aLostPacketBreaksNoRule(sample: String, point: Int) throws {
    var whole = try Trace.sample("\(sample).pcapng")
    whole.keep(interface: point)
    let known = Self.rules(whole)
    for index in whole.records.indices {
      guard let transport = whole.records[index].transport else { continue }
      let isCx = [300, 303, 301].contains { transport.isDiameter($0) }
      guard isCx || transport.matches("SIP/2.0") else { continue }
      var editor = whole
      editor.records.remove(at: index)
      let reports = Trace.reports(editor)
      #expect(known.isSuperset(of: reports.flatMap { $0.findings.map(\.rule) }), "record \(index) of point \(point)")
      let missing = reports.flatMap(\.flow.deviations).filter { $0.kind == .missing }
      #expect(missing.isEmpty, "record \(index) of point \(point): \(missing)")
    }
  }

  private static func rules(_ editor: CaptureEditor) -> Set<String> {
    Set(Trace.reports(editor).flatMap { $0.findings.map(\.rule) })
  }

  /// On one hop, where the UE answers it all the same.
  @Test(arguments: [0, 3, 4, 5]) func aChallengeLostOnOneHopBreaksNoRule(point: Int) throws {
    var whole = try Trace.sample("de-registration.pcapng")
    whole.keep(interface: point)
    whole.runOn(seconds: 200)
    let known = Self.rules(whole)
    let challenges = whole.records.indices.filter { whole.records[$0].transport?.matches("SIP/2.0 401") ?? false }
    #expect(challenges.count == (point == 3 || point == 4 ? 6 : 3))
    for index in challenges {
      var editor = whole
      editor.records.remove(at: index)
      #expect(known.isSuperset(of: Self.rules(editor)), "record \(index) of point \(point)")
    }
  }

  /// Whoever refreshes what was granted answers the last challenge: that the grant was not seen makes no new registration of it.
  @Test func aRefreshBehindALostGrantIsNoStranger() throws {
    var editor = try Trace.sample("de-registration.pcapng")
    editor.keep(interface: 0)
    let grant = try #require(
      editor.records.indices.first { editor.records[$0].transport?.matches("SIP/2.0 200") ?? false })
    editor.records.remove(at: grant)
    #expect(!Self.rules(editor).contains("AUT002"))
    let reports = Trace.reports(editor)
    #expect(reports.contains { $0.notObservable.contains { $0.rule == "AUT002" } }, "\(reports.map(\.notObservable))")
  }

  /// What the S-CSCF asks behind a REGISTER that was lost stands before all that is seen of that registration.
  @Test func aGrantWithoutItsRegisterOwesNoServerAssignment() throws {
    var whole = try Trace.sample("sip-digest.pcapng")
    whole.keep(interface: 5)
    let requests = whole.records.indices.filter { whole.records[$0].transport?.matches("REGISTER sip:") ?? false }
    #expect(requests.count > 4 && !Self.rules(whole).contains("SEQ007"))
    for index in requests {
      var editor = whole
      editor.records.remove(at: index)
      #expect(!Self.rules(editor).contains("SEQ007"), "record \(index)")
    }
  }
}
