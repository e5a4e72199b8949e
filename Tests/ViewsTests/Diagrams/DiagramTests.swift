import Foundation
import IMSAnalysis
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSViews
import IMSWire
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Every syntax writes the same layout, and the programs that read them accept it.
@Suite struct DiagramTests {
  private static let style = Style(unicode: true, colour: false, width: 100, revealKeys: false)

  private static func reports(of file: URL) throws -> [FlowReport] {
    var reports: [FlowReport] = []
    _ = try Captures.run(file) { reports.append($0) }
    return reports
  }

  private static func report(of capture: [UInt8]) throws -> FlowReport {
    var reports: [FlowReport] = []
    _ = Analyzer().run([.file(BlockFile(bytes: capture))]) { reports.append($0) }
    return try #require(reports.first)
  }

  private static func diagram(
    _ report: FlowReport, _ format: DiagramFormat, _ options: LadderLayout.Options = LadderLayout.Options()
  ) -> String {
    DiagramView(format).render(report, options, style: style)
  }

  /// What a capture may hold when somebody means harm.
  static let hostile = """
    UE -> P: REGISTER sip:hims.net
      Call-ID: --<b>__x__#%%{;"end"
      Route: <sip:a@b;lr>, "</svg><script>alert(1)</script>" <sip:[::1];lr>
      Supported: @enduml
    P -> UE: 401 Unauthorized "); } msc { \\
      Call-ID: --<b>__x__#%%{;"end"
    UE -> P: REGISTER sip:hims.net
      Call-ID: --<b>__x__#%%{;"end"
    P -> UE: 403 <img src=x onerror=alert(1)> end
      Call-ID: --<b>__x__#%%{;"end"
    """

  static func hostileReport() throws -> FlowReport {
    try report(of: try TraceText(hostile).bytes)
  }

  @Test(arguments: Captures.samples) func everySyntaxDrawsEveryArrow(_ file: URL) throws {
    for report in try Self.reports(of: file) {
      let layout = LadderLayout(report)
      let count = layout.arrows.count
      #expect(Self.diagram(report, .mermaid).matches(of: #/\n  n\d+-[-x>)]/#).count == count)
      #expect(Self.diagram(report, .plantuml).matches(of: #/\nn\d+ -\S* n\d+ : /#).count == count)
      #expect(Self.diagram(report, .mscgen).matches(of: #/\n  n\d+(=>|>>|-x|:>)n\d+ \[/#).count == count)
      #expect(Self.diagram(report, .websequencediagrams).matches(of: #/\nn\d+--?>n\d+: /#).count == count)
      #expect(Self.diagram(report, .svg).matches(of: #/class="label/#).count == count)
    }
  }

  @Test(arguments: Captures.samples) func picturesAreWellFormedAndNeedNothingElse(_ file: URL) throws {
    for report in try Self.reports(of: file) + [Self.hostileReport()] {
      for detail in LadderLayout.Options.Detail.allCases {
        let svg = Self.diagram(report, .svg, LadderLayout.Options(detail: detail))
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(!svg.contains("<script") && !svg.contains("href") && !svg.contains("url("))
      }
    }
  }

  @Test(.enabled(if: Renderer.plantuml.isInstalled, "plantuml is not installed"))
  func plantUMLAcceptsWhatItIsGiven() throws {
    let reports = try Self.reports(of: Files.samples.appending(path: "wrong-key.pcapng")) + [Self.hostileReport()]
    for report in reports {
      let text = Self.diagram(report, .plantuml, LadderLayout.Options(detail: .full))
      let answer = try Renderer.plantuml.run(["-syntax"], on: text)
      #expect(answer.output.hasPrefix("SEQUENCE"), "\(answer.output)")
    }
  }

