import IMSAnalysis
import IMSBytes
import IMSForge
import IMSRules
import IMSViews
import Testing

/// Order, lanes, marks and gaps of the ladder, from small traces.
@Suite struct LadderLayoutTests {
  static let registration = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER
    I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER
    S -> HSS: MAR
    HSS -> S: MAA
    S -> I: 401
    I -> P: 401
    P -> UE: 401
    UE -> P: REGISTER
    P -> I: REGISTER
    I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER
    S -> HSS: SAR
    HSS -> S: SAA
    S -> I: 200
    I -> P: 200
    P -> UE: 200
    """

  private func reports(_ trace: String) throws -> [FlowReport] {
    var reports: [FlowReport] = []
    let bytes = try TraceText(trace).bytes
    _ = Analyzer().run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return reports
  }

  private func layout(_ trace: String) throws -> LadderLayout {
    LadderLayout(try #require(try reports(trace).first))
  }

  @Test func lanesStandInTheOrderOfTheRoles() throws {
    let layout = try layout(Self.registration)
    #expect(layout.lanes.map(\.title) == ["UE", "P-CSCF", "I-CSCF", "S-CSCF", "HSS"])
    #expect(layout.arrows.count == 20)
  }

  @Test func theTwoAttemptsHaveTitles() throws {
    let titles = try layout(Self.registration).rows.compactMap { row -> String? in
      if case .phase(let title) = row { return title }
      return nil
    }
    #expect(
      titles == [
        "Unauthenticated IMS Registration Attempt (CSeq 1)", "IPsec Security Association Establishment",
        "Authenticated IMS Registration (CSeq 2)",
      ])
  }

  @Test func aMissingRequestStandsBehindTheMessageItWasDueAfter() throws {
    let lines = Self.registration.split(separator: "\n")
    let trace = (lines[..<12] + lines[14...]).joined(separator: "\n")
    let arrows = try layout(trace).arrows
    let missing = try #require(arrows.firstIndex { $0.fate == .missing })
    #expect(arrows[missing].labels == ["missing UAR", "UAR?"])
    #expect(arrows[missing].step == "E3" && arrows[missing].frame.isEmpty)
    #expect(arrows[missing - 1].step == "E2" && arrows[missing + 1].step == "E4")
    #expect(arrows.count == 19)
  }

  @Test func aRetransmissionIsNoRowOfItsOwn() throws {
    let arrows = try layout(
      "UE -> P: REGISTER sip:hims.net\nwait 2s\nUE -> P: REGISTER (again)\nP -> UE: 403 Forbidden"
    ).arrows
    #expect(arrows.map(\.times) == [2, 1])
    #expect(arrows.map { $0.labels[0] } == ["REGISTER 1", "403 Forbidden"])
    let report = try #require(
      try reports("UE -> P: REGISTER sip:hims.net\nwait 2s\nUE -> P: REGISTER (again)\nP -> UE: 403 Forbidden").first)
    #expect(LadderView.render(report, others: 0, style: Style()).contains("×2"))
    #expect(LadderView.render(report, others: 0, style: Style(unicode: false)).contains(" x2 "))
  }

  @Test func aFindingIsMarkedAtItsMessagesAndNumberedOnce() throws {
    let keys = """
        WWW-Authenticate.ck: "00112233445566778899aabbccddeeff"
        WWW-Authenticate.ik: "ffeeddccbbaa99887766554433221100"
      """
    let lines = Self.registration.split(separator: "\n")
    let trace = (lines[..<10] + [Substring(keys)] + lines[10...]).joined(separator: "\n")
    let report = try #require(try reports(trace).first)
    let layout = LadderLayout(report)
    let note = try #require(layout.notes.first { $0.rule == "PRV001" })
    #expect(layout.arrows.filter { $0.notes.contains(note.number) }.map(\.step) == ["C3"])
    #expect(layout.notes.map(\.number) == Array(1...layout.notes.count))
  }

  @Test func noRowIsWiderThanAskedForWhereThatIsPossible() throws {
    let report = try #require(try reports(Self.registration).first)
    for width in [80, 100, 160] {
      let text = LadderView.render(report, others: 0, style: Style(width: width))
      let rows = text.split(separator: "\n").filter { $0.contains("│") && !$0.contains("!") }
      #expect(!rows.isEmpty && rows.allSatisfy { $0.count <= width }, "width \(width)")
    }
  }

  @Test func theReaderIsToldOfOtherRegistrations() throws {
    let report = try #require(try reports(Self.registration).first)
    let text = LadderView.render(report, others: 3, style: Style())
    #expect(text.hasSuffix("3 other registrations in this capture: choose with --registration N or --user\n"))
    #expect(!LadderView.render(report, others: 0, style: Style()).contains("--registration"))
  }
}
