import IMSBytes
import IMSMessages
import IMSWire

extension Rule {
  static let TIM008 = Rule(
    ofCapture: "TIM008", .info, "Clock skew between capture points", since: "0.2",
    why: """
      Two capture points that stamp one packet with two times make an answer come before its question, and a latency \
      between them is wrong by the difference of their clocks. imstrace takes the offset and the drift off the stamps \
      where it can tell them, and says so; where more than 100 ms remain it warns, because no time between \
      the two points means anything then. Clocks that are seconds or hours apart are compared before the first packet \
      is read, by messages that several captures hold.
      """,
    traps: """
      The way between two points takes time: an offset is known only from packets there and back. Of packets in one \
      direction only the smallest difference is judged, and a way that takes longer than 100 ms looks like a clock. \
      Points that saw no packet in common are not compared. Whose clock is right nobody can tell: the \
      first point of each group, in the order of the inputs, is the reference.
      """,
    when: "captures of several capture points", needs: [.sharedPackets(Clocks.fewestPackets)],
    flagged: [
      Example(
        "a second capture point at the P-CSCF, 150 ms ahead: its stamps are corrected",
        """
        clock P +150ms
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
      Example(
        "the second point saw requests alone, 250 ms behind: a warning",
        """
        clock P -250ms received
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 10s
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
    ],
    clean: [
      Example(
        "two points in step",
        """
        clock P +0ms
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
      Example(
        "requests alone, 40 ms apart: the way may be so long",
        """
        clock P +40ms received
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        wait 10s
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
      Example(
        "one capture point",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
    ]
  ) { run, report in
    let names = InterfaceNames(run.inputs)
    for reading in run.coverage.clocks.readings {
      let other = names(reading.reference)
      switch reading.state {
      case .reference, .inStep: break
      case .corrected:
        report(
          """
          the clock of \(names(reading.point)) is off by \(off(reading.offset)) against that of \(other): its stamps were \
          corrected
          """,
          at: [], observed: evidence(reading), expected: "clocks in step")
      case .bounded:
        let least = nearest(reading.offset)
        guard reading.packets >= Clocks.fewestPackets, least.magnitude > tolerance else { break }
        report(
          """
          the clock of \(names(reading.point)) is off by \(off(least...least)) or more against that of \(other) and could not \
          be corrected: no packets there and back tell how long the way is
          """,
          at: [], observed: "\(off(reading.offset)), by \(reading.packets) packets in one direction",
          expected: "no more than \(milliseconds(tolerance))", severity: .warning)
      }
    }
  }

  /// An offset that may remain.
  private static let tolerance = Interval.milliseconds(100)

  /// The difference that is nearest to none.
  private static func nearest(_ range: ClosedRange<Interval>) -> Interval {
    if range.contains(.zero) { return .zero }
    return range.lowerBound > .zero ? range.lowerBound : range.upperBound
  }

  /// "+150.000 ms", "-3.000 ms to +1.500 ms", "+3600.000 s".
  private static func off(_ range: ClosedRange<Interval>) -> String {
    let ends = [range.lowerBound, range.upperBound].map { end in
      let size = end.magnitude
      let text = size < .seconds(10) ? milliseconds(size) : thousandths((size.nanoseconds + 500_000) / 1_000_000) + " s"
      return (end < .zero ? "-" : "+") + text
    }
    return ends[0] == ends[1] ? ends[0] : "\(ends[0]) to \(ends[1])"
  }

  /// "± 0.021 ms, drift 20.000 ppm, by 41 packets".
  private static func evidence(_ reading: Clocks.Reading) -> String {
    let drift = reading.drift == 0 ? "" : ", drift \(thousandths(reading.drift)) ppm"
    let proof = reading.packets > 0 ? "\(reading.packets) packets" : "what passed through both"
    return "± \(milliseconds(reading.uncertainty))\(drift), by \(proof)"
  }

  private static func milliseconds(_ interval: Interval) -> String { thousandths(interval.nanoseconds / 1000) + " ms" }

  /// 20500 as "20.500".
  private static func thousandths(_ value: Int64) -> String {
    let digits = String(value.magnitude % 1000)
    let zeros = String(repeating: "0", count: 3 - digits.count)
    return "\(value < 0 ? "-" : "")\(value.magnitude / 1000).\(zeros)\(digits)"
  }
}
