package import IMSBytes
package import IMSWire

/// How far the clock of each capture point is ahead of that of a reference point: what is taken off its stamps.
///
/// Points that share packets form a group; the first point of the group (by input and interface) is the reference. A clock
/// that is off by no more than can be told is left alone, so that captures whose points are in step keep their stamps.
package struct Clocks: Sendable {
  package struct Reading: Sendable, Equatable {
    package enum State: String, Sendable {
      /// The others of its group are compared with it.
      case reference
      /// No difference that could be told.
      case inStep
      /// Its stamps are corrected.
      case corrected
      /// Known in one direction only, or by too few packets: stamps are left as they are.
      case bounded
    }

    package var point: CapturePoint
    package var state: State
    package var reference: CapturePoint
    /// Ahead of the reference where the group's stamps begin and where they end; for a bounded one the smallest and the
    /// largest difference of stamps.
    package var offset: ClosedRange<Interval>
    package var uncertainty: Interval
    /// Parts per 10⁹.
    package var drift: Int64
    /// Packets shared with the point it was compared with; none where requests and responses alone compare them.
    package var packets: Int
  }

  /// As many packets must two points share.
  package static let fewestPackets = 3
  /// On one host stamps are out of order by so much.
  static var tolerance: Interval { .milliseconds(1) }

  /// By point.
  package private(set) var readings: [Reading] = []
  /// Of the points whose stamps are corrected, by point.
  private var corrections: [(point: CapturePoint, track: ClockTrack)] = []

  /// Of the points whose clocks are known, the reference that they are compared with.
  private var groups: [(point: CapturePoint, reference: CapturePoint)] = []

  /// Every clock is right.
  package init() {}

  init(_ pairs: [PairClock]) {
    var links = pairs.compactMap { Link($0) }
    links.sort { ($0.uncertainty, $0.pair.first, $0.pair.second) < ($1.uncertainty, $1.pair.first, $1.pair.second) }
    for point in Set(links.flatMap { [$0.pair.first, $0.pair.second] }).sorted() {
      if !readings.contains(where: { $0.point == point }) { spread(from: point, links) }
    }
    bound(pairs)
    readings.sort { $0.point < $1.point }
    for reading in readings where reading.state != .bounded { groups.append((reading.point, reading.reference)) }
  }

  /// A pair whose offset is known.
  private struct Link {
    var pair: PairClock
    var track: ClockTrack
    var uncertainty: Int64 { track.uncertainty }

    init?(_ pair: PairClock) {
      guard pair.packets >= Clocks.fewestPackets, let track = pair.track else { return nil }
      self.pair = pair
      self.track = track
    }
  }

  /// Reads every clock that can be compared with this point's, by the surest steps first.
  private mutating func spread(from reference: CapturePoint, _ links: [Link]) {
    var known = [(point: reference, track: ClockTrack.none)]
    while let (link, base, isForward) = Clocks.next(links, known) {
      let point = isForward ? link.pair.second : link.pair.first
      let track = base + (isForward ? link.track : link.track.reversed)
      known.append((point, track))
      let isInStep = track.magnitude <= track.uncertainty + Clocks.tolerance.nanoseconds
      let ends = [track.knots[0].offset, track.knots[track.knots.count - 1].offset].map { Interval(nanoseconds: $0) }
      readings.append(
        Reading(
          point: point, state: isInStep ? .inStep : .corrected, reference: reference,
          offset: min(ends[0], ends[1])...max(ends[0], ends[1]),
          uncertainty: Interval(nanoseconds: track.uncertainty), drift: track.drift, packets: link.pair.packets))
      if !isInStep { corrections.append((point, track)) }
    }
    if known.count > 1 { readings.append(.reference(reference)) }
  }

  /// The surest step from a point that is known to one that is not.
  private static func next(
    _ links: [Link], _ known: [(point: CapturePoint, track: ClockTrack)]
  ) -> (Link, ClockTrack, isForward: Bool)? {
    for link in links {
      let first = known.first { $0.point == link.pair.first }
      let second = known.first { $0.point == link.pair.second }
      if let first, second == nil { return (link, first.track, true) }
      if let second, first == nil { return (link, second.track, false) }
    }
    return nil
  }

  /// Points that share packets with others, but not so that their clocks could be compared.
  private mutating func bound(_ pairs: [PairClock]) {
    for pair in pairs.sorted(by: { ($0.first, $0.second) < ($1.first, $1.second) }) {
      let isKnown = (readings.contains { $0.point == pair.first }, readings.contains { $0.point == pair.second })
      let range = Interval(nanoseconds: pair.least)...Interval(nanoseconds: pair.most)
      switch isKnown {
      case (true, true): break
      case (true, false): readings.append(.bounded(pair.second, by: pair.first, range, pair.packets))
      case (false, true):
        let reversed = Interval(nanoseconds: -pair.most)...Interval(nanoseconds: -pair.least)
        readings.append(.bounded(pair.first, by: pair.second, reversed, pair.packets))
      case (false, false):
        readings += [.reference(pair.first), .bounded(pair.second, by: pair.first, range, pair.packets)]
      }
    }
  }

  /// The readings with what was taken off the stamps before they were compared.
  package func shifted(by shifts: ClockShifts) -> Clocks {
    var whole = self
    for index in readings.indices {
      let reading = readings[index]
      let gross = shifts[reading.point] - shifts[reading.reference]
      if gross == .zero { continue }
      whole.readings[index].state = .corrected
      whole.readings[index].offset = reading.offset.lowerBound + gross...reading.offset.upperBound + gross
    }
    for bound in shifts.bounds { whole.take(bound) }
    return whole
  }

  /// Where packets compared the clock as well, they know better.
  private mutating func take(_ bound: ClockShifts.Bound) {
    if readings.contains(where: { $0.point == bound.point && $0.state != .reference }) { return }
    var reading = Reading.bounded(bound.point, by: bound.reference, bound.offset, 0)
    reading.state = .corrected
    readings.removeAll { $0.point == bound.point }
    readings.append(reading)
    if !readings.contains(where: { $0.point == bound.reference }) { readings.append(.reference(bound.reference)) }
    readings.sort { $0.point < $1.point }
  }

  /// No stamp is changed.
  package var isInStep: Bool { corrections.isEmpty }

  /// How far two stamps of one moment may be apart.
  package var spread: Interval {
    let magnitude = corrections.map(\.track.magnitude).max() ?? 0
    return Interval(nanoseconds: 2 * magnitude)
  }

  /// Are these two clocks known to be in step, or made so?
  package func compares(_ first: CapturePoint, _ second: CapturePoint) -> Bool {
    let (first, second) = (first.clock, second.clock)
    if first == second { return true }
    var (mine, other): (CapturePoint?, CapturePoint?)
    for group in groups {
      if group.point == first { mine = group.reference }
      if group.point == second { other = group.reference }
      if mine != nil, other != nil { break }
    }
    return mine != nil && mine == other
  }

  /// Of the stamps that are corrected.
  package var largestUncertainty: Interval {
    Interval(nanoseconds: corrections.map(\.track.uncertainty).max() ?? 0)
  }

  package func uncertainty(of point: CapturePoint) -> Interval {
    corrections.first { $0.point == point.clock }.map { Interval(nanoseconds: $0.track.uncertainty) } ?? .zero
  }

  /// The stamp by the reference's clock.
  package func corrected(_ time: Timestamp, at point: CapturePoint) -> Timestamp {
    if corrections.isEmpty { return time }
    guard let entry = corrections.first(where: { $0.point == point.clock }) else { return time }
    return time - Interval(nanoseconds: entry.track.offset(at: time))
  }
}

extension CapturePoint {
  /// What has a clock: an interface of an input, whatever the kernel's interfaces in it.
  var clock: CapturePoint { agent == nil ? CapturePoint(input: input, interface: interface) : self }
}

extension Clocks.Reading {
  fileprivate static func reference(_ point: CapturePoint) -> Clocks.Reading {
    Clocks.Reading(
      point: point, state: .reference, reference: point, offset: .zero ... .zero, uncertainty: .zero, drift: 0,
      packets: 0)
  }

  fileprivate static func bounded(
    _ point: CapturePoint, by other: CapturePoint, _ range: ClosedRange<Interval>, _ packets: Int
  ) -> Clocks.Reading {
    let half = (range.upperBound - range.lowerBound).nanoseconds / 2
    return Clocks.Reading(
      point: point, state: .bounded, reference: other, offset: range, uncertainty: Interval(nanoseconds: half),
      drift: 0, packets: packets)
  }
}
