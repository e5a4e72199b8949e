import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSViews
import Testing

/// The list of registrations and the messages of one key.
@Suite struct ListTests {
  private let trace = """
    UE -> P: REGISTER sip:hims.net
    wait 2s
    UE -> P: REGISTER (again)
    P -> UE: 403 Forbidden
    """

  private func report() throws -> FlowReport {
    var reports: [FlowReport] = []
    _ = Analyzer().run([.file(BlockFile(bytes: try TraceText(trace).bytes))]) { reports.append($0) }
    return try #require(reports.first)
  }

  @Test func columnsStandBelowTheirHeadings() throws {
    let header = FlowsView.header()
    let line = FlowsView.line(try report(), style: Style(unicode: false))
    for (heading, value) in [("outcome", "rejected"), ("status", "403 on H0"), ("user", "sip:")] {
      let left = try #require(header.ranges(of: heading).first).lowerBound
      let below = try #require(line.ranges(of: value).first).lowerBound
      #expect(
        header.distance(from: header.startIndex, to: left) == line.distance(from: line.startIndex, to: below))
    }
  }

  @Test func coloursChangeNoColumn() throws {
    let report = try report()
    var plain = FlowsView.line(report, style: Style(colour: true))
    for code in ["\u{1B}[31m", "\u{1B}[32m", "\u{1B}[33m", "\u{1B}[34m", "\u{1B}[0m"] {
      plain = plain.replacing(code, with: "")
    }
    #expect(plain == FlowsView.line(report, style: Style()))
  }

  @Test func aGroupShowsEverySendingInTheOrderOfTime() throws {
    let messages = try report().flow.messages.map(\.message)
    let text = GroupView.group(key: "Call-ID x", messages: messages, style: Style())
    let lines = text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("Call-ID x: 2 messages from 2026-01-01T00:00:00.000000000Z"))
    #expect(lines[2].contains("+2.001 s") && lines[2].contains("(retransmission 1)"))
    #expect(lines[3].contains("403 Forbidden"))
    #expect(GroupView.group(key: "Call-ID y", messages: [], style: Style()) == "Call-ID y: no messages\n")
  }
}
