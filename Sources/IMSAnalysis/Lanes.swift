import IMSBytes
import IMSFlows
import IMSMessages

/// All lanes: what the reader hands on goes to the lane of its subscriber, and what ended comes back in one order, whatever
/// the number of lanes. docs/scaling.md tells why.
///
/// One lane has no thread: it is called in line.
final class Lanes {
  typealias Emit = (consuming Lane.Ended) -> Void

  /// A lane is behind the reader by so many beats at the most: what it let go counts from then on, neither before nor later.
  static let lag = 8

  private var inline: Lane?
  private var threads: [LaneThread] = []
  /// The batch that is filled, of each lane.
  private var filling: [[Lane.Input]] = []
  /// What each lane gave back and is not given out yet.
  private var ended: [FIFO<Lane.Ended>]
  private var released: [FIFO<(beat: Int, bytes: ReleasedBytes)>]
  /// The last beat that each lane is done with.
  private var done: [Int]
  /// The last beat of which everything was given out.
  private var merged = 0
  private(set) var leftovers = Lane.Leftovers()
  /// Most batches that ever waited in one lane.
  private(set) var deepest = 0

  init(_ options: Options, _ judge: Judge) {
    let count = min(max(1, options.threads), Bindings.shares)
    if count > 1 {
      for number in 0..<count {
        let pause = options.pause.map { pause in { @Sendable in pause(number) } }
        guard let thread = LaneThread(Lane(options, judge), pause: pause) else { break }
        threads.append(thread)
      }
    }
    if threads.isEmpty { inline = Lane(options, judge) }
    filling = Array(repeating: [], count: threads.count)
    ended = Array(repeating: FIFO(), count: threads.count)
    released = Array(repeating: FIFO(), count: max(1, threads.count))
    done = Array(repeating: 0, count: threads.count)
  }

  var areThreads: Bool { !threads.isEmpty }

  /// The lane of a subscriber.
  func lane(of subscriber: Fingerprint) -> Int {
    threads.isEmpty ? 0 : Bindings.share(of: subscriber) % threads.count
  }

  func give(_ input: consuming Lane.Input, to lane: Int) {
    if threads.isEmpty {
      inline?.take(input)
      return
    }
    filling[lane].append(input)
    if filling[lane].count == LaneThread.batch { threads[lane].give(LaneThread.Batch(inputs: takeFilling(lane))) }
  }

  private func takeFilling(_ lane: Int) -> [Lane.Input] {
    defer {
      filling[lane] = []
      filling[lane].reserveCapacity(LaneThread.batch)
    }
    return filling[lane]
  }

  /// Tells all lanes that packet time has come so far, and gives out what is over as far as they know by now.
  func advance(_ beat: Lane.Beat, _ ledger: Ledger, _ emit: Emit) {
    if threads.isEmpty {
      if let bytes = inline?.advance(beat, ledger, emit), !bytes.isEmpty { released[0].append((beat.number, bytes)) }
      return
    }
    var snapshot: Ledger?
    for lane in threads.indices {
      if filling[lane].isEmpty, threads[lane].skip(beat) { continue }
      let page = snapshot ?? ledger.snapshot()
      snapshot = page
      threads[lane].give(LaneThread.Batch(inputs: takeFilling(lane), beat: (beat, page)))
    }
    collect(emit)
  }

  /// Gives out what is over and has come back by now.
  func collect(_ emit: Emit) {
    for lane in threads.indices { note(threads[lane].take(), from: lane) }
    merge(emit)
  }

  /// What all lanes let go at the beats until this one, which they are done with or waited for.
  func takeReleased(until beat: Int, _ take: (ReleasedBytes) -> Void) {
    for lane in threads.indices where done[lane] < beat { note(threads[lane].take(after: beat), from: lane) }
    for lane in released.indices {
      while let first = released[lane].first, first.beat <= beat {
        _ = released[lane].popFirst()
        take(first.bytes)
      }
    }
  }

  /// The last beat: everything that is open is closed, and the threads end.
  func finish(_ beat: Lane.Beat, _ ledger: Ledger, _ emit: Emit) {
    advance(beat, ledger, emit)
    while merged < beat.number, let lane = threads.indices.first(where: { isAwaited($0) }) {
      note(threads[lane].takeNext(after: done[lane]), from: lane)
      merge(emit)
    }
    if let inline { leftovers = inline.leftovers }
    for thread in threads {
      let (left, deep) = thread.join()
      leftovers.add(left)
      deepest = max(deepest, deep)
    }
  }

  private func note(_ results: LaneThread.Results, from lane: Int) {
    for one in results.ended { ended[lane].append(one) }
    for entry in results.released { released[lane].append(entry) }
    done[lane] = results.beat
  }

  /// Nothing can be given out before it is known what this lane has to say to the next beat.
  private func isAwaited(_ lane: Int) -> Bool { ended[lane].isEmpty && done[lane] <= merged }

  /// Beat by beat, and in each by the order of registrations: the smallest of what the lanes have, once each of them has
  /// something or is done with the beat.
  private func merge(_ emit: Emit) {
    while let slowest = done.min() {
      var best: Int?
      for lane in ended.indices {
        guard let first = ended[lane].first, first.beat == merged + 1 else {
          if done[lane] <= merged { return }
          continue
        }
        if best.map({ first.order < ended[$0].first!.order }) ?? true { best = lane }
      }
      if let best, let next = ended[best].popFirst() {
        emit(next)
      } else if slowest > merged {
        merged += 1
      } else {
        return
      }
    }
  }
}
