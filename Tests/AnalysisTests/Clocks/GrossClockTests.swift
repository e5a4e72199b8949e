import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// Captures of several points whose clocks are minutes and hours apart: they are read as one all the same.
@Suite struct GrossClockTests {
  private static let second: Int64 = 1_000_000_000
  private static let samples = [
    "aka-registration.pcapng", "resynchronisation.pcapng", "de-registration.pcapng", "sip-digest.pcapng",
    "ipv6.pcapng", "wrong-key.pcapng",
  ]

  /// The last points by an hour and more, one of them the other way.
  private static func shifts(_ count: Int) -> [Int64] {
    (0..<count).map { number in
      switch count - number {
      case 1: 3600 * second
      case 2: -7200 * second
      case 3: 12 * second
      default: 0
      }
    }
  }

  private static func shifted(_ sample: String, by shifts: (Int) -> [Int64]) throws -> CaptureEditor {
    var capture = try CaptureEditor(Files.sample(sample))
    let offsets = shifts(capture.interfaces.count)
    capture.mapRecords { $0.time += offsets[$0.interface] }
    return capture
  }

  private static func merged(_ capture: CaptureEditor) -> [[UInt8]] {
    var sorted = capture
    sorted.sortByTime()
    return [sorted.pcapng]
  }

  private static func apart(_ capture: CaptureEditor) -> [[UInt8]] {
    capture.interfaces.indices.map { capture.only(interface: $0).pcapng }
  }

  private static func sources(_ files: [[UInt8]], names: [String] = []) -> [FrameLoop.Source] {
    files.indices.map { number in
      // Names that differ in digits would be those of a series.
      let name = names.isEmpty ? String(repeating: "f", count: number) : names[number]
      return .file(BlockFile(bytes: files[number], name: name))
    }
  }

  private static func run(_ files: [[UInt8]], _ options: Options = Options()) -> (lines: [String], run: RunReport) {
    var lines: [String] = []
    let run = Analyzer(options).run(sources(files)) { report in
      let flow = report.flow
      lines.append("\(flow.kind) \(flow.mechanism) \(flow.outcome) \(flow.finalStatus ?? 0)")
      lines += flow.deviations.map { "deviation \($0.kind) \($0.step) \($0.hop.rawValue)" }
      lines += flow.messages.map { "\($0.hop?.rawValue ?? "–") \($0.step ?? "–") \($0.message.sightingCount)×" }
      lines += report.findings.map { "\($0.severity) \($0.rule) \($0.message): \($0.observed)" }
      lines += report.notObservable.map { "\($0.rule) \($0.reason)" }
    }
    return (lines, run)
  }

  /// The UE's point shares no packet with those of the S-CSCF and the HSS: nobody can tell how far they are apart.
  @Test(arguments: ["aka-registration.pcapng", "de-registration.pcapng"], [-700, -30, -5, -3, 5, 200] as [Int64])
  func pointsThatShareNothingMayBeOffByLess(sample: String, milliseconds: Int64) throws {
    func lines(_ offset: Int64) throws -> [String] {
      let count = try CaptureEditor(Files.sample(sample)).interfaces.count
      let capture = try Self.shifted(sample) { _ in
        (0..<count).map { $0 < count - 2 ? 0 : offset * 1_000_000 }
      }
      return Self.run([0, count - 2, count - 1].map { capture.only(interface: $0).pcapng }).lines
    }
    func isOrder(_ line: String) -> Bool { line.contains("×") }
    let (right, shifted) = (try lines(0), try lines(milliseconds))
    #expect(shifted.filter { !isOrder($0) } == right.filter { !isOrder($0) })
    #expect(shifted.filter(isOrder).sorted() == right.filter(isOrder).sorted())
    #expect(right.count > 20)
  }

