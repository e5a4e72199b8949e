import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

/// Messages that were met by several clocks, each an interface of an input, whatever their stamps say: the same packets, and
/// the same request and response on hops apart.
struct ClockMeetings {
  /// What is so near to the median of the differences agrees with it.
  private static let agreement = Interval.milliseconds(250)
  /// So many packets must agree where each has an identity.
  private static let fewest = 2
  /// Differences that are remembered of a pair.
  private static let mostDifferences = 64
  /// A pcapng may name thousands of interfaces.
  private static let mostClocks = 128

  /// What its sightings do not tell of a message.
  private struct Content {
    var ends: Fingerprint
    /// Ends and the first octets, which are there in a packet that the capture cut as well; of DNS what tells a question from
    /// the others.
    var whole: Fingerprint
    var steps: [ExchangeMeetings.Step]

    /// As far as the branch of the topmost Via.
    private static let compared = 256

    /// Nil for what is neither SIP nor Diameter nor DNS.
    init?(_ message: Message) {
      ends = .empty
      ends.combine(from: message.source, to: message.destination)
      whole = ends
      if let octets = message.sip?.bytes ?? message.diameter?.bytes {
        if message.isTruncated, octets.count < Self.compared { return nil }
        whole.combine(octets.span.bytes.extracting(0..<min(octets.count, Self.compared)))
      } else if let dns = message.dns, let question = dns.question {
        whole.combine(UInt64(dns.id) << 1 | (dns.isResponse ? 1 : 0))
        whole.combine(question.name)
        whole.combine(UInt64(question.type.rawValue))
      } else {
        return nil
      }
      steps = message.isTruncated ? [] : ExchangeMeetings.Step.steps(of: message)
    }
  }

  /// A packet as it was met by one clock.
  private struct Meeting: BitwiseCopyable {
    var clock: Int
    var time: Timestamp
  }

  private struct Difference: BitwiseCopyable {
    /// By which the second clock is ahead.
    var value: Interval
    var packet: Fingerprint
    var hasIdentity: Bool
  }

  /// Messages that are remembered.
  private let limit: Int
  private(set) var clocks: [CapturePoint] = []
  /// Messages that each clock met.
  private var counts: [Int] = []
  /// By input and message.
  private var contents = FingerprintTable<Content>()
  /// By packet.
  private var firsts = FingerprintTable<Meeting>()
  /// Packets without an identity that one clock met more than once: nobody can tell which of them another one met.
  private var repeated = FingerprintTable<Bool>()
  private var differences = ClockPairs<[Difference]>()
  private var exchanges = ExchangeMeetings()
  /// A pair has met anew: once, twice, four times and so on, so that it is not looked at for every message.
  private var hasNews = false

  /// - Parameter most: messages that are remembered.
  init(most: Int) { limit = most }

  mutating func note(_ event: consuming MessageReader.Event, of input: UInt16) {
    switch event {
    case .message(let message):
      guard contents.count < limit, let content = Content(message) else { return }
      contents.insert(Self.key(message.id, of: input), content)
      note(message.firstSighting, content, isSentAgain: false)
    case .sighting(let id, _, let transmission, let sighting, _, _):
      guard let content = contents[Self.key(id, of: input)] else { return }
      note(sighting, content, isSentAgain: transmission > 0)
    }
  }

