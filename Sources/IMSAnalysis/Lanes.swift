import IMSBytes
import IMSFlows
import IMSMessages

/// All lanes: what the reader hands on goes to the lane of its subscriber, and what ended comes back in one order, whatever
/// the number of lanes. docs/scaling.md tells why.
struct Lanes {
  /// Lent, so that what is large need not be copied to be given back to its lane afterwards.
  typealias Emit = (inout Lane.Ended) -> Void

  /// A lane is behind the reader by so many beats at the most: what it let go counts from then on, neither before nor later.
  static let lag = 8

  /// The one lane that has no thread; nil where there are threads.
  private var inline: Lane?
  private var released = FIFO<(beat: Int, bytes: ReleasedBytes)>()
  /// Nil where one lane is called in line.
  let threads: LaneThreads?

  init(_ options: Options, _ judge: Judge) {
    threads = LaneThreads(options, judge)
    if threads == nil { inline = Lane(options, judge) }
  }

  /// The lane of a subscriber.
  func lane(of subscriber: Fingerprint) -> Int { threads?.lane(of: subscriber) ?? 0 }

  mutating func give(_ message: consuming Message, of subscriber: Fingerprint, to lane: Int) {
    if let threads { return threads.give(.message(message, subscriber: subscriber), to: lane) }
    inline?.add(message, subscriber: subscriber)
  }

  mutating func give(_ sighting: Sighting, of id: MessageID, transmission: Int, to lane: Int) {
    if let threads { return threads.give(.sighting(sighting, of: id, transmission: transmission), to: lane) }
    inline?.add(sighting, of: id, transmission: transmission)
  }

  /// Is no lane to be told of this beat, because nothing is due in any?
  func pass(_ beat: Lane.Beat) -> Bool {
    if let threads { return threads.pass(beat) }
    return beat.limit == nil && inline.map { $0.nextDue > beat.watermark } ?? true
  }

  /// Tells all lanes that packet time has come so far, and gives out what is over as far as they know by now.
  mutating func advance(_ beat: Lane.Beat, _ ledger: Ledger, _ emit: Emit) {
    if let threads { return threads.advance(beat, ledger, emit) }
    let bytes = inline?.advance(beat, ledger) { (one: consuming Lane.Ended) in
      var one = one
      emit(&one)
    }
    if let bytes, !bytes.isEmpty { released.append((beat.number, bytes)) }
  }

  /// What all lanes let go at the beats until this one, which they are done with or waited for.
  mutating func takeReleased(until beat: Int, _ take: (ReleasedBytes) -> Void) {
    if let threads { return threads.takeReleased(until: beat, take) }
    while let first = released.first, first.beat <= beat {
      _ = released.popFirst()
      take(first.bytes)
    }
  }

  /// The last beat: everything that is open is closed, and the threads end.
  mutating func finish(_ beat: Lane.Beat, _ ledger: Ledger, _ emit: Emit) {
    advance(beat, ledger, emit)
    threads?.finish(beat, emit)
  }

  var leftovers: Lane.Leftovers { threads?.leftovers ?? inline?.leftovers ?? Lane.Leftovers() }
}
