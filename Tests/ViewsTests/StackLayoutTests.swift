import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSViews
import TestSupport
import Testing

/// What is pushed, popped and changed on the way, and that both views of it show the same.
@Suite struct StackLayoutTests {
  private static func report(_ trace: String) throws -> FlowReport {
    var reports: [FlowReport] = []
    _ = Analyzer().run([.file(BlockFile(bytes: try TraceText(trace).bytes))]) { reports.append($0) }
    return try #require(reports.first)
  }

  private static func sample(_ name: String) throws -> FlowReport {
    var reports: [FlowReport] = []
    _ = try Captures.run(Files.samples.appending(path: name)) { reports.append($0) }
    return try #require(reports.first)
  }

  /// As far as the challenge.
  private static let registration = LadderLayoutTests.registration.split(separator: "\n").prefix(10).joined(
    separator: "\n")

  private static func changes(_ table: StackLayout.Table) -> [[StackLayout.Change]] {
    table.columns.map { $0.cells.compactMap { $0?.change } }
  }

  @Test func eachHopPushesOneAndTheAnswerPopsItAgain() throws {
    let layout = StackLayout(try Self.report(Self.registration))
    #expect(layout.tables.map(\.isRequest) == [true, false])
    #expect(layout.titles == ["REGISTER (CSeq 1)"])
    #expect(layout.tables[0].columns.map(\.hop) == [.h0, .h1, .h2])
    #expect(layout.tables[0].columns.map { $0.cells.compactMap(\.self).count } == [1, 2, 3])
    #expect(layout.tables[0].rows == 3 && layout.entries.count == 3)
    #expect(Self.changes(layout.tables[0])[0] == [.first])
    #expect(Self.changes(layout.tables[0])[2].first == .pushed)
    // From the S-CSCF to the UE.
    let back = Self.changes(layout.tables[1])
    #expect(back[2] == [.first, .first, .first])
    #expect(back[1] == [.popped, .kept, .kept] && back[0] == [.popped, .kept])
    #expect(layout.tables[1].columns[0].label.hasPrefix("401"))
  }

  @Test func whatANodeWritesIntoAnEntryIsSaid() throws {
    let layout = StackLayout(try Self.sample("aka-registration.pcapng"))
    let gm = try #require(layout.tables.first?.columns.first { $0.hop == .h1 }?.cells.compactMap(\.self).last)
    guard case .changed(let differences) = gm.change else {
      Issue.record("the P-CSCF added nothing to the Via of the UE: \(gm)")
      return
    }
    #expect(differences.contains { $0.hasPrefix("+received=") || $0.hasPrefix("rport=") })
  }

  @Test func anEntryThatNobodyWasToTakeOffIsGone() throws {
    let trace = Self.registration.replacing("I -> S: REGISTER", with: "I -> S: REGISTER\n  -Path")
    let layout = StackLayout(try Self.report(trace), fields: [.path])
    #expect(Self.changes(layout.tables[0]) == [[], [.pushed], [.gone]])
  }

  @Test func routesAreTakenOffOnTheWay() throws {
    let report = try Self.sample("seed-registration.pcap")
    let layout = StackLayout(report, fields: StackLayout.Field.routes)
    let route = try #require(layout.tables.first { $0.field == .route && $0.isRequest })
    #expect(Self.changes(route)[0] == [.first])
    #expect(Self.changes(route)[1] == [.popped])
  }

  @Test(arguments: [60, 80, 100, 160]) func noLineOfTheTablesIsWiderThanAskedFor(_ width: Int) throws {
    for field in [[StackLayout.Field.via], StackLayout.Field.routes] {
      let report = try Self.sample("ipv6.pcapng")
      let text = StackView.render(report, fields: field, others: 0, style: Style(width: width))
      let tables = text.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("  ~") }
      #expect(!tables.isEmpty && tables.allSatisfy { $0.count <= width })
    }
  }

  @Test(arguments: Captures.samples) func theViewsAreKept(_ file: URL) throws {
    var text = ""
    let style = Style(unicode: true, colour: false, width: 100, revealKeys: false)
    _ = try Captures.run(file) { report in
      text += StackView.render(report, fields: [.via], others: 0, style: style)
      text += StackView.render(report, fields: StackLayout.Field.routes, others: 0, style: style)
    }
    try Snapshot.check(text, "\(file.deletingPathExtension().lastPathComponent)/via.txt")
  }
}
