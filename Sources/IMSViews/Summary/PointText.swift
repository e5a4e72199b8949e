import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire

/// What a summary says of the capture points: which hop each of them saw, from when to when, and whether their clocks agree.
struct PointText {
  /// Points of one hop that are named.
  private static let pointLimit = 6

  private let coverage: Coverage
  private let names: InterfaceNames
  /// Everything was seen on one day.
  private let isOneDay: Bool

  init(_ run: RunReport) {
    coverage = run.coverage
    names = InterfaceNames(run.inputs)
    let spans = coverage.hops.spans
    isOneDay = Set(spans.flatMap { [TimeText.date($0.first), TimeText.date($0.last)] }).count <= 1
  }

  var lines: [String] {
    let spans = coverage.hops.spans
    let hops = Hop.allCases.compactMap { hop -> String? in
      let mine = spans.filter { $0.hop == hop }
      guard !mine.isEmpty else { return nil }
      let places = mine.prefix(PointText.pointLimit).map { "\(name($0.point)) \(time($0.first)) to \(time($0.last))" }
      let hidden = mine.count - places.count
      let more = hidden > 0 ? " and at \(counted(hidden, "more capture point"))" : ""
      return "\(hop.title) seen at \(places.joined(separator: ", "))\(more)"
    }
    return hops + clocks
  }

  /// Those that were corrected or are in doubt are a finding.
  private var clocks: [String] {
    let compared = coverage.clocks.readings.filter { $0.state == .inStep }
    guard let worst = compared.map(\.uncertainty).max() else { return [] }
    return [
      "clocks in step, as far as shared packets tell: \(counted(compared.count, "capture point")) compared with "
        + "\(counted(Set(compared.map(\.reference)).count, "other")), ± \(TimeText.milliseconds(worst)) ms"
    ]
  }

  private func name(_ point: CapturePoint) -> String {
    point.channel == 0 ? names(point) : "\(names(point))#\(point.channel)"
  }

  private func time(_ time: Timestamp) -> String {
    isOneDay ? TimeText.timeOfDay(time) : "\(TimeText.date(time)) \(TimeText.timeOfDay(time))"
  }
}
