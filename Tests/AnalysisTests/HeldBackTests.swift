import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import Testing

@testable import IMSAnalysis

@Suite struct HeldBackTests {
  /// Ended after so many milliseconds.
  private static func ended(_ milliseconds: [Int64]) throws -> [Lane.Ended] {
    let report = try #require(Lab.reports(try TraceText("UE -> P: REGISTER sip:hims.net\nP -> UE: 200 OK").bytes).first)
    return milliseconds.map { time in
      var report = report
      report.flow.closedAt = Timestamp(nanoseconds: time * 1_000_000)
      return Lane.Ended(beat: Int(time), order: report.flow.order, report: report, isJudged: true, hops: [])
    }
  }

  private static func take(_ held: inout HeldBack) -> [Int] {
    var beats: [Int] = []
    while let first = held.first {
      let ended = held.popFirst()
      if ended?.order != first { return [] }
      beats += ended.map { [$0.beat] } ?? []
    }
    return beats
  }

  @Test func whatEndedFirstGoesFirst() throws {
    var held = HeldBack()
    for one in try Self.ended([3, 1, 2, 5, 4]) { held.insert(one) }
    #expect(held.popFirst()?.beat == 1)
    for one in try Self.ended([1, 6]) { held.insert(one) }
    #expect(Self.take(&held) == [1, 2, 3, 4, 5, 6])
    #expect(held.first == nil && held.popFirst() == nil)
  }

  @Test func manyAreSortedAtOnce() throws {
    var held = HeldBack()
    let times = (0..<600).map { Int64($0 * 7 % 600) }
    for one in try Self.ended(times) { held.append(one) }
    held.sort()
    #expect((0..<300).allSatisfy { held.popFirst()?.beat == $0 })
    for one in try Self.ended([1]) { held.append(one) }
    held.sort()
    #expect(Self.take(&held) == [1] + Array(300..<600))
  }
}
