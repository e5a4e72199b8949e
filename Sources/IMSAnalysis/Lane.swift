import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules

/// The registrations of some subscribers, from their messages to their verdicts. It shares nothing that changes with any
/// other lane.
struct Lane: Sendable {
  /// What the reader hands on.
  enum Input: Sendable {
    case message(Message, subscriber: Fingerprint)
    case sighting(Sighting, of: MessageID, transmission: Int)
  }

  /// A moment of packet time at which every lane closes what is over.
  struct Beat: Sendable {
    /// From 1.
    var number: Int
    /// The distant future when the input has ended.
    var watermark: Timestamp
    /// Memory is short: what began before this message is closed as it is.
    var limit: MessageID?

    var isLast: Bool { watermark == .distantFuture }
  }

  /// A registration that is over.
  struct Ended: Sendable {
    var beat: Int
    var order: Flow.Order
    var report: FlowReport
    /// Its rules were asked: it is among those that the user selected.
    var isJudged: Bool
    /// What it shows of the hops.
    var hops: [HopCoverage.Span]
  }

  private var correlator: Correlator
  private var held = HeldBack()
  private let judge: Judge

  init(_ options: Options, _ judge: Judge) {
    correlator = Correlator(hosts: options.hosts, customs: options.profile.customs, keys: options.subscriberKeys)
    self.judge = judge
  }

  mutating func add(_ message: consuming Message, subscriber: Fingerprint) {
    correlator.add(message, subscriber: subscriber)
  }

  mutating func add(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    correlator.add(sighting, of: id, transmission: transmission)
  }

  /// Takes them all out, in their order.
  mutating func take(_ inputs: inout [Input?]) {
    for index in inputs.indices {
      switch inputs[index].take() {
      case .message(let message, let subscriber): add(message, subscriber: subscriber)
      case .sighting(let sighting, let id, let transmission): add(sighting, of: id, transmission: transmission)
      case nil: continue
      }
    }
  }

  var nextDue: Timestamp {
    min(correlator.nextDue, held.first.map { $0.closedAt + Correlator.holdBack } ?? .distantFuture)
  }

  /// Gives out the registrations that are over, in the order in which they ended; what was let go until now.
  mutating func advance(_ beat: Beat, _ ledger: Ledger, _ emit: (consuming Ended) -> Void) -> ReleasedBytes {
    let judge = judge
    var held = HeldBack()
    swap(&held, &self.held)
    // Judged as soon as it is built, while the caches still hold what it is made of.
    if beat.isLast {
      correlator.finish(ledger: ledger) { (flow: consuming Flow) in held.append(judge.end(consume flow, at: beat)) }
    } else if let limit = beat.limit {
      correlator.advance(to: beat.watermark, ledger: ledger, givingUp: limit) { (flow: consuming Flow) in
        held.append(judge.end(consume flow, at: beat))
      }
    } else {
      correlator.advance(to: beat.watermark, ledger: ledger) { (flow: consuming Flow) in
        held.insert(judge.end(consume flow, at: beat))
      }
    }
    if beat.isLast || beat.limit != nil { held.sort() }
    let limit = beat.isLast ? .distantFuture : beat.watermark - Correlator.holdBack
    while let next = held.first, next.closedAt <= limit, var ended = held.popFirst() {
      ended.beat = beat.number
      emit(consume ended)
    }
    swap(&held, &self.held)
    return correlator.takeReleased()
  }

  var leftovers: Leftovers {
    Leftovers(
      strays: correlator.strays, forgottenBindings: correlator.forgottenBindings, givenUp: correlator.givenUp)
  }

  /// What is said of a lane at the end.
  struct Leftovers: Sendable {
    var strays = 0
    var forgottenBindings = 0
    var givenUp = 0

    mutating func add(_ other: Leftovers) {
      strays += other.strays
      forgottenBindings += other.forgottenBindings
      givenUp += other.givenUp
    }
  }
}

/// Asks the rules about those registrations that the user selected.
struct Judge: Sendable {
  let checker: Checker
  private let selection: Selection

  init(_ options: Options) {
    checker = Checker(options.rules, profile: options.profile, suppressions: options.suppressions)
    selection = options.selection
  }

  /// Is it judged in its lane? That does not know the numbers of registrations: where one is sought, none is.
  func judges(_ flow: Flow) -> Bool { selection.registration == nil && selection.includes(flow, id: 0) }

  /// What is to be said of a registration, but for its number.
  func end(_ flow: consuming Flow, at beat: Lane.Beat) -> Lane.Ended {
    let (order, isJudged, hops) = (flow.order, judges(flow), flow.index.spans)
    var ended = Lane.Ended(
      beat: beat.number, order: order, report: FlowReport(flow: consume flow), isJudged: isJudged, hops: hops)
    if isJudged { checker.check(&ended.report) }
    return ended
  }

  /// Gives a report its number; false when it was not selected.
  func conclude(_ report: inout FlowReport, isJudged: Bool, id: Int) -> Bool {
    if !isJudged {
      guard selection.registration != nil, selection.includes(report.flow, id: id) else { return false }
      checker.check(&report)
    }
    report.id = id
    return true
  }
}
