import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSViews
import Testing

/// The summary stays short: one line for what went well, ten for what did not, and one for all that failed alike.
@Suite struct SummaryTests {
  /// The blocks of a summary: a headline that is not indented, and what is indented below it.
  private func blocks(_ text: String) -> [[Substring]] {
    var blocks: [[Substring]] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") { blocks.append([line]) }
      if line.hasPrefix("   "), !blocks.isEmpty { blocks[blocks.count - 1].append(line) }
    }
    return blocks
  }

  @Test(arguments: Captures.all) func noBlockIsLongerThanTenLines(_ file: URL) throws {
    #expect(blocks(try Captures.summary(file)).allSatisfy { $0.count <= 10 })
  }

  /// So many subscribers whose REGISTER is refused by the S-CSCF.
  private func refused(_ count: Int) throws -> [UInt8] {
    let one = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> S: REGISTER sip:hims.net
      S -> I: 403 Forbidden
      I -> P: 403 Forbidden
      P -> UE: 403 Forbidden
      """
    return try TraceText((1...count).map { "user subscriber\($0)\n\(one)" }.joined(separator: "\n")).bytes
  }

  private func summary(_ bytes: [UInt8], all: Bool) -> String {
    var view = SummaryView(style: Style(), showAll: all)
    var text = ""
    let run = Analyzer().run([.file(BlockFile(bytes: bytes))]) { text += view.registration($0) }
    return text + view.end(run)
  }

  @Test func fromTheTwentyFirstBlockOfOneCauseOnOneLineIsEnough() throws {
    let text = summary(try refused(25), all: false)
    #expect(blocks(text).filter { $0.count > 1 }.count == 20)
    #expect(text.contains("+5 like #"))
    #expect(text.contains("25 registrations: 25 rejected"))
  }

  @Test func allPrintsEveryBlock() throws {
    let text = summary(try refused(25), all: true)
    #expect(blocks(text).filter { $0.count > 1 }.count == 25)
    #expect(!text.contains(" like #"))
  }

  @Test func whatWentWellTakesOneLine() throws {
    let trace = try TraceText(
      """
      UE -> P: REGISTER sip:hims.net
      P -> UE: 401 Unauthorized
      UE -> P: REGISTER sip:hims.net
      P -> UE: 200 OK
      """)
    let lines = blocks(summary(trace.bytes, all: false))
    #expect(lines.count == 1 && lines[0].count == 1, "\(lines)")
    #expect(lines.first?.first?.contains("registered") == true)
  }
}
