import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules

/// A lane on a thread of its own, fed through a bounded queue: whoever fills it waits for room. It hands back what ended and
/// waits for nobody.
struct LaneThread: Sendable {
  /// Batches that wait.
  static let capacity = Bounds.laneQueue
  /// Messages of a batch.
  static let batch = Bounds.laneBatch
  /// Registrations that are handed back together where many end at once.
  private static let handful = 32

  struct Batch: Sendable {
    /// None is nil before it is taken.
    var inputs: [Lane.Input?] = []
    /// What follows them, with the ledger as it stood then.
    var beat: (beat: Lane.Beat, ledger: Ledger)?
    /// What the lane gave back before and nobody needs any more. Each thread frees what it made, so that no allocator
    /// waits for another: the lane all but the messages.
    var spent: [Lane.Ended] = []
  }

  /// What a lane has done since it was asked last. Lists are handed over whole: what is long is never copied from one to
  /// another.
  struct Results: Sendable {
    /// None is nil before it is taken.
    var ended: [[Lane.Ended?]] = []
    var released: [(beat: Int, bytes: ReleasedBytes)] = []
    /// Of registrations that nobody needs any more, for the reader to free.
    var messages: [[FlowMessage]] = []
    /// The last beat that is done.
    var beat = 0
  }

  private struct State: Sendable {
    var queue = FIFO<Batch>()
    /// Most that ever waited.
    var deepest = 0
    var isClosed = false
    /// Given, and not done with.
    var open = 0
    var nextDue = Timestamp.distantFuture
    var results = Results()
    var leftovers = Lane.Leftovers()
  }

  private let state: Monitor<State>
  private let thread: WorkerThread

  /// Nil when the system has no thread to give.
  ///
  /// - Parameter pause: called before each batch, for tests.
  init?(_ lane: Lane, pause: (@Sendable () -> Void)? = nil) {
    let state = Monitor(State())
    guard let thread = WorkerThread({ LaneThread.run(lane, state, pause) }) else { return nil }
    self.state = state
    self.thread = thread
  }

  private static func run(_ lane: Lane, _ state: Monitor<State>, _ pause: (@Sendable () -> Void)?) {
    var lane = lane
    while var batch = next(state) {
      pause?()
      var spent: [[FlowMessage]] = []
      for index in batch.spent.indices { spent.append(take(&batch.spent[index].report.flow.messages)) }
      batch.spent = []
      lane.take(&batch.inputs)
      var ended: [Lane.Ended?] = []
      var released: ReleasedBytes?
      if let (beat, ledger) = batch.beat {
        released = lane.advance(beat, ledger) { (one: consuming Lane.Ended) in
          ended.append(consume one)
          // At the end all that is open ends at once, and need not all wait to be printed.
          if beat.isLast, ended.count == LaneThread.handful {
            state.change { $0.results.ended.append(take(&ended)) }
          }
        }
      }
      let (nextDue, leftovers) = (lane.nextDue, lane.leftovers)
      state.change { state in
        state.open -= 1
        state.nextDue = nextDue
        state.leftovers = leftovers
        if let beat = batch.beat?.beat.number {
          state.results.beat = max(state.results.beat, beat)
          if let released, !released.isEmpty { state.results.released.append((beat, released)) }
        }
        if !ended.isEmpty { state.results.ended.append(take(&ended)) }
        for messages in take(&spent) { state.results.messages.append(messages) }
      }
    }
  }

  /// Moves a list: were it left behind as well, whoever changes it next would copy it.
  static func take<Element>(_ list: inout [Element]) -> [Element] {
    var taken: [Element] = []
    swap(&taken, &list)
    return taken
  }

  private static func next(_ state: Monitor<State>) -> Batch? {
    state.wait { state -> Batch?? in
      if let batch = state.queue.popFirst() { return .some(batch) }
      return state.isClosed ? .some(nil) : nil
    }
  }

  /// Waits for room.
  func give(_ batch: consuming Batch) {
    var batch: Batch? = batch
    state.wait { state -> Void? in
      guard state.queue.count < LaneThread.capacity, let batch = batch.take() else { return nil }
      state.queue.append(batch)
      state.open += 1
      state.deepest = max(state.deepest, state.queue.count)
      return ()
    }
  }

  /// Passes over a beat at which nothing is due, so that nobody need be woken; false when something may be.
  func skip(_ beat: Lane.Beat) -> Bool {
    state.look { state in
      guard state.open == 0, state.nextDue > beat.watermark, beat.limit == nil else { return false }
      state.results.beat = beat.number
      return true
    }
  }

  /// What was done since the last call.
  func take() -> Results { state.look { LaneThread.take(&$0) } }

  /// The same, once this beat is done.
  func take(after beat: Int) -> Results {
    state.wait { $0.results.beat >= beat ? LaneThread.take(&$0) : nil }
  }

  /// Waits until there is something to take: some of the last beat, or a beat that is done.
  func takeNext(after beat: Int) -> Results {
    state.wait { $0.results.beat > beat || !$0.results.ended.isEmpty ? LaneThread.take(&$0) : nil }
  }

  private static func take(_ state: inout State) -> Results {
    defer { state.results = Results(beat: state.results.beat) }
    return state.results
  }

  /// Ends the thread when everything that was given is done.
  func join() -> (leftovers: Lane.Leftovers, deepest: Int) {
    state.change { $0.isClosed = true }
    thread.join()
    return state.look { ($0.leftovers, $0.deepest) }
  }
}