  private static func key(_ message: MessageID, of input: UInt16) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(UInt64(input) << 32 | UInt64(message.value))
    return key
  }

  private mutating func note(_ sighting: Sighting, _ content: Content, isSentAgain: Bool) {
    guard let clock = clock(of: sighting.point) else { return }
    counts[clock] += 1
    // By what only one packet has, the same test, run twice, is not taken for one that was seen twice.
    var packet = content.whole
    packet.combine(UInt64(sighting.identity))
    for step in content.steps {
      let hasMet = exchanges.note(step, clock, sighting.time, content.ends, packet, isSentAgain: isSentAgain)
      hasNews = hasNews || hasMet
    }
    guard let slot = firsts.slot(of: packet) else {
      firsts.insert(packet, Meeting(clock: clock, time: sighting.time))
      return
    }
    let first = firsts[slot: slot]
    if first.clock == clock {
      if isSentAgain, sighting.identity == 0 { repeated.insert(packet, true) }
      return
    }
    let hasIdentity = sighting.identity != 0
    differences.change(first.clock, clock) { known, isForward in
      if known.contains(where: { $0.packet == packet }) {
        if isSentAgain, !hasIdentity { repeated.insert(packet, true) }
      } else if known.count < Self.mostDifferences {
        let value = isForward ? sighting.time - first.time : first.time - sighting.time
        known.append(Difference(value: value, packet: packet, hasIdentity: hasIdentity))
        hasNews = hasNews || known.count.isPowerOfTwo
      }
    }
  }

  /// Nil for an agent, which stamps by a clock of its own, and for more clocks than are compared.
  private mutating func clock(of point: CapturePoint) -> Int? {
    if point.agent != nil { return nil }
    let clock = CapturePoint(input: point.input, interface: point.interface)
    if let known = clocks.firstIndex(of: clock) { return known }
    guard clocks.count < Self.mostClocks else { return nil }
    clocks.append(clock)
    counts.append(0)
    return clocks.count - 1
  }

  /// What the packets say; nil where they do not agree, or are too few.
  private func link(_ pair: ClockPairs<[Difference]>.Pair) -> ClockLink? {
    let differences = pair.value.filter { repeated.slot(of: $0.packet) == nil }.sorted { $0.value < $1.value }
    if differences.isEmpty { return nil }
    let median = differences[differences.count / 2].value
    let agreeing = differences.filter { ($0.value - median).magnitude <= Self.agreement }
    let isProof = agreeing.count { $0.hasIdentity } >= Self.fewest || agreeing.count >= Clocks.fewestPackets
    guard isProof, agreeing.count * 4 >= differences.count * 3 else { return nil }
    return ClockLink(
      first: pair.first, second: pair.second, ahead: median...median, likely: median,
      messages: agreeing.count)
  }

  /// How the clocks stand to each other.
  ///
  /// - Parameter mayBeOneRecorder: two inputs may be files that one recorder wrote one after the other: then what both hold was
  ///   sent again, and says nothing of clocks, unless it is most of what one of them holds.
  func groups(_ mayBeOneRecorder: (UInt16, UInt16) -> Bool) -> ClockGroups {
    func mayBeOne(_ link: ClockLink) -> Bool {
      let (one, other) = (clocks[link.first].input, clocks[link.second].input)
      return one != other && mayBeOneRecorder(one, other)
    }
    let packets = differences.pairs.compactMap(link).filter {
      $0.messages * 2 >= min(counts[$0.first], counts[$0.second]) || !mayBeOne($0)
    }
    return ClockGroups(clocks, packets: packets, exchanges: exchanges.links.filter { !mayBeOne($0) })
  }

  /// Are so many clocks all compared with each other? Looked at again only where there is news.
  mutating func haveMet(_ count: Int, _ mayBeOneRecorder: (UInt16, UInt16) -> Bool) -> Bool {
    guard hasNews, clocks.count >= count else { return false }
    hasNews = false
    return groups(mayBeOneRecorder).isOne
  }
}

/// By how much the second clock of two is ahead of the first.
struct ClockLink {
  var first: Int
  var second: Int
  var ahead: ClosedRange<Interval>
  var likely: Interval
  /// That prove it.
  var messages: Int

  /// - Parameter likely: nil for the middle.
  init(first: Int, second: Int, ahead: ClosedRange<Interval>, likely: Interval?, messages: Int) {
    self.first = first
    self.second = second
    self.ahead = ahead
    let middle = ahead.lowerBound + Interval(nanoseconds: (ahead.upperBound - ahead.lowerBound).nanoseconds / 2)
    self.likely = likely ?? middle
    self.messages = messages
  }
}

extension Int {
  var isPowerOfTwo: Bool { self & (self - 1) == 0 }
}

/// What is known of pairs of clocks.
struct ClockPairs<Value> where Value: RangeReplaceableCollection {
  struct Pair {
    /// The smaller number of the two.
    var first: Int
    var second: Int
    var value: Value
  }

  private(set) var pairs: [Pair] = []

  /// - Parameter change: is told whether the clock that was named first is the pair's first.
  mutating func change(_ one: Int, _ other: Int, _ change: (inout Value, _ isForward: Bool) -> Void) {
    let (first, second) = (min(one, other), max(one, other))
    var index = pairs.firstIndex { $0.first == first && $0.second == second }
    if index == nil, pairs.count < Bounds.clockPairs {
      index = pairs.count
      pairs.append(Pair(first: first, second: second, value: Value()))
    }
    if let index { change(&pairs[index].value, one == first) }
  }
}