  @Test(.enabled(if: Renderer.mscgen.isInstalled, "mscgen is not installed"))
  func mscgenAcceptsWhatItIsGiven() throws {
    let samples = try Captures.samples.flatMap { try Self.reports(of: $0) }
    for report in try samples + [Self.hostileReport()] {
      let text = Self.diagram(report, .mscgen, LadderLayout.Options(detail: .full))
      let answer = try Renderer.mscgen.run(["-T", "svg", "-o", "-"], on: text)
      #expect(answer.status == 0 && answer.output.contains("<svg"))
    }
  }

  @Test(arguments: Captures.samples) func FDLIsWhatAReaderOfItExpects(_ file: URL) throws {
    for report in try Self.reports(of: file) + [Self.hostileReport()] {
      for detail in LadderLayout.Options.Detail.allCases {
        for isOld in [false, true] {
          let options = LadderLayout.Options(detail: detail, remarks: detail == .full)
          let checker = FDLChecker(
            DiagramView(.fdl, isOldFDL: isOld).render(report, options, style: Self.style), isOld: isOld)
          #expect(checker.faults.isEmpty)
          let sent = LadderLayout(report, options).arrows.count { $0.fate != .missing }
          #expect(checker.messages == sent)
        }
      }
    }
  }

  /// The real parser of Mermaid and a browser read them in `make renderers`.
  @Test(arguments: [DiagramFormat.mermaid, .svg, .html]) func theHostileDiagramIsKept(_ format: DiagramFormat) throws {
    let text = Self.diagram(try Self.hostileReport(), format, LadderLayout.Options(detail: .full))
    try Snapshot.check(text, "hostile/diagram.\(format.fileExtensions[0])")
  }

  // MARK: what is drawn

  @Test func keysAreTakenOut() throws {
    let report = try #require(try Self.reports(of: Files.samples.appending(path: "seed-registration.pcap")).first)
    for format in DiagramFormat.allCases {
      let text = Self.diagram(report, format, LadderLayout.Options(detail: .full))
      // The text ladder cuts what has no room.
      if format != .text { #expect(text.contains("16 bytes")) }
      #expect(!text.contains("f769bcd751044604127672711c6d3441"))
    }
    let open = LadderLayout.Options(detail: .full, revealKeys: true)
    let reveal = Style(unicode: true, colour: false, width: 100, revealKeys: true)
    #expect(
      DiagramView(.mscgen).render(report, open, style: reveal).contains("f769bcd751044604127672711c6d3441"))
  }

