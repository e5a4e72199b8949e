import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// The coverage says of each hop from when to when it was seen, and where.
@Suite struct HopCoverageTests {
  private func spans(_ files: [UInt8]...) -> [HopCoverage.Span] { Lab.run(files).run.coverage.hops.spans }

  @Test func aHopFollowsFromItsPlace() {
    for (place, hop) in Hop.allCases.enumerated() {
      #expect(hop.ordinal == place && Hop(ordinal: UInt64(place)) == hop)
    }
    #expect(Hop(ordinal: UInt64(Hop.allCases.count)) == nil && Hop(ordinal: .max) == nil)
  }

  @Test func everyHopIsSaidWithTheStampsOfItsFirstAndLastPacket() throws {
    let trace = try TraceText(
      """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER
      I -> HSS: UAR
      HSS -> I: UAA 2001
      I -> P: 403 Forbidden
      P -> UE: 403 Forbidden
      """)
    func time(_ arrow: Int64) -> Timestamp { Timestamp(nanoseconds: TraceText.start + arrow * 1_000_000) }
    let point = CapturePoint(input: 0, interface: 0)
    let spans = spans(trace.bytes)
    #expect(spans.map(\.hop) == [.h0, .h1, .c1])
    #expect(spans.map(\.first) == [time(0), time(1), time(2)])
    #expect(spans.map(\.last) == [time(5), time(4), time(3)])
    #expect(spans.allSatisfy { $0.point == point && $0.packets == 2 })
  }

  /// Each point of the recording saw what its node sends and receives.
  @Test func everyPointIsSaidForTheHopsItSaw() throws {
    let capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let spans = spans(capture.pcapng)
    let flow = try #require(Lab.reports(capture.pcapng).first?.flow)
    for hop in Hop.allCases {
      var seen: [CapturePoint: [Timestamp]] = [:]
      for placed in flow.messages where placed.hop == hop {
        for sighting in placed.message.transmissions.flatMap(\.sightings) {
          seen[sighting.point, default: []].append(sighting.stamp)
        }
      }
      let found = spans.filter { $0.hop == hop }
      #expect(found.map(\.point) == seen.keys.sorted())
      for span in found {
        let times = seen[span.point] ?? []
        #expect(span.first == times.min() && span.last == times.max() && span.packets == times.count)
      }
    }
    #expect(Set(spans.map(\.hop)).isSuperset(of: [.h0, .h1, .h2, .c1, .c2]))
  }

  /// Two files, the second of which begins later: the times say so, and are those of the right clock.
  @Test func aPointThatCameLaterIsSeenLater() throws {
    let both = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let early = both.only(interface: 0)
    var late = both.only(interface: 3)
    let start = late.records.map(\.time).min() ?? 0
    late.drop { $0.time < start + 5_000_000 }
    let spans = spans(early.pcapng, late.pcapng).filter { $0.hop == .h0 }
    try #require(spans.map(\.point.input) == [0, 1])
    #expect(spans[1].first > spans[0].first && spans[1].first.nanoseconds >= start + 5_000_000)
    #expect(spans[1].packets < spans[0].packets + 2)
  }

  @Test func aHopThatWasNotCapturedIsNotNamed() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    capture.keep(interface: 0)
    #expect(Set(spans(capture.pcapng).map(\.hop)) == [.h0])
  }

  @Test func registrationsThatAreNotSelectedCountToo() throws {
    let bytes = try Files.sample("aka-registration.pcapng")
    var options = Options()
    options.selection.registration = 99
    #expect(Lab.run([bytes], options: options).run.coverage.hops.spans == spans(bytes))
  }
}