  @Test(arguments: samples) func whatIsSaidDoesNotDependOnTheClocks(sample: String) throws {
    let right = Self.run([try Files.sample(sample)]).lines
    let wrong = try Self.shifted(sample, by: Self.shifts)
    #expect(!right.isEmpty)
    // Between points that share no packet, which comes first of two messages that are as good as simultaneous is not known.
    #expect(Self.run(Self.merged(wrong)).lines.sorted() == right.sorted(), "merged")
    #expect(Self.run(Self.apart(wrong)).lines.sorted() == right.sorted(), "a file for each point")
  }

  @Test func theReportDoesNotDependOnTheLanes() throws {
    let files = Self.merged(try Self.shifted(Self.samples[0], by: Self.shifts))
    var options = Options()
    let one = Self.run(files, options).lines
    for threads in [2, 4] {
      options.threads = threads
      #expect(Self.run(files, options).lines == one, "\(threads) lanes")
    }
  }

  @Test func theClocksAreTold() throws {
    let wrong = try Self.shifted(Self.samples[0], by: Self.shifts)
    let offsets = Self.shifts(wrong.interfaces.count)
    for (files, isApart) in [(Self.merged(wrong), false), (Self.apart(wrong), true)] {
      let run = Self.run(files).run
      for reading in run.coverage.clocks.readings {
        let number = Int(isApart ? reading.point.input : reading.point.interface)
        let error = reading.offset.lowerBound.nanoseconds - offsets[number]
        #expect(abs(error) < 1_000_000, "point \(number): \(error) ns")
        if offsets[number] != 0 { #expect(reading.state == .corrected) }
      }
      #expect(run.coverage.clocks.readings.count == wrong.interfaces.count)
      let told = run.captureFindings.filter { $0.rule == "TIM008" }.map(\.message)
      #expect(told.contains { $0.contains("is off by +3600.000 s") } && told.contains { $0.contains("-7200.000 s") })
    }
  }

  /// What is shown of a frame is its own.
  @Test func stampsOfFramesAreThoseOfTheFile() throws {
    let wrong = try Self.shifted(Self.samples[0], by: Self.shifts)
    var sorted = wrong
    sorted.sortByTime()
    var sightings: [Sighting] = []
    let run = Analyzer().run(Self.sources([sorted.pcapng])) { report in
      for placed in report.flow.messages { sightings += placed.message.transmissions.flatMap(\.sightings) }
    }
    #expect(sightings.count > 50)
    for sighting in sightings {
      let record = sorted.records[Int(sighting.frames.first) - 1]
      #expect(record.interface == Int(sighting.point.interface))
      let stamp = run.recorders.stamp(of: sighting).nanoseconds
      // A stream's message has the stamp of the segment that completes it.
      if sighting.frames.all.count == 1 { #expect(stamp == record.time, "frame \(sighting.frames.first)") }
    }
    let report = try #require(run.inputs.first)
    #expect(report.firstTime?.nanoseconds == sorted.records.map(\.time).min())
    #expect(report.lastTime?.nanoseconds == sorted.records.map(\.time).max())
    #expect(report.packets == UInt64(sorted.records.count) && run.coverage.frames == report.packets)
  }

  /// A second is nothing gross: it is corrected on the way.
  @Test func smallOffsetsAreLeftToTheWay() throws {
    let wrong = try Self.shifted(Self.samples[0]) { (0..<$0).map { $0 == 1 ? 900_000_000 : 0 } }
    #expect(ClockSurvey.shifts(of: Self.sources(Self.apart(wrong)), Options()).isEmpty)
  }

  /// The same test, run again: other packets, which prove nothing of the clock.
  @Test func theSameTestRunTwiceIsNotOneSeenTwice() throws {
    let first = try CaptureEditor(Files.sample("aka-registration.pcapng")).only(interface: 0)
    var second = first
    second.mapRecords { $0.time += 600 * Self.second }
    // The IPv4 Identification, behind the header of Ethernet.
    second.mapRecords { $0.bytes[19] ^= 0x4d }
    let again = Self.sources([first.pcapng, second.pcapng])
    #expect(ClockSurvey.shifts(of: again, Options()).isEmpty)
    second = first
    second.mapRecords { $0.time += 600 * Self.second }
    let seen = Self.sources([first.pcapng, second.pcapng])
    #expect(ClockSurvey.shifts(of: seen, Options())[CapturePoint(input: 1, interface: 0)] == .seconds(600))
  }

  // MARK: Points that share no packet

  /// The UE and the S-CSCF met the same requests and responses, the UE and the HSS the same vector.
  @Test(arguments: [5, 6], [3600, -7200, 8] as [Int64])
  func pointsOnHopsApartAreComparedByWhatGoesThroughBoth(far: Int, seconds: Int64) throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    capture.drop { $0.interface != 0 && $0.interface != far }
    let right = Self.run([capture.pcapng])
    capture.mapRecords { if $0.interface == far { $0.time += seconds * Self.second } }
    for files in [Self.merged(capture), [0, far].map { capture.only(interface: $0).pcapng }] {
      let (lines, run) = Self.run(files)
      #expect(lines.sorted() == right.lines.sorted())
      let reading = try #require(run.coverage.clocks.readings.last)
      #expect(reading.state == .corrected && reading.reference == run.coverage.clocks.readings[0].point)
      let range = reading.offset.lowerBound - .milliseconds(1)...reading.offset.upperBound + .milliseconds(1)
      #expect(range.contains(.seconds(seconds)), "\(reading)")
    }
    #expect(right.run.coverage.clocks.readings.isEmpty)
  }

  /// Behind an address translator nobody sees the same packet, but the same request.
  @Test func pointsOnBothSidesOfATranslatorAreCompared() throws {
    let whole = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    var (inside, outside) = (whole.only(interface: 0), whole.only(interface: 3))
    inside.mapRecords { $0.time += 300 * Self.second }
    // The last octet of the UE's address: of the source in what it sends, of the destination in what it gets.
    outside.mapRecords { record in
      for offset in [26, 30] where Array(record.bytes[offset..<offset + 4]) == [10, 10, 0, 2] {
        record.bytes[offset + 3] = 99
      }
    }
    let shifts = ClockSurvey.shifts(of: Self.sources([outside.pcapng, inside.pcapng]), Options())
    let shift = shifts[CapturePoint(input: 1, interface: 0)]
    #expect((shift - .seconds(300)).magnitude < .milliseconds(10), "\(shift)")
  }

  /// What one machine recorded says nothing of how long another one did: the capture ends before the answer was due.
  @Test func aPointThatCannotBeComparedDoesNotGoOnForTheOthers() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    // The REGISTER has just come to the P-CSCF.
    capture.records.removeLast(capture.records.count - 52)
    let seconds: [Int64] = [0, 0, 300, 53, 30, -4, 8]
    capture.mapRecords { $0.time += seconds[$0.interface] * Self.second }
    let lines = Self.run(Self.merged(capture)).lines
    #expect(lines.contains { $0.contains("partial") } && !lines.contains { $0.contains("SEQ003 no final") }, "\(lines)")
  }

