import Foundation
import TestSupport
import Testing

@testable import imstrace_bench

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ResultsTests {
  static let machine = Machine(
    system: "Linux 6.1", architecture: "x86_64", processor: "a <fast> & quiet one", cores: 2, memory: 8_000_000_000)

  private static func measurement(_ program: Program, _ capture: String, _ seconds: Double) -> Turns {
    var one = Turns(program: program, capture: capture)
    for turn in [1.0, 1.1, 0.9] {
      one.seconds.append(seconds * turn)
      one.user.append(seconds * turn)
      one.system.append(0)
      one.peak.append(100_000_000)
    }
    return one
  }

  /// Of `make bench-large`, with every capture.
  static let large: Results = {
    var results = Results(
      benchmark: "bench-large", command: "make bench-large", machine: machine,
      versions: ["swift": "6.3", "libpcap": "1"])
    func add(_ name: String, _ load: Capture.Load, _ bytes: Int, _ rate: Int) {
      var capture = Capture(name, load, bytes: bytes, rate: rate)
      (capture.bytes, capture.packets) = (bytes, bytes / 883)
      results.captures.append(capture)
      for program in [Program.checkOnOneCore, .checkOnTwoCores, .loop] {
        results.measurements.append(
          measurement(program, name, Double(bytes) / (program == .loop ? 4e9 : 1e9)))
      }
    }
    add(LargeBench.whole, .carrier, 1_000_000_000, 400)
    add(LargeBench.noise, .noise, 1_000_000_000, 1)
    for growth in LargeBench.growth { add(growth.name, .carrier, growth.factor * 1_000_000_000, growth.rate) }
    add(LargeBench.small, .plain, 100_000, 400)
    for program in [Program.tsharkStatistics, .tsharkFields, .sngrep] {
      results.measurements.append(measurement(program, LargeBench.whole, 20))
    }
    results.measurements.append(measurement(.help, "", 0.005))
    for rate in LargeBench.rates {
      for thousandths in LargeBench.thousandths {
        let name = LargeBench.counted(thousandths, rate: rate)
        results.captures.append(
          Capture(name: name, load: .carrier, registrations: thousandths * 15, rate: rate, bytes: thousandths * 1000))
        results.instructions.append(InstructionCount(capture: name, instructions: thousandths * 1_000_000))
      }
    }
    return results
  }()

  /// Of `make bench`.
  static let small: Results = {
    var results = Results(benchmark: "bench", command: "make bench", machine: machine, versions: [:])
    for (name, count) in [(SmallBench.whole, 200), (SmallBench.twice, 400)] {
      results.captures.append(
        Capture(name: name, load: .plain, registrations: count, rate: 400, bytes: count * 27_900, packets: count * 48))
      results.measurements.append(measurement(.checkOnOneCore, name, Double(count) / 100))
      results.measurements.append(measurement(.loop, name, 0.1))
    }
    for (index, one) in Case.all.enumerated() {
      results.cases.append(
        CaseResult(
          name: one.name, unit: one.unit, items: 7, nanoseconds: Double(index), megabytesPerSecond: 3.5,
          instructions: index == 0 ? nil : 12.25, allocations: index == 0 ? nil : 0.125, peak: 5))
    }
    results.remarks = ["sngrep is not installed: left out"]
    return results
  }()

  @Test(arguments: [small, large]) func whatIsWrittenIsReadAgain(_ results: Results) throws {
    let json = try results.json
    #expect(try Results(json: json) == results)
    #expect(try results.json == json)
  }

  @Test func whatIsNoResultIsRefused() throws {
    #expect(throws: BenchError.self) { try Results(json: Array("{}".utf8)) }
    #expect(throws: BenchError.self) { try Results(json: []) }
    var later = Self.small
    later.schema = 2
    let json = try later.json
    let error = #expect(throws: BenchError.self) { try Results(json: json) }
    #expect(error?.reason == "results of schema 2; this program knows 1")
  }

  @Test func twoRunsAreComparedFigureByFigure() {
    var faster = Self.small
    for index in faster.measurements.indices { faster.measurements[index].seconds = [0.5] }
    faster.cases[1].instructions = 24.5
    faster.cases.removeLast()
    let text = Comparison(old: Self.small, new: faster).text
    #expect(text.contains("| check-1 of whole, s | 2.000 | 0.500 | 0.250 |\n"))
    #expect(text.contains("| \(Case.all[1].name), instructions an item | 12.3 | 24.5 | 2.000 |\n"))
    #expect(text.contains("only in the old results: end to end, ns an item"))
    #expect(!text.contains("different machines"))
  }

  @Test func ratiosAreThoseOfTheSameTurn() throws {
    let check = try #require(Self.large.measurement(.checkOnOneCore, LargeBench.whole))
    let loop = try #require(Self.large.measurement(.loop, LargeBench.whole))
    #expect(check.ratios(to: loop).map { $0.fixed(6) } == ["4.000000", "4.000000", "4.000000"])
  }

  @Test func everyGoalHasItsLine() throws {
    let goals = try #require(Tables(results: Self.large).all.first { $0.name == "goals" }).text
    for goal in ["at most 3", "at most 5", "at least 15", "at least 70", "at least 20", "at most 1.5", "at most 4.4"] {
      #expect(goals.contains("| \(goal)"), "\(goal)")
    }
    #expect(goals.contains("| user time of 4 times the size | at most 4.4 times | 4.00 |\n"))
    #expect(
      goals.contains("| instructions of 4 times the size, 4000 begun in each second | 3.92 to 4.08 times | 4.000 |\n"))
    #expect(goals.contains("| `--help`, ms | under 10 | 5.0 (4.5–5.5) |\n"))
  }

  /// Each row of a table has as many cells as its head.
  @Test(arguments: [small, large]) func tablesAreTables(_ results: Results) {
    for (name, text) in Tables(results: results).all {
      var columns: Int?
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let cells = line.hasPrefix("|") ? line.split(separator: "|", omittingEmptySubsequences: false).count : nil
        if let columns, let cells { #expect(cells == columns, "\(name): \(line)") }
        columns = cells
      }
      #expect(text.contains("|"))
      #expect(!text.contains("nan") && !text.contains("inf"))
    }
  }

  // MARK: The page

  @Test func aPageTakesTheTablesThatItHasPlacesFor() {
    var page = Page("# A page\n<!-- begin cases -->\nold\n<!-- end cases -->\nkept\n<!-- begin other -->\nkept, too\n")
    #expect(page.fill(Self.small) == ["cases"])
    #expect(page.text.hasPrefix("# A page\n<!-- begin cases -->\n\n| case |"))
    #expect(page.text.hasSuffix("|\n\n<!-- end cases -->\nkept\n<!-- begin other -->\nkept, too\n"))
    #expect(!page.text.contains("old"))
    let once = page.text
    #expect(page.fill(Self.small) == ["cases"])
    #expect(page.text == once)
  }

  @Test func thePageOfPerformanceHasAPlaceForEveryTable() throws {
    let text = try String(contentsOf: Files.root.appending(path: "docs/performance.md"), encoding: .utf8)
    var page = Page(text)
    for results in [Self.small, Self.large] {
      #expect(page.fill(results) == Tables(results: results).all.map(\.name))
    }
    #expect(text.contains("(performance.svg)"))
  }

  // MARK: The plot

  @Test(arguments: [large, small]) func theDrawingIsWellFormedAndTheSameEachTime(_ results: Results) {
    let svg = Plot(results: results).svg
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(svg == Plot(results: results).svg)
    #expect(!svg.contains("<script") && !svg.contains("href") && !svg.contains("url("))
    #expect(svg.contains("prefers-color-scheme:dark"))
  }

  @Test func theDrawingHasAPointForEachMeasurement() {
    let plot = Plot(results: Self.large)
    #expect(plot.panels.map(\.title).count == 4)
    #expect(plot.panels.map { $0.series.map(\.points.count) } == [[3, 3, 3], [3, 3], [3], [3, 3]])
    #expect(plot.svg.matches(of: #/<circle /#).count == 24)
    #expect(plot.panels[0].series[0].points.map(\.x) == [1000, 4000, 8000])
    #expect(Plot(panels: []).panels.isEmpty)
  }

  @Test func namesAreSpelledForXML() {
    let panel = Plot.Panel(
      title: "a < b & c", horizontal: "<x>", vertical: "&", series: [.init(name: "<&>", points: [.init(x: 0, y: 0)])])
    #expect(XMLParser(data: Data(Plot(panels: [panel]).svg.utf8)).parse())
  }
}