  @Test func oneNodeShowsItsInterfacesAlone() throws {
    let report = try #require(try Self.reports(of: Files.samples.appending(path: "seed-registration.pcap")).first)
    let layout = LadderLayout(report, LadderLayout.Options(only: .icscf))
    #expect(layout.lanes.map(\.title) == ["P-CSCF", "I-CSCF", "S-CSCF", "HSS"])
    let node = try #require(layout.lanes.firstIndex { $0.title == "I-CSCF" })
    #expect(layout.arrows.count == 12)
    #expect(layout.arrows.allSatisfy { $0.from == node || $0.to == node })
    let cx = LadderLayout(report, LadderLayout.Options(hops: [.c1, .c2]))
    #expect(
      Set(cx.arrows.map { $0.labels.last ?? "" }.map { String($0.prefix(3)) }) == [
        "UAR", "UAA", "MAR", "MAA", "SAR", "SAA",
      ])
  }

  @Test func theOverviewIsThePhases() throws {
    let report = try #require(
      try Self.reports(of: Files.samples.appending(path: "seed-registration-access.pcap")).first)
    let layout = LadderLayout(report, LadderLayout.Options(detail: .overview))
    #expect(layout.arrows.isEmpty)
    let titles = layout.rows.compactMap { if case .phase(let title) = $0 { title } else { nil } }
    #expect(
      titles == [
        "PDP Context Activation", "Unauthenticated IMS Registration Attempt (CSeq 25)",
        "IPsec Security Association Establishment", "Authenticated IMS Registration (CSeq 26)",
      ])
    // Each says what it holds.
    let summaries = layout.rows.compactMap { if case .summary(let summary) = $0 { summary.text } else { nil } }
    #expect(summaries.count == 4 && summaries[0].hasPrefix("2 messages, frames 1 to 2"))
    for format in DiagramFormat.allCases {
      let text = Self.diagram(report, format, LadderLayout.Options(detail: .overview))
      #expect(text.contains("2 messages, frames 1 to 2"), "\(format)")
    }
  }

  @Test func theDocumentedSequenceIsDrawnWithoutACapture() {
    let layout = LadderLayout(documented: .of(.main))
    #expect(layout.lanes.map(\.title) == ["UE", "P-CSCF", "DNS", "I-CSCF", "S-CSCF", "HSS"])
    #expect(layout.arrows.count == MainSequence.challengedPass.count + MainSequence.grantedPass.count)
    #expect(layout.arrows.allSatisfy { $0.fate == .expected })
    // From the I-CSCF the DNS server stands to the left.
    let query = layout.arrows.first { $0.step == "B5" }
    #expect(query?.isReply == false && query.map { $0.from > $0.to } == true)
  }

  /// 01b with one message cut out of a visible hop: the overlay draws exactly that arrow as missing, in every syntax.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: ["UAA", "MAR", "401"])
  func whatWasCutOutIsMissing(_ label: String) throws {
    let capture = try Files.scenario("01b-aka-udp-uar2")
    let whole = try Self.report(of: capture)
    let message = try #require(
      whole.flow.messages.first { placed in
        placed.message.diameter?.name == label || placed.hop == .h2 && "\(placed.status)" == label
      })
    var frames = Set<Int>()
    message.message.forEachSighting { sighting in frames.formUnion(sighting.frames.all.map { Int($0) }) }
    var editor = try CaptureEditor(capture)
    var frame = 0
    editor.drop { _ in
      frame += 1
      return frames.contains(frame)
    }
    let report = try Self.report(of: editor.pcapng)
    let missing = LadderLayout(report).arrows.filter { $0.fate == .missing }
    #expect(missing.count == 1 && missing[0].labels[0].contains(label))
    for format in DiagramFormat.allCases {
      let style = Style(unicode: true, colour: false, width: 200, revealKeys: false)
      let text = DiagramView(format).render(report, LadderLayout.Options(), style: style)
      #expect(text.ranges(of: "missing \(label)").count == 1, "\(format)")
    }
    let old = DiagramView(.fdl, isOldFDL: true).render(report, LadderLayout.Options(), style: Self.style)
    #expect(old.contains("/* missing \(label)"))
    let observed = LadderLayout(report, LadderLayout.Options(show: .observed))
    #expect(observed.arrows.allSatisfy { $0.fate != .missing && $0.notes.isEmpty })
  }

  @Test func theFormatFollowsTheFileName() {
    #expect(DiagramFormat(fileName: "out/a.b.SVG") == .svg)
    #expect(DiagramFormat(fileName: "x.puml") == .plantuml)
    #expect(DiagramFormat(fileName: "noext") == nil)
    #expect(DiagramFormat(fileName: "dir.svg/noext") == nil)
  }
}

/// Remarks, pages and the old form of FDL.
@Suite struct DiagramOptionTests {
  private static let style = Style(unicode: true, colour: false, width: 100, revealKeys: false)

