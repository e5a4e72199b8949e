import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// What clocks on hops apart met of one registration. They share no packet, but a request comes by the one that is nearer to the
/// UE first, and its response by the other: the two enclose the offset of the clocks. Cx has no name for the request, but
/// the challenge has its RAND and AUTN from the MAA, and comes soon behind it.
struct ExchangeMeetings {
  /// The same for one request, for its response or for one vector on all hops.
  struct Step: BitwiseCopyable {
    fileprivate enum Kind {
      case request, response, vector, challenge
    }

    fileprivate var key: Fingerprint
    fileprivate var kind: Kind

    private init(_ key: Fingerprint, _ kind: Kind) {
      self.key = key
      self.kind = kind
    }

    /// None of a provisional response, which each hop has of its own, and where a part of the key is missing.
    static func steps(of message: Message) -> [Step] {
      if let sip = message.sip { return exchange(sip) + challenge(sip) }
      guard message.command == .multimediaAuth, !message.asks, let answer = message.diameter else { return [] }
      return answer.challenges.map { Step($0, .vector) }
    }

    private static func exchange(_ sip: SIPMessage) -> [Step] {
      let (keys, status) = (sip.keys, sip.status ?? 0)
      guard keys.callID != .empty, keys.cseq != 0, sip.isRequest || status >= 200 else { return [] }
      var key = keys.callID
      key.combine(UInt64(keys.cseq), UInt64(status))
      key.combine(keys.fromTag)
      return [Step(key, sip.isRequest ? .request : .response)]
    }

    private static func challenge(_ sip: SIPMessage) -> [Step] {
      guard sip.status == 401 else { return [] }
      return sip.wwwAuthenticate.compactMap { KeyLearner.challengeKey($0.nonce) }.map { Step($0, .challenge) }
    }
  }

  private struct Meeting: BitwiseCopyable {
    var clock: Int
    var time: Timestamp
    var kind: Step.Kind
    var ends: Fingerprint
    var packet: Fingerprint
  }

  private struct Difference: BitwiseCopyable {
    enum Kind {
      case request, response
      /// The offset is no larger, and no smaller.
      case atMost, atLeast
      /// Different packets of one hop: another run of the same test.
      case contradiction
    }

    /// By which the second clock is ahead.
    var value: Interval
    var kind: Kind
    var step: Fingerprint
  }

  /// From the MAA to the challenge at the UE, at most and as a rule at least.
  private static let patience = Interval.seconds(2)
  private static let haste = Interval.milliseconds(1)
  /// Meetings of one step that are remembered.
  private static let mostMeetings = 16
  private static let mostDifferences = 64

  private var steps = FingerprintTable<[Meeting]>()
  /// What some clock met more than once: the other one may have met another sending.
  private var sentAgain = FingerprintTable<Bool>()
  private var differences = ClockPairs<[Difference]>()

  /// True when two clocks met once, twice, four times and so on.
  mutating func note(
    _ step: Step, _ clock: Int, _ time: Timestamp, _ ends: Fingerprint, _ packet: Fingerprint, isSentAgain: Bool
  ) -> Bool {
    if isSentAgain { sentAgain.insert(step.key, true) }
    let meeting = Meeting(clock: clock, time: time, kind: step.kind, ends: ends, packet: packet)
    guard let slot = steps.slot(of: step.key) else {
      steps.insert(step.key, [meeting])
      return false
    }
    let others = steps[slot: slot]
    if others.count >= Self.mostMeetings || others.contains(where: { $0.clock == clock && $0.ends == ends }) {
      return false
    }
    var hasMet = false
    for other in others where other.clock != clock && other.packet != packet {
      differences.change(other.clock, clock) { known, isForward in
        let (first, second) = isForward ? (other, meeting) : (meeting, other)
        guard known.count < Self.mostDifferences, let kind = Self.kind(first, second) else { return }
        known.append(Difference(value: second.time - first.time, kind: kind, step: step.key))
        hasMet = hasMet || known.count.isPowerOfTwo
      }
    }
    steps[slot: slot].append(meeting)
    return hasMet
  }

  /// Nil where a vector met a vector, or a challenge a challenge.
  private static func kind(_ first: Meeting, _ second: Meeting) -> Difference.Kind? {
    if first.ends == second.ends { return .contradiction }
    switch (first.kind, second.kind) {
    case (.request, .request): return .request
    case (.response, .response): return .response
    case (.vector, .challenge): return .atMost
    case (.challenge, .vector): return .atLeast
    default: return nil
    }
  }

  var links: [ClockLink] { differences.pairs.compactMap(link) }

  private func link(_ pair: ClockPairs<[Difference]>.Pair) -> ClockLink? {
    func range(_ kind: Difference.Kind) -> ClosedRange<Interval>? {
      let values = pair.value.filter { $0.kind == kind && sentAgain.slot(of: $0.step) == nil }.map(\.value)
      guard let least = values.min(), let most = values.max() else { return nil }
      return least...most
    }
    if range(.contradiction) != nil { return nil }
    func link(_ ahead: ClosedRange<Interval>, _ likely: Interval? = nil) -> ClockLink {
      ClockLink(first: pair.first, second: pair.second, ahead: ahead, likely: likely, messages: pair.value.count)
    }
    if let requests = range(.request), let responses = range(.response) {
      if responses.upperBound <= requests.lowerBound { return link(responses.upperBound...requests.lowerBound) }
      return requests.upperBound <= responses.lowerBound ? link(requests.upperBound...responses.lowerBound) : nil
    }
    if let most = range(.atMost)?.lowerBound { return link(most - Self.patience...most, most - Self.haste) }
    if let least = range(.atLeast)?.upperBound { return link(least...least + Self.patience, least + Self.haste) }
    return nil
  }
}