  // MARK: Files of one recorder

  /// A file that has nothing in common with another point stands by the clock of the file before it.
  @Test func aSeriesKeepsItsClock() throws {
    let whole = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let here = whole.only(interface: 3)
    var there = whole.only(interface: 4)
    there.mapRecords { $0.time -= 3600 * Self.second }
    var (beginning, end) = (there, there)
    // The first round, and what comes behind it.
    let round = 26
    beginning.records.removeLast(there.records.count - round)
    end.records.removeFirst(round)
    // The other point ended before.
    var first = here
    first.records.removeAll { $0.time - 3600 * Self.second > (end.records.first?.time ?? 0) }
    let files = [first.pcapng, beginning.pcapng, end.pcapng]
    /// In whole seconds.
    func shifts(_ names: [String]) -> [Int64] {
      let shifts = ClockSurvey.shifts(of: Self.sources(files, names: names), Options())
      return (0..<3).map { shifts[CapturePoint(input: $0, interface: 0)].nanoseconds / Self.second }
    }
    #expect(shifts(["p.pcapng", "i_1.pcapng", "i_2.pcapng"]) == [0, -3600, -3600])
    // It begins where the other ends.
    #expect(shifts(["p.pcapng", "i.pcapng", "j.pcapng"]) == [0, -3600, -3600])
  }

