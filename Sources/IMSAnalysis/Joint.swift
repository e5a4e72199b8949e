import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSSecrets
import IMSWire

/// Where the one reader and the lanes meet: the ledger is written first, then each message goes to its subscriber's lane.
/// Packet time is cut into beats, at which every lane closes what is over: nothing that a lane knows or does between two of
/// them depends on how fast it is.
struct Joint {
  /// Registrations end within half a second of when they are looked for: this is short beside it, and long beside the time
  /// that it takes to tell the lanes.
  static let step = Interval.milliseconds(100)
  /// Clocks are read no more often than this.
  static let clockStep = Interval.seconds(1)

  var ledger = Ledger()
  private(set) var lanes: Lanes
  private var learner: KeyLearner
  private var router = Router()
  private var early = EarlyAnswers()
  private var cut = CutMessages()
  private var open = OpenBytes()
  private let mostOpen: Int
  private var beats = 0
  private var nextBeat = Timestamp.distantPast
  private var clocksDue = Timestamp.distantPast
  /// How the clocks stood at a beat, until somebody wants to know.
  private var estimator: ClockEstimator?

  init(_ options: Options, _ judge: Judge) {
    learner = KeyLearner(options.subscriberKeys)
    lanes = Lanes(options, judge)
    mostOpen = options.maxMemory
  }

  /// Answers where further sightings of the message go, as `RouteCode`.
  mutating func take(_ event: consuming MessageReader.Event) -> UInt64 {
    switch event {
    case .message(var message):
      cut.complete(&message)
      learner.note(message)
      let place = Ledger.route(of: message)
      ledger.note(message, place)
      var code = RouteCode(message, place)
      if router.isEarly(message) {
        early.hold(consume message)
      } else if let lane = file(consume message) {
        code.lane = lane
      }
      return code.word
    case .sighting(let id, let word, let transmission, let sighting, let source, let destination):
      let code = RouteCode(word: word)
      if code.isKept { ledger.note(sighting, of: id, transmission: transmission) }
      if let route = code.ledgerRoute(source, destination) { ledger.note(sighting, of: route) }
      var lane = code.lane
      if lane == nil, !early.isEmpty { lane = early.add(sighting, of: id, transmission: transmission) }
      if let lane {
        open.add(Message.sightingFootprint, of: id)
        lanes.give(sighting, of: id, transmission: transmission, to: lane)
      }
      return word
    }
  }

  /// Keys of Gm that were learned since the last call; nil for none.
  mutating func takeKeys() -> [SecurityAssociation]? { learner.take() }

  /// Gives the message to its subscriber's lane, with the answer that came before it; nil when it belongs to nobody.
  private mutating func file(_ message: consuming Message) -> Int? {
    guard let subscriber = router.route(message) else { return nil }
    let lane = lanes.lane(of: subscriber)
    if let answer = early.take(answering: message) {
      _ = router.route(answer)
      early.note(answer.id, lane: lane)
      give(answer, of: subscriber, to: lane)
    }
    give(message, of: subscriber, to: lane)
    return lane
  }

  private mutating func give(_ message: consuming Message, of subscriber: Fingerprint, to lane: Int) {
    open.add(message.footprint, of: message.id)
    lanes.give(message, of: subscriber, to: lane)
  }

  /// Answers whose requests did not come: the recorder lost those, or began behind them.
  private mutating func release(before time: Timestamp) {
    for answer in early.release(before: time) {
      let ends = Loss.Ends(answer.destination.address, answer.source.address)
      ledger.note(Loss(input: answer.firstPoint.input, time: answer.time, ends: ends))
      if let lane = file(answer) { early.note(answer.id, lane: lane) }
    }
  }

  /// Called after every frame, with the time until which everything has come. Answers until when it need not be called for
  /// frames that bring nothing.
  ///
  /// - Parameters:
  ///   - clocks: what is known of the clocks of the capture points.
  ///   - streams: bytes of streams and packets that are not whole.
  mutating func advance(
    to watermark: Timestamp, clocks: () -> ClockEstimator, streams: () -> Int, _ emit: Lanes.Emit
  ) -> Timestamp {
    guard open.total > 0 || early.nextDue != .distantFuture else { return .distantFuture }
    if watermark >= nextBeat { beat(watermark, clocks, streams, emit) }
    return nextBeat
  }

  private mutating func beat(
    _ watermark: Timestamp, _ clocks: () -> ClockEstimator, _ streams: () -> Int, _ emit: Lanes.Emit
  ) {
    nextBeat = watermark + Joint.step
    beats += 1
    if watermark >= clocksDue {
      estimator = clocks()
      clocksDue = watermark + Joint.clockStep
    }
    ledger.prune(before: watermark)
    release(before: watermark)
    lanes.takeReleased(until: beats - Lanes.lag) { open.remove($0) }
    let beat = Lane.Beat(number: beats, watermark: watermark, limit: limit(besides: streams()))
    if lanes.pass(beat) {
      lanes.threads?.collect(emit)
      return
    }
    if let estimator { ledger.clocks = estimator.clocks }
    estimator = nil
    ledger.watermark = watermark
    lanes.advance(beat, ledger, emit)
  }

  /// Where memory is short: the first message that is not given up. An eighth more is given up than must be, so that it
  /// is not done at every beat.
  private mutating func limit(besides streams: Int) -> MessageID? {
    guard open.total + streams > mostOpen else { return nil }
    return open.giveUp(downTo: max(0, mostOpen - mostOpen / 8 - streams))
  }

  mutating func finish(clocks: Clocks, _ emit: Lanes.Emit) {
    ledger.clocks = clocks
    ledger.watermark = .distantPast
    release(before: .distantFuture)
    beats += 1
    lanes.finish(Lane.Beat(number: beats, watermark: .distantFuture), ledger, emit)
  }

  func describe(_ coverage: inout Coverage) {
    let leftovers = lanes.leftovers
    coverage.strays = leftovers.strays + cut.unjoined
    coverage.forget(ledger.forgotten)
    coverage.forget(learner.forgotten)
    coverage.forget([
      "registrations before their end": leftovers.givenUp, "subscribers": leftovers.forgottenBindings,
      "branches of cut messages": cut.evicted, "packets of further capture points": coverage.hops.unlisted,
      "identities and open Cx requests": router.evicted, "Cx answers that waited for their requests": early.evicted,
    ])
  }
}

/// What the reader keeps beside a message so that its further sightings find the lane and the ledger: lane, hop,
/// direction.
struct RouteCode {
  var word: UInt64

  init(word: UInt64) { self.word = word }

  /// Without a lane.
  init(_ message: borrowing Message, _ route: LedgerRoute?) {
    word = 0
    if let route {
      word |= (route.hop.ordinal + 1) << 32
      if route.client == message.source.address { word |= 1 << 40 }
    }
    if !message.isOfRegistration { word |= 1 << 41 }
  }

  var lane: Int? {
    get {
      let value = Int(word & 0xffff_ffff)
      return value == 0 ? nil : value - 1
    }
    set { word = word & ~0xffff_ffff | UInt64(newValue.map { $0 + 1 } ?? 0) }
  }

  /// The ledger keeps the message itself.
  var isKept: Bool { word & 1 << 41 != 0 }

  func ledgerRoute(_ source: Endpoint, _ destination: Endpoint) -> LedgerRoute? {
    guard let hop = Hop(ordinal: word >> 32 & 0xff &- 1) else { return nil }
    let forward = word & 1 << 40 != 0
    return LedgerRoute(
      hop: hop, client: (forward ? source : destination).address,
      server: (forward ? destination : source).address)
  }
}
