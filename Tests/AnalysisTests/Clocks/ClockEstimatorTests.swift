import IMSBytes
import IMSForge
import IMSMessages
import IMSWire
import Testing

/// Clocks are compared by what two points saw of the same packets, there and back.
@Suite struct ClockEstimatorTests {
  private static let ue = Endpoint(IPAddress(v4: 0x0a0a_0002), 5060)
  private static let proxy = Endpoint(IPAddress(v4: 0x0a14_000a), 5060)
  private static func point(_ number: UInt16) -> CapturePoint { CapturePoint(input: number, interface: 0) }

  /// A wire with a capture point at either end.
  private struct Wire {
    /// Nanoseconds that the second clock is ahead.
    var offset: Int64 = 0
    /// Parts per 10⁹.
    var drift: Int64 = 0
    /// Nanoseconds on the way there and back.
    var there: Int64 = 20_000
    var back: Int64 = 20_000
    var jitter: Int64 = 0
    var points = (ClockEstimatorTests.point(0), ClockEstimatorTests.point(1))
    var numbers = SeededNumbers(seed: 1)

    static let start: Int64 = 1_795_416_073_000_000_000

    mutating func send(_ estimator: inout ClockEstimator, at elapsed: Int64, isThere: Bool, late: Int64 = 0) {
      let delay = isThere ? there : -back
      let noise = jitter > 0 ? Int64.random(in: -jitter...jitter, using: &numbers) : 0
      let first = Wire.start + elapsed
      let second = first + delay + late + offset + elapsed / 1000 * drift / 1_000_000 + noise
      let ends = isThere ? (ue, proxy) : (proxy, ue)
      estimator.add(
        points.0, Timestamp(nanoseconds: first), points.1, Timestamp(nanoseconds: second), from: ends.0, to: ends.1)
    }

    /// A request and its response every `step` nanoseconds.
    mutating func exchange(_ estimator: inout ClockEstimator, count: Int, step: Int64 = 100_000_000) {
      for number in 0..<Int64(count) {
        send(&estimator, at: number * step, isThere: true)
        send(&estimator, at: number * step + 10_000_000, isThere: false)
      }
    }
  }

  private func reading(_ estimator: ClockEstimator, of number: UInt16 = 1) throws -> Clocks.Reading {
    try #require(estimator.clocks.readings.first { $0.point == Self.point(number) })
  }

  /// The stamp that the corrected clock of the second point gives this moment of the first one's.
  private func error(_ estimator: ClockEstimator, _ wire: Wire, at elapsed: Int64, of number: UInt16 = 1) -> Int64 {
    let stamp = Wire.start + elapsed + wire.offset + elapsed / 1000 * wire.drift / 1_000_000
    let corrected = estimator.clocks.corrected(Timestamp(nanoseconds: stamp), at: Self.point(number))
    return abs(corrected.nanoseconds - Wire.start - elapsed)
  }

