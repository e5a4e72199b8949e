import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSViews
import TestSupport
import Testing

/// The page is whole, asks for nothing, links what belongs together, and shows what a capture says as text.
@Suite struct HTMLReportTests {
  private static let style = Style(unicode: true, colour: false, width: 100, revealKeys: false)

  /// The page of a capture with every registration drawn.
  private static func page(of file: URL, revealKeys: Bool = false) throws -> String {
    var report = HTMLReport(
      LadderLayout.Options(revealKeys: revealKeys),
      style: Style(unicode: true, colour: false, width: 100, revealKeys: revealKeys))
    let run = try Captures.run(file) {
      report.count($0)
      report.draw($0)
    }
    return report.page(run)
  }

  private static let elements: Set<String> = [
    "html", "head", "meta", "title", "style", "body", "a", "header", "nav", "main", "section", "article", "h1", "h2",
    "h3", "h4", "p", "ul", "li", "div", "details", "summary", "pre", "code", "br", "table", "caption", "thead", "tbody",
    "tr", "th", "td", "svg", "g", "text", "rect", "line", "path",
  ]
  private static let attributes: Set<String> = [
    "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "tabindex", "scope",
    "aria-label",
    "width", "height", "viewBox", "x", "y", "x1", "x2", "y1", "y2", "d", "text-anchor",
  ]

  private static func expectSound(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) -> PageReader {
    let reader = PageReader(page)
    // Values of their own: a page is too much for a message.
    let isWellFormed = reader.isWellFormed
    #expect(isWellFormed, sourceLocation: sourceLocation)
    let foreign = Set(reader.elements.map(\.name)).subtracting(elements)
    #expect(foreign.isEmpty, sourceLocation: sourceLocation)
    let names = Set(reader.elements.flatMap { $0.attributes.keys }).subtracting(attributes)
    #expect(names.isEmpty, sourceLocation: sourceLocation)
    let ids = Set(reader.ids)
    let repeated = reader.ids.count - ids.count
    #expect(repeated == 0, "an anchor stands twice", sourceLocation: sourceLocation)
    let lost = reader.links.filter { !$0.hasPrefix("#") || !ids.contains(String($0.dropFirst())) }
    let count = reader.links.count
    #expect(count > 0 && lost.isEmpty, sourceLocation: sourceLocation)
    return reader
  }

  @Test(arguments: Captures.samples) func aPageIsWholeAndAsksForNothing(_ file: URL) throws {
    let page = try Self.page(of: file)
    let reader = Self.expectSound(page)
    let policy = reader.elements.compactMap { $0.attributes["content"] }.first { $0.hasPrefix("default-src 'none'") }
    #expect(policy?.contains("style-src 'sha256-") == true && policy?.contains("unsafe") == false)
    let asks = page.contains("url(") || page.contains("@import")
    let styles = reader.elements.count { $0.name == "style" }
    #expect(!asks && styles == 1)
  }

  @Test(arguments: Captures.samples) func findingsAndMessagesLeadToEachOther(_ file: URL) throws {
    var reports: [FlowReport] = []
    _ = try Captures.run(file) { reports.append($0) }
    let reader = PageReader(try Self.page(of: file))
    let (ids, links) = (Set(reader.ids), Set(reader.links))
    for report in reports {
      let layout = LadderLayout(report)
      var lost: [String] = []
      func expect(_ anchor: String) {
        if !ids.contains(anchor) || !links.contains("#\(anchor)") { lost.append(anchor) }
      }
      for note in layout.notes where !note.messages.isEmpty {
        expect("r\(report.id)-f\(note.number)")
        for index in note.messages { expect("r\(report.id)-m\(index)") }
      }
      for index in layout.arrows.compactMap(\.message) {
        expect("r\(report.id)-m\(index)")
        expect("r\(report.id)-a\(index)")
      }
      #expect(lost.isEmpty)
    }
  }

  @Test func whatACaptureSaysIsText() throws {
    let report = try DiagramTests.hostileReport()
    var page = HTMLReport(LadderLayout.Options(detail: .full), style: Self.style)
    page.count(report)
    page.draw(report)
    let reader = Self.expectSound(page.page(RunReport()))
    for text in [
      "--<b>__x__#%%{;\"end\"", "</svg><script>alert(1)</script>", "<img src=x onerror=alert(1)> end",
    ] {
      let isShown = reader.text.contains(text)
      #expect(isShown, "\(text)")
    }
    let hasMarkup = page.page().contains("<script") || page.page().contains("<img")
    #expect(!hasMarkup)
  }

