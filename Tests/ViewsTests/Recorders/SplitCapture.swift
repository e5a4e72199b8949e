import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSMessages
import IMSRules
import IMSViews
import IMSWire
import TestSupport

/// A capture in several files, and what is said of them in the numbers of the whole one.
struct SplitCapture {
  var capture: CaptureEditor
  /// The first packet of each file but the first.
  var borders: [Int]
  var isPcapng = true

  init(_ bytes: [UInt8]) throws {
    capture = try CaptureEditor(bytes)
    borders = []
  }

  /// So many files of as many packets each.
  mutating func cut(_ files: Int) { borders = (1..<files).map { capture.records.count * $0 / files } }

  /// So many files of as much time each.
  mutating func cutByTime(_ files: Int) {
    let times = capture.records.map(\.time)
    let (start, length) = (times.min() ?? 0, (times.max() ?? 0) - (times.min() ?? 0))
    borders = (1..<files).map { number in
      let end = start + length * Int64(number) / Int64(files)
      return times.firstIndex { $0 > end } ?? times.count
    }
  }

  var whole: [UInt8] { file(capture.records[...]) }

  var files: [[UInt8]] { ranges.map { file(capture.records[$0]) } }

  private var ranges: [Range<Int>] {
    let edges = [0] + borders + [capture.records.count]
    return zip(edges, edges.dropFirst()).map { $0..<$1 }
  }

  private func file(_ records: ArraySlice<CaptureRecord>) -> [UInt8] {
    isPcapng
      ? CaptureWriter().pcapng(records, interfaces: capture.interfaces)
      : CaptureWriter().pcap(records, nanoseconds: true, linkType: capture.interfaces[0].linkType)
  }

  // MARK: what is said

  /// NDJSON without the lines of the inputs.
  static func json(_ files: [[UInt8]], threads: Int = 1) -> String {
    var view = JSONView(.ndjson, profile: .field, version: "0")
    var text = view.begin()
    let run = run(files, threads: threads) { text += view.registration($0) }
    text += view.end(run)
    return text.split(separator: "\n").filter { !$0.hasPrefix(#"{"type":"input""#) }.joined(separator: "\n")
  }

  /// The summary without the list of inputs, wide enough for every line.
  static func summary(_ files: [[UInt8]]) -> String {
    var view = SummaryView(style: style, showAll: true)
    var text = ""
    let run = run(files) { text += view.registration($0) }
    text += view.end(run)
    return text.ranges(of: "\nInputs\n").first.map { String(text[..<$0.lowerBound]) } ?? text
  }

  /// What is drawn of each registration: ladder, Via stack, line of the list.
  static func drawings(_ files: [[UInt8]]) -> String {
    var text = ""
    _ = run(files) { report in
      text += LadderView.render(report, others: 0, style: style) + FlowsView.line(report, style: style) + "\n"
      text += StackView.render(report, fields: [.via, .route], others: 0, style: style)
    }
    return text
  }

  static func dump(_ files: [[UInt8]]) -> String {
    var text = ""
    _ = MessageLister().run(sources(files)) { line in
      text += MessageLineView.line(
        line.message, transmission: line.transmission, number: line.number, recorders: line.recorders, style: style,
        interfaceName: { "if\($0.interface)" })
      text += "\n"
    }
    return text
  }

  /// Of each input the one that it continues.
  static func continued(_ files: [[UInt8]], names: [String]? = nil) -> [Int?] {
    Analyzer().run(sources(files, names: names)) { _ in }.inputs.map(\.continues)
  }

  private static func run(_ files: [[UInt8]], threads: Int = 1, _ body: (FlowReport) -> Void) -> RunReport {
    var options = Options()
    options.threads = threads
    return Analyzer(options).run(sources(files), onRegistration: body)
  }

  private static func sources(_ files: [[UInt8]], names: [String]? = nil) -> [FrameLoop.Source] {
    files.enumerated().map { number, bytes in
      .file(BlockFile(bytes: bytes, name: names?[number] ?? "abcdefgh".map(String.init)[number % 8] + ".pcapng"))
    }
  }

  private static var style: Style { Style(unicode: true, colour: false, width: 10_000, revealKeys: false) }

  // MARK: numbers

  /// Frame n of file k is that frame of the whole capture.
  private func frame(_ frame: Substring, _ file: Substring) -> Int? {
    guard let frame = Int(frame), let file = Int(file), file < ranges.count else { return nil }
    return ranges[file].lowerBound + frame
  }

  /// NDJSON in the numbers of the whole capture; nothing else is touched.
  func renumberedJSON(_ text: String) -> String {
    let places = #/"input":(\d+),"frame":(\d+)/#
    let sightings =
      #/"input":(\d+),"interface":(\d+)(,"(?:agent|channel)":\d+)?,"frames":\[([\d,]+)\](?:,"furtherFrames":\[([^\]]*)\])?/#
    // First the places, since further frames are some.
    var result = text.replacing(places) { match in
      frame(match.2, match.1).map { #""input":0,"frame":\#($0)"# } ?? String(match.0)
    }
    result = result.replacing(sightings) { match in
      let own = match.4.split(separator: ",").compactMap { frame($0, match.1) }
      let further = (match.5 ?? "").matches(of: #/"frame":(\d+)/#).compactMap { Int($0.1) }
      let frames = (own + further).map(String.init).joined(separator: ",")
      return #""input":0,"interface":\#(match.2)\#(match.3 ?? ""),"frames":[\#(frames)]"#
    }
    return renumberedWords(result)
  }

  /// Text in the numbers of the whole capture, without the room that longer numbers take.
  func renumberedText(_ text: String) -> String {
    let pairs = #/(^|[^\d:.\w])(\d):(\d+)(?![\d:]|\.\d)/#
    let named = text.replacing(pairs) { match in
      frame(match.3, match.2).map { "\(match.1)\($0)" } ?? String(match.0)
    }
    return Self.narrow(renumberedWords(named))
  }

  /// "frame 3 of input 1".
  private func renumberedWords(_ text: String) -> String {
    text.replacing(#/(\d+) of input (\d+)/#) { match in frame(match.1, match.2).map { String($0) } ?? String(match.0) }
  }

  static func narrow(_ text: String) -> String {
    text.replacing(#/ +/#, with: " ").replacing(#/═+/#, with: "═").replacing(#/─+/#, with: "─")
      .replacing("\n ", with: "\n")
  }
}
