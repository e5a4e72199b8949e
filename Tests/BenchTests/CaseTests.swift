import Foundation
import Testing

@testable import imstrace_bench

@Suite struct CaseTests {
  private func withCapture(_ registrations: Int, _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).pcapng").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try LoadFile(path: file, load: .carrier(registrations: registrations, rate: 400)).write()
    try body(file)
  }

  /// What is measured is work: as many items as the capture has, however often it is done.
  @Test func everyCaseDoesItsWork() throws {
    try withCapture(10) { path in
      let packets = try LibpcapLoop.read(path).packets
      var items: [String: Int] = [:]
      for one in Case.all {
        let work = try one.prepare(path)
        let amount = try work()
        #expect(try work() == amount, "\(one.name)")
        items[one.name] = amount.items
      }
      #expect(items["read"] == packets)
      #expect(items["dissect"] == packets)
      // Two sightings of each of 8 Diameter messages, and of 8 SIP messages of three registrations in the core.
      #expect((items["reassemble"] ?? 0) >= 10 * 16 + 3 * 16)
      #expect(items["SIP index"] == 10 * 12)
      #expect(items["Diameter"] == 10 * 8)
      // Nobody learns keys here: two messages of each of three registrations stay in their ESP.
      #expect(items["messages"] == 10 * 22 - 3 * 2)
      for name in ["correlate", "check", "render text", "render ndjson", "end to end"] { #expect(items[name] == 10) }
    }
  }

  @Test func whatACaseStandsOnIsMeasuredBefore() {
    var known: Set<String> = []
    for one in Case.all {
      #expect(one.beyond.map { known.contains($0) } ?? true)
      #expect(known.insert(one.name).inserted)
    }
  }

  @Test func aCaseThatIsNotThereIsNamed() throws {
    let error = #expect(throws: BenchError.self) { try CaseRunner.perform("fly", "/nowhere", turns: 1) }
    #expect(error?.reason.hasPrefix("no case fly; there are: read, dissect") ?? false)
    #expect(throws: BenchError.self) { try CaseRunner.perform("read", "/nowhere", turns: 1) }
  }

  @Test func itSaysWhatWasDone() throws {
    try withCapture(2) { path in
      let text = try CaseRunner.perform("end to end", path, turns: 2)
      #expect(text.wholeMatch(of: #/2 items, \d+ bytes, \d+ ns/#) != nil, "\(text)")
    }
  }

  /// Medians and spreads, as the tables have them.
  @Test func figuresAreRounded() {
    #expect([3, 1, 2].median == 2)
    #expect([4, 1, 2, 3].median == 2.5)
    #expect([Double]().median == 0)
    #expect([1.0, 2.0, 3.0].middle(1) == "2.0 (1.0–3.0)")
    #expect([1.0].middle(2) == "1.00")
    #expect((-1.005).fixed(1) == "-1.0")
    #expect((0.96).fixed(1) == "1.0")
    #expect(Double.infinity.fixed(1) == "–")
    #expect(1_234_567.grouped == "1 234 567")
    #expect((-12).grouped == "-12")
    #expect(100.grouped == "100")
  }
}
