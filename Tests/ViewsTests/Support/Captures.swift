import Foundation
import IMSAnalysis
import IMSBytes
import IMSRules
import IMSViews
import IMSWire
import TestSupport

/// The captures that views are tested with, and the views of each.
enum Captures {
  static let samples = Files.sampleCaptures
  static let all = samples + Files.captures(in: "lab")

  static func run(_ file: URL, options: Options = Options(), _ body: (FlowReport) -> Void) throws -> RunReport {
    let bytes = [UInt8](try Data(contentsOf: file))
    return Analyzer(options).run([.file(BlockFile(bytes: bytes, name: file.lastPathComponent))], onRegistration: body)
  }

  static func json(_ file: URL, _ format: JSONView.Format, options: Options = Options()) throws -> String {
    var view = JSONView(format, profile: options.profile, version: "0")
    var text = view.begin()
    let run = try run(file, options: options) { text += view.registration($0) }
    return text + view.end(run)
  }

  static func summary(_ file: URL, options: Options = Options(), revealKeys: Bool = false) throws -> String {
    var view = SummaryView(
      style: Style(unicode: true, colour: false, width: 100, revealKeys: revealKeys), showAll: true)
    var text = ""
    let run = try run(file, options: options) { text += view.registration($0) }
    return text + view.end(run)
  }

  static func ladders(_ file: URL, unicode: Bool = true) throws -> String {
    var text = ""
    let style = Style(unicode: unicode, colour: false, width: 100, revealKeys: false)
    _ = try run(file) { text += LadderView.render($0, others: 0, style: style) }
    return text
  }

  static func dump(_ file: URL, revealKeys: Bool = false) throws -> String {
    let style = Style(unicode: true, colour: false, width: 100, revealKeys: revealKeys)
    let bytes = [UInt8](try Data(contentsOf: file))
    return MessageLister().collect([.file(BlockFile(bytes: bytes))]).messages.map { message in
      let line = MessageLineView.line(message, transmission: 0, number: 1, style: style) { "if\($0.interface)" }
      return line + "\n" + MessageLineView.details(message, style: style)
    }.joined()
  }
}