  /// A message that was sent again behind the border of two files is in both of them, seconds apart.
  @Test(arguments: ["a_1.pcapng a_2.pcapng", "first.pcapng second.pcapng"])
  func whatWasSentAgainInTheNextFileIsNoClock(names: String) throws {
    let round = try CaptureEditor(Files.sample("aka-registration.pcapng")).only(interface: 4).records.prefix(26)
    var first = try CaptureEditor(Files.sample("de-registration.pcapng")).only(interface: 4)
    var second = try CaptureEditor(Files.sample("resynchronisation.pcapng")).only(interface: 4)
    /// All of them by so much later that the first has this time.
    func moved(_ records: some Collection<CaptureEditor.Record>, to time: Int64) -> [CaptureEditor.Record] {
      let step = time - (records.first?.time ?? 0)
      return records.map { record in
        var record = record
        record.time += step
        return record
      }
    }
    first.records += moved(round, to: (first.records.last?.time ?? 0) + Self.second)
    let again = moved(round, to: (first.records.last?.time ?? 0) + 4 * Self.second)
    second.records = again + moved(second.records, to: (again.last?.time ?? 0) + Self.second)
    let sources = Self.sources([first.pcapng, second.pcapng], names: names.split(separator: " ").map(String.init))
    #expect(ClockSurvey.shifts(of: sources, Options()).isEmpty)
  }

  // MARK: Limits

  /// What comes but once is not looked at.
  @Test func aPipeIsReadAsItIs() throws {
    let files = Self.apart(try Self.shifted(Self.samples[0], by: Self.shifts))
    let pipes = files.map { FrameLoop.Source.file(BlockFile(Pipe(bytes: $0))) }
    #expect(ClockSurvey.shifts(of: pipes, Options()).isEmpty)
    #expect(!ClockSurvey.shifts(of: Self.sources(files), Options()).isEmpty)
  }

  private final class Pipe: ByteSource {
    private let inner: MemorySource
    init(bytes: [UInt8]) { inner = MemorySource(bytes) }
    var path: String { "pipe" }
    var isInterrupted: (@Sendable () -> Bool)?
    var stop: SourceStop? { inner.stop }
    var taken: UInt64 { inner.taken }
    func read(into free: UnsafeMutableRawBufferPointer) -> Int { inner.read(into: free) }
    func again() -> (any ByteSource)? { nil }
  }

  private static func isFound(_ files: [[UInt8]], _ change: (inout ClockSurvey.Limits) -> Void) -> Bool {
    var limits = ClockSurvey.Limits()
    change(&limits)
    return !ClockSurvey.shifts(of: sources(files), Options(), limits).isEmpty
  }

  @Test func looksAtSoManyInputs() throws {
    let files = Self.apart(try Self.shifted(Self.samples[0], by: Self.shifts))
    #expect(Self.isFound(files) { $0.inputs = files.count })
    #expect(!Self.isFound(files) { $0.inputs = 2 })
  }

  @Test func looksAtSoManyBytes() throws {
    let files = Self.apart(try Self.shifted(Self.samples[0], by: Self.shifts))
    #expect(Self.isFound(files) { $0.bytes = 1 << 20 })
    #expect(!Self.isFound(files) { $0.bytes = 1 })
    #expect(Self.isFound(files) { $0.allBytes = 10 << 20 })
    #expect(!Self.isFound(files) { $0.allBytes = files.count })
  }

  @Test func comparesSoManyMessages() throws {
    let files = Self.apart(try Self.shifted(Self.samples[0], by: Self.shifts))
    #expect(!Self.isFound(files) { $0.messages = 4 })
    #expect(Self.isFound(files) { $0.messages = 1000 })
  }
}
