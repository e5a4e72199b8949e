import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules

/// Lanes with threads of their own: fills their queues, and brings what they give back into one order.
final class LaneThreads {
  private var threads: [LaneThread] = []
  /// The batch that is filled, of each lane.
  private var filling: [[Lane.Input?]]
  /// What each lane gave back and is not given out yet.
  private var ended: [FIFO<Lane.Ended>]
  /// What was given out, for the lane to free.
  private var spent: [[Lane.Ended]]
  private var released: [FIFO<(beat: Int, bytes: ReleasedBytes)>]
  /// The last beat that each lane is done with.
  private var done: [Int]
  /// The last beat of which everything was given out.
  private var merged = 0
  private(set) var leftovers = Lane.Leftovers()
  /// Most batches that ever waited in one lane.
  private(set) var deepest = 0

  /// Nil when one lane is asked for, or the system has no threads.
  init?(_ options: Options, _ judge: Judge) {
    let count = min(options.threads, Bindings.shares)
    guard count > 1 else { return nil }
    for number in 0..<count {
      let pause = options.pause.map { pause in { @Sendable in pause(number) } }
      guard let thread = LaneThread(Lane(options, judge), pause: pause) else { break }
      threads.append(thread)
    }
    filling = Array(repeating: [], count: threads.count)
    ended = Array(repeating: FIFO(), count: threads.count)
    spent = Array(repeating: [], count: threads.count)
    released = Array(repeating: FIFO(), count: threads.count)
    done = Array(repeating: 0, count: threads.count)
    if threads.isEmpty { return nil }
  }

  func lane(of subscriber: Fingerprint) -> Int { Bindings.share(of: subscriber) % threads.count }

  func give(_ input: consuming Lane.Input, to lane: Int) {
    filling[lane].append(input)
    if filling[lane].count == LaneThread.batch { hand(to: lane) }
  }

  private func hand(to lane: Int, _ beat: (Lane.Beat, Ledger)? = nil) {
    threads[lane].give(
      LaneThread.Batch(inputs: LaneThread.take(&filling[lane]), beat: beat, spent: LaneThread.take(&spent[lane])))
    filling[lane].reserveCapacity(LaneThread.batch)
  }

  func pass(_ beat: Lane.Beat) -> Bool {
    threads.indices.allSatisfy { filling[$0].isEmpty && threads[$0].skip(beat) }
  }

  func advance(_ beat: Lane.Beat, _ ledger: Ledger, _ emit: Lanes.Emit) {
    var snapshot: Ledger?
    for lane in threads.indices {
      if filling[lane].isEmpty, threads[lane].skip(beat) { continue }
      let page = snapshot ?? ledger.snapshot()
      snapshot = page
      hand(to: lane, (beat, page))
    }
    collect(emit)
  }

  /// Gives out what is over and has come back by now.
  func collect(_ emit: Lanes.Emit) {
    for lane in threads.indices { note(threads[lane].take(), from: lane) }
    merge(emit)
  }

  func takeReleased(until beat: Int, _ take: (ReleasedBytes) -> Void) {
    for lane in threads.indices {
      if done[lane] < beat { note(threads[lane].take(after: beat), from: lane) }
      while let first = released[lane].first, first.beat <= beat {
        _ = released[lane].popFirst()
        take(first.bytes)
      }
    }
  }

  func finish(_ beat: Lane.Beat, _ emit: Lanes.Emit) {
    while merged < beat.number, let lane = threads.indices.first(where: { isAwaited($0) }) {
      note(threads[lane].takeNext(after: done[lane]), from: lane)
      merge(emit)
    }
    for thread in threads {
      let (left, deep) = thread.join()
      leftovers.add(left)
      deepest = max(deepest, deep)
    }
  }

  private func note(_ results: consuming LaneThread.Results, from lane: Int) {
    // Moved, not copied.
    results.ended.reverse()
    while var some = results.ended.popLast() {
      for index in some.indices { if let one = some[index].take() { ended[lane].append(one) } }
    }
    for entry in results.released { released[lane].append(entry) }
    done[lane] = results.beat
  }

  /// Nothing can be given out before it is known what this lane has to say to the next beat.
  private func isAwaited(_ lane: Int) -> Bool { ended[lane].isEmpty && done[lane] <= merged }

  /// Beat by beat, and in each by the order of registrations: the smallest of what the lanes have, once each of them has
  /// something or is done with the beat.
  private func merge(_ emit: Lanes.Emit) {
    while let slowest = done.min() {
      var best: (lane: Int, order: Flow.Order)?
      for lane in ended.indices {
        guard let first = ended[lane].first, first.beat == merged + 1 else {
          if done[lane] <= merged { return }
          continue
        }
        if best.map({ first.order < $0.order }) ?? true { best = (lane, first.order) }
      }
      if let best, var next = ended[best.lane].popFirst() {
        emit(&next)
        spent[best.lane].append(consume next)
      } else if slowest > merged {
        merged += 1
      } else {
        return
      }
    }
  }
}