  @Test(arguments: [300_000_000, -300_000_000, 5_000_000, -1_500_000_000, 20_000_000_000] as [Int64])
  func findsAnOffset(_ offset: Int64) throws {
    var wire = Wire(offset: offset)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 5)
    let reading = try reading(estimator)
    #expect(reading.state == .corrected && reading.reference == Self.point(0))
    #expect(reading.packets == 10)
    #expect(abs(reading.offset.lowerBound.nanoseconds - offset) <= reading.uncertainty.nanoseconds)
    #expect(reading.uncertainty < .milliseconds(1))
    #expect(error(estimator, wire, at: 300_000_000) < 100_000)
  }

  /// The way back takes longer: the offset lies where the uncertainty says.
  @Test func anAsymmetricPathIsWithinTheUncertainty() throws {
    var wire = Wire(offset: 80_000_000, there: 1_000_000, back: 9_000_000)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 10)
    let reading = try reading(estimator)
    #expect(reading.state == .corrected)
    #expect(abs(reading.offset.lowerBound.nanoseconds - wire.offset) <= reading.uncertainty.nanoseconds)
  }

  @Test func clocksInStepAreLeftAlone() throws {
    var wire = Wire(there: 30_000_000, back: 5_000_000, jitter: 200_000)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 40)
    #expect(try reading(estimator).state == .inStep)
    #expect(estimator.clocks.isInStep)
    #expect(error(estimator, wire, at: 1_000_000_000) == 0)
  }

  @Test func findsADrift() throws {
    var wire = Wire(offset: 100_000_000, drift: 20_000, jitter: 200_000)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 6000)
    let reading = try reading(estimator)
    #expect(abs(reading.drift - 20_000) < 1_000, "\(reading.drift) ppb")
    for elapsed in [0, 100_000_000_000, 600_000_000_000] as [Int64] {
      #expect(error(estimator, wire, at: elapsed) < 500_000)
    }
  }

  @Test func aClockWithoutDriftGetsNone() throws {
    var wire = Wire(offset: 100_000_000, jitter: 200_000)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 500)
    #expect(abs(try reading(estimator).drift) < 3_000)
    #expect(error(estimator, wire, at: 25_000_000_000) < 300_000)
  }

  /// A clock that was set in the middle is followed, not averaged.
  @Test func followsAStep() {
    var before = Wire(offset: 250_000_000)
    var after = Wire(offset: -3_000_000)
    var estimator = ClockEstimator()
    for number in 0..<Int64(200) {
      for (isThere, elapsed) in [(true, number * 100_000_000), (false, number * 100_000_000 + 1_000_000)] {
        if number < 100 {
          before.send(&estimator, at: elapsed, isThere: isThere)
        } else {
          after.send(&estimator, at: elapsed, isThere: isThere)
        }
      }
    }
    #expect(error(estimator, before, at: 5_000_000_000) < 500_000)
    #expect(error(estimator, after, at: 15_000_000_000) < 500_000)
  }

  /// A copy that is taken for the first sending of its message, or a packet that stood in a queue.
  @Test func strayPairsOfStampsDoNotMoveIt() throws {
    var wire = Wire(offset: -120_000_000, jitter: 50_000)
    var estimator = ClockEstimator()
    for number in 0..<Int64(60) {
      let late: Int64 = number % 3 == 0 ? (number % 2 == 0 ? 500_000_000 : -500_000_000) : 0
      wire.send(&estimator, at: number * 100_000_000, isThere: true, late: late)
      wire.send(&estimator, at: number * 100_000_000 + 1_000_000, isThere: false, late: late / 7)
    }
    #expect(error(estimator, wire, at: 3_000_000_000) < 200_000)
  }

  @Test func oneDirectionGivesABoundOnly() throws {
    var wire = Wire(offset: 200_000_000, there: 3_000_000)
    var estimator = ClockEstimator()
    for number in 0..<Int64(20) { wire.send(&estimator, at: number * 50_000_000, isThere: true) }
    let reading = try reading(estimator)
    #expect(reading.state == .bounded)
    #expect(reading.offset.contains(.milliseconds(203)))
    #expect(estimator.clocks.isInStep)
  }

  @Test func twoPacketsAreTooFew() throws {
    var wire = Wire(offset: 200_000_000)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 1)
    #expect(try reading(estimator).state == .bounded)
  }

  /// The third point shares packets with the second one only.
  @Test func aChainOfPointsIsComparedWithItsFirst() throws {
    var near = Wire(offset: 90_000_000)
    var far = Wire(offset: -40_000_000, points: (Self.point(1), Self.point(2)))
    var estimator = ClockEstimator()
    near.exchange(&estimator, count: 10)
    far.exchange(&estimator, count: 10)
    #expect(try reading(estimator, of: 2).reference == Self.point(0))
    let whole = Wire(offset: 50_000_000)
    #expect(error(estimator, whole, at: 500_000_000, of: 2) < 100_000)
    #expect(try reading(estimator, of: 0).state == .reference)
  }

  @Test func pointsThatShareNothingAreGroupsOfTheirOwn() throws {
    var near = Wire(offset: 90_000_000)
    var far = Wire(offset: -40_000_000, points: (Self.point(2), Self.point(3)))
    var estimator = ClockEstimator()
    near.exchange(&estimator, count: 10)
    far.exchange(&estimator, count: 10)
    #expect(try reading(estimator, of: 1).reference == Self.point(0))
    #expect(try reading(estimator, of: 3).reference == Self.point(2))
  }

  /// A day with drift and pauses stays within its bounds and is met everywhere.
  @Test func aLongCaptureIsMetFromEndToEnd() throws {
    var wire = Wire(offset: 10_000_000, drift: -15_000, jitter: 100_000)
    var estimator = ClockEstimator()
    wire.exchange(&estimator, count: 8_640, step: 10_000_000_000)
    for elapsed in stride(from: 0, through: 86_000_000_000_000, by: 8_600_000_000_000) as StrideThrough<Int64> {
      #expect(error(estimator, wire, at: elapsed) < 1_000_000)
    }
  }

  @Test func theOrderOfPacketsDoesNotMatter() {
    var packets: [(Int64, Bool)] = []
    for number in 0..<Int64(100) {
      packets += [(number * 20_000_000, true), (number * 20_000_000 + 5_000_000, false)]
    }
    var numbers = SeededNumbers(seed: 9)
    let wire = Wire(offset: 70_000_000)
    for _ in 0..<5 {
      packets.shuffle(using: &numbers)
      var estimator = ClockEstimator()
      var wire = wire
      for (elapsed, isThere) in packets { wire.send(&estimator, at: elapsed, isThere: isThere) }
      #expect(error(estimator, wire, at: 1_000_000_000) < 50_000)
    }
  }

  /// Absurd stamps neither trap nor take memory.
  @Test func survivesAbsurdStamps() {
    var estimator = ClockEstimator()
    var numbers = SeededNumbers(seed: 4)
    let absurd: [Int64] = [.min, .max, 0, -1, 1, Wire.start]
    for number in 0..<2000 {
      let first = absurd.randomElement(using: &numbers) ?? 0
      let second =
        number % 2 == 0 ? absurd.randomElement(using: &numbers) ?? 0 : Int64.random(in: .min ... .max, using: &numbers)
      let ends = number % 3 == 0 ? (Self.ue, Self.proxy) : (Self.proxy, Self.ue)
      estimator.add(
        Self.point(UInt16(number % 5)), Timestamp(nanoseconds: first), Self.point(UInt16(5 + number % 3)),
        Timestamp(nanoseconds: second), from: ends.0, to: ends.1)
    }
    let clocks = estimator.clocks
    for stamp in absurd { _ = clocks.corrected(Timestamp(nanoseconds: stamp), at: Self.point(6)) }
    #expect(clocks.readings.count <= 8)
  }
}
