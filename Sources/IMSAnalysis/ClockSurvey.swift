import IMSBytes
import IMSCapture
package import IMSMessages
import IMSWire

/// A look at the beginnings of all captures before they are read, for messages that several of them hold: where these are
/// stamped seconds or hours apart, somebody's clock is grossly off (decision 0026). Captures that come but once, as from
/// a pipe, are not looked at.
package struct ClockSurvey {
  /// How far it looks.
  package struct Limits: Sendable {
    package var inputs = Bounds.surveyInputs
    /// Of each input.
    package var bytes = Bounds.surveyBytes
    /// Of all inputs.
    package var allBytes = Bounds.surveyedBytes
    package var messages = Bounds.surveyMessages

    package init() {}
  }

  private let limits: Limits
  private var series = InputSeries([]) { _ in false }
  private var hosts: [RecordingHosts] = []
  private var readers: [CaptureReader] = []
  private var dissectors: [Dissector] = []
  private var messages: [MessageReader] = []
  private var inputs: [UInt16] = []
  /// Those that are still read.
  private var open: [Int] = []
  /// Those that were read to the end.
  private var hasEnded: [Bool] = []
  private var meetings: ClockMeetings

  /// What is to be taken off the stamps.
  package static func shifts(
    of sources: [FrameLoop.Source], _ options: Options, _ limits: Limits = Limits()
  ) -> ClockShifts {
    var survey = ClockSurvey(sources, options, limits)
    guard survey.clocks > 1 else { return ClockShifts() }
    survey.run(options)
    return survey.readers.contains(where: \.wasInterrupted) ? ClockShifts() : survey.found
  }

  private init(_ sources: [FrameLoop.Source], _ options: Options, _ limits: Limits) {
    self.limits = limits
    meetings = ClockMeetings(most: limits.messages)
    var paths: [String] = []
    for (number, source) in sources.enumerated().prefix(limits.inputs) {
      guard case .file(let file) = source, let again = file.again(),
        var reader = try? CaptureReader(again, linkTypes: options.linkTypes), reader.peekTime() != nil
      else { continue }
      readers.append(reader)
      paths.append(file.path)
      inputs.append(UInt16(number))
    }
    if readers.count > 1 {
      series = InputSeries(paths) { _ in true }
      for index in readers.indices { hosts.append(RecordingHosts(&readers[index])) }
    }
    hasEnded = Array(repeating: false, count: readers.count)
  }

  /// Clocks that may be met, as far as the captures have named them.
  private var clocks: Int { readers.reduce(0) { $0 + max(1, $1.interfaceCount) } }

  /// The capture of which least was read goes on, until all clocks are compared or enough was read.
  private mutating func run(_ options: Options) {
    // What is encrypted stays so.
    dissectors = inputs.map {
      Dissector(input: $0, mostParked: 0, unpack: options.unpack, sieve: MessageReader.sieve)
    }
    messages = inputs.map { _ in MessageReader() }
    open = Array(readers.indices)
    let most = UInt64(min(limits.bytes, limits.allBytes / max(1, readers.count)))
    while let index = open.min(by: { readers[$0].bytesRead < readers[$1].bytesRead }) {
      if readers[index].bytesRead >= most {
        open.removeAll { $0 == index }
      } else if !Self.step(&readers[index], &dissectors[index], &messages[index], &meetings, inputs[index]) {
        open.removeAll { $0 == index }
        hasEnded[index] = true
      }
      if meetings.haveMet(clocks, mayBeOneRecorder) { return }
    }
  }

  /// Takes some packets apart; false at the end.
  private static func step(
    _ reader: inout CaptureReader, _ dissector: inout Dissector, _ messages: inout MessageReader,
    _ meetings: inout ClockMeetings, _ input: UInt16
  ) -> Bool {
    for _ in 0..<32 {
      guard let frame = reader.next() else { return false }
      _ = dissector.feed(frame) { payload in
        messages.feed(payload) { event in
          meetings.note(event, of: input)
          return 0
        }
      }
      _ = messages.takeLosses()
      _ = dissector.takeLosses()
      _ = dissector.takeESPSightings()
    }
    return true
  }

  /// May one recorder have written the second of two files behind the first? By their names, or because it begins where the
  /// other ends and shows the same two hosts; and nothing speaks against it.
  private func mayBeContinued(_ index: Int, by next: Int) -> Bool {
    guard readers[index].origins == readers[next].origins, !hosts[index].contradict(hosts[next]),
      let last = readers[index].lastTime, let first = readers[next].firstTime, last < first + InputMerge.disorder
    else { return false }
    if series.follows(next, index) { return true }
    // Of one that was not read to its end nobody knows yet when that is.
    return series.allows(next, after: index) && (!hasEnded[index] || first - last <= InputMerge.patience)
      && hosts[index].meet(hosts[next])
  }

  private func mayBeOneRecorder(_ one: UInt16, _ other: UInt16) -> Bool {
    guard let one = inputs.firstIndex(of: one), let other = inputs.firstIndex(of: other) else { return false }
    return mayBeContinued(one, by: other) || mayBeContinued(other, by: one)
  }

  /// Where a recorder began a new file, the clock went on: what could be compared with nothing stands by the clock of the
  /// file before it.
  private var found: ClockShifts {
    var (shifts, known) = meetings.groups(mayBeOneRecorder).shifts
    if shifts.isEmpty { return shifts }
    var hasNews = true
    while hasNews {
      hasNews = false
      for next in readers.indices where !known.contains(inputs[next]) {
        let before = readers.indices.first { known.contains(inputs[$0]) && mayBeContinued($0, by: next) }
        guard let before else { continue }
        shifts.copy(of: inputs[before], to: inputs[next])
        known.append(inputs[next])
        hasNews = true
      }
    }
    return shifts
  }
}
