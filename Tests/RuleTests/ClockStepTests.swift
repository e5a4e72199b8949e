import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import Testing

/// A recorder whose clock is set back in the middle of a registration: what is told of it is less, not something else.
@Suite struct ClockStepTests {
  @Test(arguments: [Int64(1), 5, 20, 60, 3600]) func aClockThatIsSetBackBreaksNoRule(seconds: Int64) throws {
    let whole = try Trace.sample("aka-registration.pcapng")
    let plain = try #require(Trace.reports(whole).first)
    let answer = try #require(plain.flow.messages.first { $0.hop == .h0 && $0.isRequest && $0.time > plain.flow.start })
    var editor = whole
    for index in editor.records.indices where editor.records[index].time >= answer.time.nanoseconds {
      editor.records[index].time -= seconds * 1_000_000_000
    }
    let reports = Trace.reports(editor)
    #expect(!reports.isEmpty)
    let known = Set(plain.findings.map(\.rule))
    #expect(known.isSuperset(of: reports.flatMap { $0.findings.map(\.rule) }), "\(reports.map(\.findings))")
  }
}