  private static func report(rounds: Int) throws -> FlowReport {
    let round = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER
      I -> S: REGISTER
      S -> I: 401
      I -> P: 401
      P -> UE: 401

      """
    var reports: [FlowReport] = []
    let bytes = try TraceText(String(repeating: round, count: rounds)).bytes
    _ = Analyzer().run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return try #require(reports.max { $0.flow.messages.count < $1.flow.messages.count })
  }

  /// As in every diagram: an arrow and its number.
  private static func arrows(_ text: String, _ layout: LadderLayout) -> Int {
    layout.arrows.count { text.contains("(frame \($0.frame))") }
  }

  @Test func longFlowsAreSplitIntoPagesThatSaySo() throws {
    let report = try Self.report(rounds: 40)
    let layout = LadderLayout(report)
    let pages = layout.pages
    let drawn = pages.flatMap(\.self).filter { if case .arrow = $0 { true } else { false } }
    #expect(layout.arrows.count > 120 && pages.count > 2 && drawn.count == layout.arrows.count)
    for format in DiagramFormat.allCases {
      let first = DiagramView(format, page: format == .html ? nil : 1).render(
        report, LadderLayout.Options(), style: Self.style)
      #expect(first.contains("page 1 of \(pages.count)"), "\(format)")
      let second = DiagramView(format, page: 2).render(report, LadderLayout.Options(), style: Self.style)
      #expect(second.contains("page 2 of \(pages.count)"), "\(format)")
    }
    for format in [DiagramFormat.plantuml, .svg, .fdl] {
      let whole = DiagramView(format).render(report, LadderLayout.Options(), style: Self.style)
      #expect(Self.arrows(whole, layout) == layout.arrows.count, "\(format)")
      #expect(whole.contains("page \(pages.count) of \(pages.count)"), "\(format)")
    }
    let mermaid = DiagramView(.mermaid).render(report, LadderLayout.Options(detail: .full), style: Self.style)
    #expect(mermaid.utf8.count < 50_000 && mermaid.contains("page 1 of "))
  }

  @Test func whatFitsOnAPageIsNotSplit() throws {
    let layout = LadderLayout(try Self.report(rounds: 4))
    #expect(layout.pages == [layout.rows])
  }

  @Test func remarksSayWhatAStepDoesAndWhatTheCaptureShows() throws {
    var reports: [FlowReport] = []
    _ = try Captures.run(Files.samples.appending(path: "aka-registration.pcapng")) { reports.append($0) }
    let report = try #require(reports.first)
    let options = LadderLayout.Options(remarks: true)
    let arrows = LadderLayout(report, options).arrows
    #expect(arrows.allSatisfy { !$0.remark.isEmpty })
    let granted = try #require(arrows.last?.remark)
    #expect(granted.contains("The UE is registered.") && granted.contains("granted for 3240 s, after "))
    #expect(LadderLayout(report).arrows.allSatisfy { $0.remark.isEmpty })
    for format in DiagramFormat.allCases {
      let text = DiagramView(format).render(report, options, style: Self.style)
      #expect(text.contains("The UE is registered."), "\(format)")
    }
    let wide = LadderView.render(report, options, others: 0, style: Style(width: 160))
    #expect(wide.split(separator: "\n").contains { $0.contains("▶") && $0.contains("The UE asks") })
  }

  @Test func theOldFormOfFDLHasModulesAndProcessors() throws {
    var reports: [FlowReport] = []
    _ = try Captures.run(Files.samples.appending(path: "seed-registration.pcap")) { reports.append($0) }
    let report = try #require(reports.first)
    let text = DiagramView(.fdl, isOldFDL: true).render(report, LadderLayout.Options(detail: .full), style: Self.style)
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "module : User_Equipment, Visited_network, Internet, Home_network")
    #expect(lines.contains("processor : I_CSCF in Home_network"))
    #expect(lines.last == "endfeature" && lines.count { $0.hasPrefix("feature \"") } == 1)
    let sent = lines.filter { $0.contains(" -> ") && !$0.contains("/*") }
    #expect(sent.count == LadderLayout(report).arrows.count)
    #expect(sent.allSatisfy { $0.contains(#/^ +[A-Za-z]\w*( \(.*\))? : [A-Za-z]\w* -> [A-Za-z]\w*$/#) })
  }

  /// Watchdogs of Diameter, keep-alives of a stream: they belong to no registration.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) func heartbeatsAreNotDrawn() throws {
    for file in Files.captures(in: "lab") {
      _ = try Captures.run(file) { report in
        let commands = report.flow.messages.compactMap { $0.message.diameter?.name }
        #expect(!commands.contains { ["DWR", "DWA", "CER", "CEA"].contains($0) })
      }
    }
  }
}
