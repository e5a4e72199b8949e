import Foundation
import IMSFlows
import IMSRules
import IMSViews
import TestSupport
import Testing

/// `diagram SampleCaptures/seed-registration.pcap --only I-CSCF --detail full` against the published view, which
/// icscf-view.tsv holds.
@Suite struct SeedViewTests {
  private struct Arrow: Hashable {
    var step: String
    var from: String
    var to: String
  }

  private struct Row {
    var arrow: Arrow
    var name: String
    var value: String
  }

  private static func table() throws -> [Row] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "icscf-view.tsv")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      let cells = $0.split(separator: "\t").map(String.init)
      try #require(cells.count == 5)
      return Row(
        arrow: Arrow(step: cells[0], from: cells[1], to: cells[2]), name: cells[3],
        value: cells[4].replacing("UE-IP", with: "192.0.2.10").replacing("UE-Server-Port", with: "40002"))
    }
  }

  @Test func theViewOfTheICSCFIsThePublishedOne() throws {
    var reports: [FlowReport] = []
    _ = try Captures.run(Files.samples.appending(path: "seed-registration.pcap")) { reports.append($0) }
    let layout = LadderLayout(try #require(reports.first), LadderLayout.Options(detail: .full, only: .icscf))
    let drawn = layout.arrows.map { arrow in
      (
        Arrow(step: arrow.step, from: layout.lanes[arrow.from].title, to: layout.lanes[arrow.to].title),
        arrow.parameters
      )
    }
    let table = try Self.table()
    var order: [Arrow] = []
    for row in table where order.last != row.arrow { order.append(row.arrow) }
    #expect(drawn.map(\.0) == order)
    for (arrow, parameters) in drawn {
      var searched: [String: Int] = [:]
      for row in table where row.arrow == arrow && row.value != "lost" {
        // Parts of one value stand in one line; entries of a stack in lines of their own.
        let start = row.name == "Via" ? searched[row.name] ?? 0 : 0
        let found = parameters.indices.dropFirst(start).first {
          parameters[$0].hasPrefix(row.name + ": ") && parameters[$0].contains(row.value)
        }
        #expect(found != nil, "\(arrow.step) \(row.name): \(row.value)")
        searched[row.name] = (found ?? start) + 1
      }
    }
  }
}
