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
    DiagramView.render(report, options, as: format, style: style)
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

  /// The real parser of Mermaid reads it in `make renderers`.
  @Test func theHostileDiagramIsKept() throws {
    let text = Self.diagram(try Self.hostileReport(), .mermaid, LadderLayout.Options(detail: .full))
    try Snapshot.check(text, "hostile/diagram.mmd")
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
      DiagramView.render(report, open, as: .mscgen, style: reveal).contains("f769bcd751044604127672711c6d3441"))
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
    #expect(layout.rows.first == .phase("PDP context activation"))
    #expect(layout.rows.count == 3)
  }

  @Test func theDocumentedSequenceIsDrawnWithoutACapture() {
    let layout = LadderLayout(documented: LadderLayout.Options())
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
    for format in DiagramFormat.allCases where format != .fdl && format != .text {
      #expect(Self.diagram(report, format).contains("missing \(label)"))
    }
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