  @Test func keysStandInNoPageUnlessAskedFor() throws {
    let file = Files.samples.appending(path: "seed-registration.pcap")
    let page = try Self.page(of: file)
    let key = "f769bcd751044604127672711c6d3441"
    let (isTold, isShown) = (page.contains("16 bytes"), page.contains(key))
    #expect(isTold && !isShown)
    let isRevealed = try Self.page(of: file, revealKeys: true).contains(key)
    #expect(isRevealed)
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: Captures.all)
  func noRegistrationMakesAPageTooLargeForTheMail(_ file: URL) throws {
    var most = 0
    let run = try Captures.run(file) { report in
      var page = HTMLReport(style: Self.style)
      page.count(report)
      page.draw(report)
      most = max(most, page.page().utf8.count)
    }
    #expect(most < 280_000 && (most > 0) == (run.registrations > 0))
  }

  // MARK: pictures

  @Test func theTimeLineGrowsWiderAndLosesNothing() throws {
    var tally = CaptureTally()
    var report = try DiagramTests.hostileReport()
    for second in 0..<1000 {
      report.flow.start = Timestamp(nanoseconds: Int64(second - 500) * 1_000_000_000)
      report.flow.outcome = second.isMultiple(of: 4) ? .rejected : .registered
      tally.count(report)
    }
    let line = tally.times
    #expect(line.columns <= TimeLine.limit && line.columns > TimeLine.limit / 2 - 1)
    #expect(line.counts(of: .rejected).reduce(0, +) == 250 && line.counts(of: .registered).reduce(0, +) == 750)
    #expect(line.start.nanoseconds <= -500_000_000_000 && line.end.nanoseconds > 499_000_000_000)
    for time in [Timestamp.distantPast, .distantFuture] {
      report.flow.start = time
      tally.count(report)
    }
    #expect(tally.times.counts(of: .registered).reduce(0, +) == 752)
  }

  @Test func aNodeAnswersForItsOwnTimeAlone() throws {
    var reports: [FlowReport] = []
    _ = try Captures.run(Files.samples.appending(path: "aka-registration.pcapng")) { reports.append($0) }
    let flow = try #require(reports.first).flow
    let rows = Waterfall(flow).rows
    #expect(
      rows.map(\.node) == [
        .pcscf, .icscf, .uar, .scscf, .mar, .ue, .pcscf, .icscf, .uar, .scscf, .sar,
      ])
    #expect(rows.allSatisfy { $0.own >= 0 && $0.own <= $0.whole.upperBound - $0.whole.lowerBound && !$0.holdsOthers })
    // What the UE and the P-CSCF take by themselves and what lies behind it is the whole.
    let outer = rows.filter { $0.node == .pcscf || $0.node == .ue }.map { $0.whole.upperBound - $0.whole.lowerBound }
    #expect(outer.reduce(0, +) == (flow.end - flow.start).nanoseconds)
  }

  /// Nor for a silence behind it.
  @Test func whoGaveUpHadWaited() throws {
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      wait 5s
      P -> UE: 504 Server Time-out
      """
    var reports: [FlowReport] = []
    _ = Analyzer(Options()).run([.file(BlockFile(bytes: try TraceText(trace).bytes))]) { reports.append($0) }
    let rows = Waterfall(try #require(reports.first).flow).rows
    #expect(rows.map(\.node) == [.pcscf] && rows[0].own < 10_000_000 && !rows[0].holdsOthers, "\(rows)")
  }

  /// What was lost on its way and came when it was sent again was waited for.
  @Test func aNodeDoesNotAnswerForWhatItWaitedFor() throws {
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> S: REGISTER sip:scscf1.hims.net:6060
      S -> I: 401 Unauthorized
      wait 500ms
      I -> S: REGISTER (again)
      S -> I: 401 (again)
      I -> P: 401 Unauthorized
      P -> UE: 401 Unauthorized
      wait 500ms
      UE -> P: REGISTER (again)
      P -> UE: 401 (again)
      UE -> P: REGISTER sip:hims.net
      P -> UE: 200 OK
      """
    var reports: [FlowReport] = []
    _ = Analyzer(Options()).run([.file(BlockFile(bytes: try TraceText(trace).bytes))]) { reports.append($0) }
    let rows = Waterfall(try #require(reports.first).flow).rows
    #expect(
      rows.map(\.node) == [.pcscf, .icscf, .scscf, .ue, .pcscf] && rows.allSatisfy { $0.own < 10_000_000 }, "\(rows)")
  }
}
