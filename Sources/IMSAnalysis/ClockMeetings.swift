import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

/// Messages that were met by several clocks, each an interface of an input, whatever their stamps say: what these have in
/// common tells by how much they are grossly apart.
struct ClockMeetings {
  /// A smaller difference is found and corrected on the way: packets may come that late.
  static let least = Interval.seconds(1)
  /// What is so near to the median of the differences agrees with it.
  private static let agreement = Interval.milliseconds(250)
  /// Differences that are remembered of a pair.
  private static let mostDifferences = 64

  /// A message as it was met by one clock.
  private struct Meeting: BitwiseCopyable {
    var clock: Int
    var time: Timestamp
    var id: Sent
  }

  /// A message of an input.
  private struct Sent: Hashable, BitwiseCopyable {
    var input: UInt16
    var message: MessageID
  }

  private struct Difference {
    /// By which the second clock is ahead.
    var value: Int64
    var messages: [Sent]
  }

  private struct Pair {
    var first: Int
    var second: Int
    var differences: [Difference] = []
  }

  /// Messages that are remembered.
  private let limit: Int
  private(set) var clocks: [CapturePoint] = []
  private var firsts = FingerprintTable<Meeting>()
  /// The same by input, since a copy that another interface saw is told by that.
  private var known: [Sent: Meeting] = [:]
  /// What was sent more than once: nobody can tell which sending the other clock met.
  private var repeated = Set<Sent>()
  private var pairs: [Pair] = []
  /// A pair has met anew, and often enough.
  private var hasNews = false

  init(most: Int) { limit = most }

  mutating func note(_ event: consuming MessageReader.Event, of input: UInt16) {
    switch event {
    case .message(let message): note(message, Sent(input: input, message: message.id))
    case .sighting(let id, _, let transmission, let sighting, _, _):
      let sent = Sent(input: input, message: id)
      if transmission > 0 {
        repeated.insert(sent)
      } else if let first = known[sent], let clock = clock(of: sighting.point), clock != first.clock {
        meet(first, Meeting(clock: clock, time: sighting.time, id: sent))
      }
    }
  }

  private mutating func note(_ message: Message, _ sent: Sent) {
    guard !message.isTruncated, known.count < limit, let key = Self.key(of: message),
      let clock = clock(of: message.firstPoint)
    else { return }
    let meeting = Meeting(clock: clock, time: message.time, id: sent)
    known[sent] = meeting
    guard let slot = firsts.slot(of: key) else {
      firsts.insert(key, meeting)
      return
    }
    let first = firsts[slot: slot]
    if first.clock != meeting.clock { return meet(first, meeting) }
    repeated.insert(first.id)
    repeated.insert(sent)
  }

  /// Its ends, its octets and what its packet alone has, so that nobody takes the same test, run twice, for one seen
  /// twice. Of DNS what tells a question from the others; nil for what is neither that nor SIP nor Diameter.
  private static func key(of message: Message) -> Fingerprint? {
    var key = Fingerprint.empty
    key.combine(from: message.source, to: message.destination)
    key.combine(UInt64(message.firstSighting.identity))
    if let octets = message.sip?.bytes ?? message.diameter?.bytes {
      key.combine(octets.span.bytes)
    } else if let dns = message.dns, let question = dns.question {
      key.combine(UInt64(dns.id) << 1 | (dns.isResponse ? 1 : 0))
      key.combine(question.name)
      key.combine(UInt64(question.type.rawValue))
    } else {
      return nil
    }
    return key
  }

  /// Nil for an agent, which stamps by a clock of its own.
  private mutating func clock(of point: CapturePoint) -> Int? {
    if point.agent != nil { return nil }
    let clock = CapturePoint(input: point.input, interface: point.interface)
    if let known = clocks.firstIndex(of: clock) { return known }
    clocks.append(clock)
    return clocks.count - 1
  }

  private mutating func meet(_ first: Meeting, _ second: Meeting) {
    if second.clock < first.clock { return meet(second, first) }
    var index = pairs.firstIndex { $0.first == first.clock && $0.second == second.clock }
    if index == nil {
      guard pairs.count < Bounds.clockPairs else { return }
      pairs.append(Pair(first: first.clock, second: second.clock))
      index = pairs.count - 1
    }
    guard let index, pairs[index].differences.count < Self.mostDifferences else { return }
    pairs[index].differences.append(
      Difference(value: (second.time - first.time).nanoseconds, messages: [first.id, second.id]))
    if pairs[index].differences.count >= Clocks.fewestPackets { hasNews = true }
  }

  /// By how much the second clock of a pair is ahead; nil where the messages do not agree.
  private func offset(of pair: Pair) -> Int64? {
    let values = pair.differences.filter { !$0.messages.contains(where: repeated.contains) }.map(\.value).sorted()
    guard values.count >= Clocks.fewestPackets else { return nil }
    let median = values[values.count / 2]
    let agreeing = values.count {
      Interval(nanoseconds: $0.subtractingReportingOverflow(median).partialValue).magnitude <= Self.agreement
    }
    return agreeing >= Clocks.fewestPackets && agreeing * 4 >= values.count * 3 ? median : nil
  }

  /// Are so many clocks all compared with each other? Told once for each pair that has met anew.
  mutating func haveMet(_ count: Int) -> Bool {
    guard hasNews, clocks.count >= count else { return false }
    hasNews = false
    return offsets.allSatisfy { $0.reference == offsets.first?.reference }
  }

  /// By clock: the first of those that it can be compared with, and by how much it is ahead of that.
  private var offsets: [(reference: Int, ahead: Int64)] {
    let order = clocks.indices.sorted { clocks[$0] < clocks[$1] }
    let links = pairs.compactMap { pair in offset(of: pair).map { (pair.first, pair.second, $0) } }
    var found: [(reference: Int, ahead: Int64)?] = Array(repeating: nil, count: clocks.count)
    for reference in order where found[reference] == nil {
      found[reference] = (reference, 0)
      var front = [reference]
      while let clock = front.popLast(), let ahead = found[clock]?.ahead {
        for (first, second, difference) in links where first == clock || second == clock {
          let other = first == clock ? second : first
          if found[other] != nil { continue }
          let (sum, overflow) = ahead.addingReportingOverflow(first == clock ? difference : -difference)
          if overflow { continue }
          found[other] = (reference, sum)
          front.append(other)
        }
      }
    }
    return found.indices.map { found[$0] ?? ($0, 0) }
  }

  /// By how much the stamps are to be moved, and of which inputs that is known. What is compared with nothing keeps its stamps,
  /// but an interface beside others of its input that agree stands on one host with them.
  var shifts: (ClockShifts, known: Set<UInt16>) {
    let offsets = offsets
    let isCompared = clocks.indices.map { clock in
      offsets.indices.contains { $0 != clock && offsets[$0].reference == offsets[clock].reference }
    }
    var shifts = ClockShifts()
    var known = Set<UInt16>()
    for input in Set(clocks.map(\.input)).sorted() {
      let mine = clocks.indices.filter { clocks[$0].input == input && isCompared[$0] }
      let gross = mine.map { clock in
        let ahead = Interval(nanoseconds: offsets[clock].ahead)
        return ahead.magnitude < Self.least ? .zero : ahead
      }
      guard let least = gross.min(), let most = gross.max() else { continue }
      known.insert(input)
      if most - least < Self.least {
        shifts.set(least, of: input)
      } else {
        for (clock, shift) in zip(mine, gross) { shifts.set(shift, of: input, interface: clocks[clock].interface) }
      }
    }
    return (shifts, known)
  }
}
