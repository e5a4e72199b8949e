import Foundation
import IMSAnalysis
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import TestSupport
import Testing

@testable import IMSViews

/// The ladder of text in terminals of several widths: nothing stands over the edge, on something else, or beside its lane.
@Suite struct LadderWidthTests {
  static let captures = ["01b-aka-udp-uar2", "13-loss", "17b-ipsec-esp-aes"]
  static let widths = [80, 100, 160]

  private static func reports(_ scenario: String) throws -> [FlowReport] {
    var reports: [FlowReport] = []
    _ = Analyzer().run([.file(BlockFile(bytes: try Files.scenario(scenario)))]) { reports.append($0) }
    return reports
  }

  private static func cells(_ text: some StringProtocol) -> [Character] {
    text.flatMap { Cells.width(String($0)) == 2 ? [$0, "\u{0}"] : [$0] }
  }

  /// What is drawn of an arrow: its line, and those that go on below it.
  private struct Drawn {
    var line: [Character]
    var below: [Substring] = []
  }

  private static let heads: Set<Character> = ["◀", "▶", "✗"]

  private static func drawn(_ text: String) -> [Drawn] {
    var drawn: [Drawn] = []
    for line in text.split(separator: "\n") where line.contains("│") {
      if line.contains(where: heads.contains) {
        drawn.append(Drawn(line: cells(line)))
      } else if !drawn.isEmpty {
        drawn[drawn.count - 1].below.append(line)
      }
    }
    return drawn
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures, widths)
  func everythingHasItsPlace(_ scenario: String, _ width: Int) throws {
    for remarks in [false, true] {
      for report in try Self.reports(scenario) {
        let options = LadderLayout.Options(remarks: remarks)
        let text = LadderView.render(report, options, others: 0, style: Style(width: width))
        let wide = text.split(separator: "\n").filter { Cells.width($0) > width }
        #expect(wide.isEmpty)
        let callID = try #require(report.flow.callIDs.first?.string)
        #expect(text.contains(callID.prefix(8)))
        try expectLanes(LadderLayout(report, options), report.flow, text)
      }
    }
  }

  /// As they were read before they were accepted.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures, widths)
  func looksAsBefore(_ scenario: String, _ width: Int) throws {
    let text = try Self.reports(scenario).map { report in
      LadderView.render(report, LadderLayout.Options(), others: 0, style: Style(width: width))
    }
    try Snapshot.check(text.joined(separator: "\n"), "\(scenario)/ladder-\(width).txt")
  }

  private func expectLanes(_ layout: LadderLayout, _ flow: Flow, _ text: String) throws {
    let drawn = Self.drawn(text)
    #expect(drawn.count == layout.arrows.count)
    // Lanes stand where every line that does not cross them has them.
    let lanes = try #require(
      drawn.map { arrow in arrow.line.indices.filter { ["│", "┼"].contains(arrow.line[$0]) } }.max {
        $0.count < $1.count
      })
    #expect(lanes.count == layout.lanes.count)
    for (arrow, drawn) in zip(layout.arrows, drawn) {
      let (left, right) = (lanes[min(arrow.from, arrow.to)], lanes[max(arrow.from, arrow.to)])
      #expect(drawn.line[left] == "│" && drawn.line[right] == "│")
      let inside = drawn.line[(left + 1)..<right]
      let head = arrow.from < arrow.to ? inside.last : inside.first
      #expect(head.map(Self.heads.contains) == true)
      // Nothing stands between the other lanes.
      for index in (lanes[0] + 1)..<lanes[lanes.count - 1] where index < left || index > right {
        #expect(drawn.line[index] == (lanes.contains(index) ? "│" : " "))
      }
      let label = String(inside)
      for core in Self.core(arrow, flow) { #expect(label.contains(core), "\(core) in \(label)") }
      let tail = String(drawn.line[(lanes[lanes.count - 1] + 1)...]) + drawn.below.joined(separator: " ")
      let words = tail.split { $0 == " " || $0 == "│" }
      for mark in arrow.notes.map({ "!\($0)" }) + (arrow.times > 1 ? ["×\(arrow.times)"] : []) {
        #expect(words.contains(Substring(mark)))
      }
    }
  }

  /// What of a label is never cut.
  private static func core(_ arrow: LadderLayout.Arrow, _ flow: Flow) -> [String] {
    guard let index = arrow.message else { return [] }
    let message = flow.messages[index].message
    if let sip = message.sip { return [sip.status.map { "\($0)" } ?? sip.methodName] }
    return message.diameter.map { [$0.name] } ?? []
  }

  @Test(arguments: widths) func wideCharactersTakeTwoCells(_ width: Int) throws {
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> UE: 403 登録は許可されていません、登録は許可されていません、登録は許可されていません \u{202E}x\u{200B}y
      """
    var reports: [FlowReport] = []
    _ = Analyzer().run([.file(BlockFile(bytes: try TraceText(trace).bytes))]) { reports.append($0) }
    let report = try #require(reports.first)
    let text = LadderView.render(report, others: 0, style: Style(width: width))
    let rows = text.split(separator: "\n").filter { $0.contains("403") && $0.contains("│") }
    #expect(!rows.isEmpty && rows.allSatisfy { Cells.width($0) <= width && !$0.contains("\u{202E}") })
    try expectLanes(LadderLayout(report), report.flow, text)
  }
}
