import IMSBytes
import IMSCapture
import IMSMessages
import IMSWire

/// All inputs as one merge by time, and which of them one recorder wrote one after the other (decision 0023): those are read
/// as if they were one file.
struct InputMerge {
  /// A file that begins later behind the end of another one does not continue it, unless its recorder was silent for longer
  /// before: then for as long, but not for ever.
  static let patience = Interval.seconds(Int64(Bounds.recorderPatience))
  static let longestSilence = Interval.seconds(Int64(Bounds.recorderSilence))
  /// By so much one host stamps out of order: what a file may overlap with the one before.
  static let disorder = Interval.milliseconds(1)

  /// What is known of one input.
  private struct Track {
    /// The input with which its recorder began: itself, unless it continues another one.
    var owner: Int
    /// Frames of its recorder in the files before it.
    var before: UInt32 = 0
    /// Continues it, and begins when it has ended.
    var successor: Int?
    /// Of a recorder.
    var place = RecorderPlace()
  }

  private let paths: [String]
  private var series = InputSeries([]) { _ in false }
  private var tracks: [Track]
  /// Being read, in the order of their recorders.
  private var open: [Int] = []
  /// Those that have not begun, by their first stamps.
  private var waiting: [(index: Int, first: Timestamp)] = []
  /// The last files of recorders that may still be continued.
  private var ended: [Int] = []
  /// Inputs that began since they were asked for last, and what each of them continues.
  private var begun: [(index: Int, continues: Int?)] = []
  /// Inputs with which their recorder ended, since they were asked for last.
  private var closed: [Int] = []
  private var hasStarted = false

  /// - Parameter paths: of the inputs.
  init(_ paths: [String]) {
    self.paths = paths
    tracks = paths.indices.map { Track(owner: $0) }
  }

  /// The recorder of an input, as the input with which it began.
  func owner(_ index: Int) -> Int { tracks[index].owner }

  /// Frames of its recorder in the files before it.
  func before(_ index: Int) -> UInt32 { tracks[index].before }

  /// Frames of this recorder may still come.
  func isAlive(_ recorder: Int) -> Bool {
    tracks[recorder].owner == recorder
      && (!waiting.isEmpty || open.contains { tracks[$0].owner == recorder })
  }

  /// Inputs began or ended.
  var hasNews: Bool { !begun.isEmpty || !closed.isEmpty }

  /// Inputs that began since the last call, and what each of them continues.
  mutating func takeBegun() -> [(index: Int, continues: Int?)] {
    defer { begun = [] }
    return begun
  }

  /// Inputs with which their recorder ended since the last call; another one may yet continue it.
  mutating func takeClosed() -> [Int] {
    defer { closed = [] }
    return closed
  }

  /// The input whose next frame is due; inputs at their end hold nothing back.
  mutating func next(_ readers: inout [CaptureReader]) -> Int? {
    if !hasStarted { start(&readers) }
    while true {
      var best: (index: Int, time: Timestamp)?
      var place = 0
      while place < open.count {
        let index = open[place]
        guard let time = readers[index].peekTime() else {
          close(place, readers[index].packets)
          continue
        }
        if best.map({ time < $0.time }) ?? true { best = (index, time) }
        place += 1
      }
      guard let first = waiting.first else { return best?.index }
      if let best, (best.time, tracks[best.index].owner) <= (first.first, first.index) { return best.index }
      waiting.removeFirst()
      begin(first.index, at: first.first, &readers)
    }
  }

  /// An input without packets never begins.
  private mutating func start(_ readers: inout [CaptureReader]) {
    hasStarted = true
    for index in readers.indices {
      if let first = readers[index].peekTime() { waiting.append((index, first)) }
    }
    waiting.sort { ($0.first, $0.index) < ($1.first, $1.index) }
    series = InputSeries(paths) { index in waiting.contains { $0.index == index } }
  }

  /// The file at a place of `open` has ended: what continues it takes that place.
  private mutating func close(_ place: Int, _ packets: UInt32) {
    let index = open[place]
    guard let next = tracks[index].successor else {
      open.remove(at: place)
      closed.append(index)
      if !waiting.isEmpty { ended.append(index) }
      return
    }
    tracks[next].before = tracks[index].before &+ packets
    open[place] = next
    begun.append((next, index))
  }

  private mutating func begin(_ index: Int, at first: Timestamp, _ readers: inout [CaptureReader]) {
    ended.removeAll { (readers[$0].lastTime ?? .distantPast) + Self.longestSilence < first }
    let candidates = (ended + open.map(last)).filter { isAlike($0, index, readers) }
    let fitting = candidates.filter { precedes($0, index, at: first, &readers) }
    guard fitting.count == 1, let previous = fitting.first else {
      insert(index)
      begun.append((index, nil))
      return
    }
    tracks[index].owner = tracks[previous].owner
    if let place = ended.firstIndex(of: previous) {
      ended.remove(at: place)
      tracks[index].before = tracks[previous].before &+ readers[previous].packets
      insert(index)
      begun.append((index, previous))
    } else {
      tracks[previous].successor = index
    }
  }

  private mutating func insert(_ index: Int) {
    let place = open.firstIndex { tracks[$0].owner > tracks[index].owner } ?? open.endIndex
    open.insert(index, at: place)
  }

  /// The last file of what was found to follow.
  private func last(_ index: Int) -> Int {
    var last = index
    while let next = tracks[last].successor { last = next }
    return last
  }

  /// The same interfaces of the same writer, and names that allow it.
  private func isAlike(_ index: Int, _ other: Int, _ readers: [CaptureReader]) -> Bool {
    // Parts of one file are none of a series.
    !readers[index].share.isPart && !readers[other].share.isPart
      && readers[index].format == readers[other].format && readers[index].origins == readers[other].origins
      && series.allows(other, after: index)
  }

  /// Does a file end before this one begins, and not long before, and do they come from one place?
  private func precedes(_ index: Int, _ next: Int, at first: Timestamp, _ readers: inout [CaptureReader]) -> Bool {
    var last = readers[index].lastTime ?? .distantPast
    let hasEnded = readers[index].lookAhead(Bounds.packetsLookedAhead) { frame in
      last = max(last, frame.time)
      return frame.time < first + Self.disorder
    }
    let place = tracks[tracks[index].owner].place
    let patience = max(Self.patience, min(place.silence, Self.longestSilence))
    guard hasEnded, last < first + Self.disorder, first - last <= patience else { return false }
    return place.fits(&readers[next])
  }

  /// A frame of an input, while there is one that may continue it.
  mutating func note(_ frame: borrowing Frame, of index: Int) {
    if waiting.isEmpty { return }
    tracks[tracks[index].owner].place.note(frame)
  }
}
