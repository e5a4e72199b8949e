import IMSBytes
import IMSMessages
import IMSWire

/// The clocks that can be compared with each other, and by how much each is ahead of the first of its group.
struct ClockGroups {
  /// A smaller difference is found and corrected on the way: packets may come that late.
  static let least = Interval.seconds(1)

  private let clocks: [CapturePoint]
  /// By clock.
  private var references: [Int]
  private var ahead: [Interval]
  /// Clocks whose groups exchanges alone compare with another one.
  private var bounds: [ClockShifts.Bound] = []

  /// - Parameters:
  ///   - packets: what packets say that both clocks met.
  ///   - exchanges: what requests and responses say on hops apart: not so sure, and used for gross differences alone.
  init(_ clocks: [CapturePoint], packets: [ClockLink], exchanges: [ClockLink]) {
    self.clocks = clocks
    references = Array(clocks.indices)
    ahead = Array(repeating: .zero, count: clocks.count)
    for link in packets { join(link, by: link.likely) }
    let narrowFirst = exchanges.sorted {
      ($0.ahead.upperBound - $0.ahead.lowerBound, $0.first, $0.second)
        < ($1.ahead.upperBound - $1.ahead.lowerBound, $1.first, $1.second)
    }
    for link in narrowFirst where references[link.first] != references[link.second] { joinGroups(link) }
  }

  /// What the packets say holds for the whole groups of both clocks.
  private mutating func join(_ link: ClockLink, by difference: Interval) {
    let (one, other) = (references[link.first], references[link.second])
    if one == other { return }
    // By how much the second group is to be moved against the first.
    let step = ahead[link.first] + difference - ahead[link.second]
    let isFirst = clocks[one] < clocks[other]
    let (kept, moved) = isFirst ? (one, other) : (other, one)
    for clock in clocks.indices where references[clock] == moved {
      references[clock] = kept
      ahead[clock] = isFirst ? ahead[clock] + step : ahead[clock] - step
    }
  }

  /// Groups whose clocks may be right as they are stay so.
  private mutating func joinGroups(_ link: ClockLink) {
    let base = ahead[link.first] - ahead[link.second]
    let range = base + link.ahead.lowerBound...base + link.ahead.upperBound
    let mayBeRight = range.lowerBound < Self.least && range.upperBound > .zero - Self.least
    let (one, other) = (references[link.first], references[link.second])
    join(link, by: mayBeRight ? .zero - base : link.likely)
    if mayBeRight { return }
    let isFirst = clocks[one] < clocks[other]
    let offset = isFirst ? range : .zero - range.upperBound...(.zero - range.lowerBound)
    bounds.append(
      ClockShifts.Bound(
        point: clocks[isFirst ? other : one], reference: clocks[isFirst ? one : other], offset: offset))
  }

  /// All clocks are compared with each other.
  var isOne: Bool { references.allSatisfy { $0 == references.first } }

  /// By how much the stamps are to be moved, and of which inputs that is known. What is compared with nothing keeps its stamps,
  /// but an interface beside others of its input that agree stands on one host with them.
  var shifts: (ClockShifts, known: [UInt16]) {
    let members = clocks.indices.map { ClockShifts.Member(point: clocks[$0], reference: clocks[references[$0]]) }
    var shifts = ClockShifts(members, bounds: bounds)
    var known: [UInt16] = []
    for input in clocks.map(\.input).sorted() where known.last != input {
      let mine = clocks.indices.filter { clocks[$0].input == input && isCompared($0) }
      let gross = mine.map { ahead[$0].magnitude < Self.least ? .zero : ahead[$0] }
      guard let least = gross.min(), let most = gross.max() else { continue }
      known.append(input)
      if most - least < Self.least {
        shifts.set(least, of: input)
      } else {
        for (clock, shift) in zip(mine, gross) { shifts.set(shift, of: input, interface: clocks[clock].interface) }
      }
    }
    return (shifts, known)
  }

  private func isCompared(_ clock: Int) -> Bool {
    references.indices.contains { $0 != clock && references[$0] == references[clock] }
  }
}
