import IMSBytes
import IMSFlows
import IMSMessages
package import IMSRules
import IMSSecrets
import IMSWire

/// The loop: inputs in, one report per registration out, and what is to be said of the whole at the end.
package struct Analyzer {
  /// A packet may come so late: 2 s by which a file may be out of order, and what the clocks of two capture points may
  /// be apart.
  static let hold = Interval.seconds(3)
  /// Clocks are read no more often than this.
  static let clockStep = Interval.seconds(1)

  private let options: Options
  private let checker: Checker

  package init(_ options: Options = Options()) {
    self.options = options
    checker = Checker(options.rules, profile: options.profile, suppressions: options.suppressions)
  }

  /// `onRegistration` is called for each selected registration as soon as it is judged, in the order in which they end.
  package func run(_ sources: [FrameLoop.Source], onRegistration: (FlowReport) -> Void) -> RunReport {
    var loop = FrameLoop(sources, options)
    var messages = MessageReader(outerPaths: loop.outerPaths)
    var joint = Joint(options)
    var report = RunReport()
    var number = 0

    func judge(_ flows: [Flow]) {
      for flow in flows {
        number += 1
        report.coverage.hops.note(flow)
        guard options.selection.includes(flow, id: number) else { continue }
        var judged = checker.check(flow)
        judged.id = number
        report.count(judged)
        onRegistration(judged)
      }
    }

    var clocksDue = Timestamp.distantPast
    loop.run(
      tick: { joint.ledger.tick($0, $1) },
      deliver: { payload in
        let taken = messages.feed(payload) { joint.take($0) }
        messages.tellLosses { joint.ledger.note($0) }
        return taken
      },
      keys: { joint.takeKeys() }, esp: { joint.ledger.note($0) }, lost: { joint.ledger.note($0) },
      advance: { newest in
        let complete = newest - Analyzer.hold
        guard complete >= joint.nextDue else { return }
        if complete >= clocksDue {
          joint.ledger.clocks = messages.clocks
          clocksDue = complete + Analyzer.clockStep
        }
        judge(joint.advance(to: complete))
      })
    joint.ledger.clocks = messages.clocks
    judge(joint.finish())

    report.inputs = loop.reports
    report.wasInterrupted = loop.wasInterrupted
    loop.census(into: &report.coverage)
    report.coverage.count(messages)
    report.coverage.clocks = joint.ledger.clocks
    joint.describe(&report.coverage)
    report.associations = options.keepsKeys ? loop.associations : []
    report.judge(checker)
    return report
  }
}

/// Where the one reader and the lanes meet: the ledger is written first, then each message goes to its subscriber's lane.
struct Joint {
  var ledger = Ledger()
  private var learner: KeyLearner
  private var router = Router()
  private var lanes: [Correlator]
  private var early = EarlyAnswers()
  private var cut = CutMessages()
  /// The next time at which `advance` has something to do; asked for after every frame.
  private(set) var nextDue = Timestamp.distantFuture

  init(_ options: Options) {
    learner = KeyLearner(options.subscriberKeys)
    lanes = Array(
      repeating: Correlator(
        hosts: options.hosts, customs: options.profile.customs, keys: options.subscriberKeys),
      count: max(1, options.lanes))
  }

  /// Answers where further sightings of the message go, as `RouteCode`.
  mutating func take(_ event: consuming MessageReader.Event) -> UInt64 {
    switch event {
    case .message(var message):
      cut.complete(&message)
      learner.note(message)
      let place = Ledger.route(of: message)
      ledger.note(message, place)
      if router.isEarly(message) {
        early.hold(message)
        findNextDue()
        return RouteCode(lane: nil, message, place).word
      }
      return RouteCode(lane: file(message), message, place).word
    case .sighting(let id, let word, let transmission, let sighting, let source, let destination):
      let code = RouteCode(word: word)
      if code.isKept { ledger.note(sighting, of: id, transmission: transmission) }
      if let route = code.ledgerRoute(source, destination) { ledger.note(sighting, of: route) }
      var lane = code.lane
      if lane == nil, !early.isEmpty { lane = early.add(sighting, of: id, transmission: transmission) }
      if let lane { lanes[lane].add(sighting, of: id, transmission: transmission) }
      return word
    }
  }

  /// Keys of Gm that were learned since the last call.
  mutating func takeKeys() -> [SecurityAssociation] { learner.take() }

  /// Gives the message to its subscriber's lane, with the answer that came before it; nil when it belongs to nobody.
  private mutating func file(_ message: Message) -> Int? {
    guard let subscriber = router.route(message) else { return nil }
    let lane = Int(subscriber.low % UInt64(lanes.count))
    if let answer = early.take(answering: message) {
      _ = router.route(answer)
      early.note(answer.id, lane: lane)
      lanes[lane].add(answer, subscriber: subscriber)
    }
    lanes[lane].add(message, subscriber: subscriber)
    findNextDue()
    return lane
  }

  /// Answers whose requests did not come.
  private mutating func release(before time: Timestamp) {
    for answer in early.release(before: time) {
      if let lane = file(answer) { early.note(answer.id, lane: lane) }
    }
  }

  private mutating func findNextDue() {
    nextDue = early.nextDue
    for lane in lanes.indices { nextDue = min(nextDue, lanes[lane].nextDue) }
  }

  mutating func advance(to watermark: Timestamp) -> [Flow] {
    ledger.prune(before: watermark)
    release(before: watermark)
    var closed: [Flow] = []
    for lane in lanes.indices { closed += lanes[lane].advance(to: watermark, ledger: ledger) }
    findNextDue()
    return lanes.count == 1 ? closed : closed.sorted { $0.order < $1.order }
  }

  mutating func finish() -> [Flow] {
    release(before: .distantFuture)
    var closed: [Flow] = []
    for lane in lanes.indices { closed += lanes[lane].finish(ledger: ledger) }
    return lanes.count == 1 ? closed : closed.sorted { $0.order < $1.order }
  }

  func describe(_ coverage: inout Coverage) {
    coverage.strays = lanes.reduce(0) { $0 + $1.strays } + cut.unjoined
    coverage.forget(ledger.forgotten)
    coverage.forget(learner.forgotten)
    coverage.forget([
      "subscribers": lanes.reduce(0) { $0 + $1.forgottenBindings },
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

  init(lane: Int?, _ message: Message, _ route: LedgerRoute?) {
    word = lane.map { UInt64($0) + 1 } ?? 0
    if let route {
      word |= (route.hop.ordinal + 1) << 32
      if route.client == message.source.address { word |= 1 << 40 }
    }
    if !message.isOfRegistration { word |= 1 << 41 }
  }

  var lane: Int? {
    let value = Int(word & 0xffff_ffff)
    return value == 0 ? nil : value - 1
  }

  /// The ledger keeps the message itself.
  var isKept: Bool { word & 1 << 41 != 0 }

  func ledgerRoute(_ source: Endpoint, _ destination: Endpoint) -> LedgerRoute? {
    let hop = Int(word >> 32 & 0xff)
    guard hop > 0 else { return nil }
    let forward = word & 1 << 40 != 0
    return LedgerRoute(
      hop: Hop.allCases[hop - 1], client: (forward ? source : destination).address,
      server: (forward ? destination : source).address)
  }
}
