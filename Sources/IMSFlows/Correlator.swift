package import IMSBytes
package import IMSMessages
import IMSDiameter
import IMSSIP
package import IMSSecrets
import IMSWire

/// Collects the messages of each subscriber and closes registrations as packet time passes. One lane: it shares nothing
/// that changes with any other.
package struct Correlator: Sendable {
  /// The last hop's final answer follows the first one within this, as a rule: looking then finds all of them.
  static let slack = Interval.milliseconds(500)
  /// A registration is looked at no later than this after its end. Until then another one that ended earlier may follow.
  package static let holdBack = Interval.seconds(1)
  /// A subscriber whose ESP packets wait for keys is not judged before, but waits no longer than they do.
  static let longestHold = Interval.seconds(Int64(Bounds.parkedPatience))
  static let holdStep = Interval.seconds(5)

  private let timing: Timers
  private var builder: FlowBuilder
  private var partition: Partition
  private var order = MessageOrder()
  private var subscribers = Subscribers()
  private var timers = TimerQueue()
  private var bindings: Bindings
  /// Of messages whose registrations are held back, until when; one stands for those of its run that go with it.
  private var retiring = FIFO<(due: Timestamp, id: MessageID, bytes: Int)>()
  private var released = ReleasedBytes()
  /// Messages that belong to no registration: copies that came after it was closed, NOTIFYs of other causes.
  package private(set) var strays = 0
  package var forgottenBindings: Int { bindings.forgotten }
  /// Registrations that were closed before their end because memory was short.
  package private(set) var givenUp = 0

  package init(
    hosts: Hosts = Hosts(), customs: Customs = Customs(), keys: SubscriberKeys = SubscriberKeys(),
    bindings: Int = Bounds.bindings
  ) {
    timing = customs.timers
    builder = FlowBuilder(hosts: hosts, customs: customs, keys: keys)
    partition = Partition(timers: customs.timers, hosts: hosts)
    self.bindings = Bindings(capacity: bindings)
  }

  package mutating func add(_ message: consuming Message, subscriber: Fingerprint) {
    let due = message.time + wait(after: message)
    let number = subscribers.add(message, of: subscriber)
    schedule(number, at: due)
  }

  /// The earliest moment at which this message can have ended a registration: nothing is looked at before.
  private func wait(after message: Message) -> Interval {
    if message.isSIP {
      guard message.isRegister else { return Timers.linger }
      switch message.status {
      case ..<200, 401, 407, 420, 421, 423, 494: return timing.finalResponse
      default: return Timers.linger + Correlator.slack
      }
    }
    if let command = message.command {
      let isLast = command == .serverAssignment || command == .registrationTermination
      let ends = !message.asks && (isLast || !(message.diameter?.isSuccess ?? false))
      return ends ? Timers.linger + Correlator.slack : timing.finalResponse
    }
    return Timers.linger
  }

  /// A further sighting of a message that was added; one of a registration that is closed is counted and dropped.
  package mutating func add(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    if subscribers.add(sighting, of: id, transmission: transmission) { return }
    strays += 1
    released.add(Message.sightingFootprint, of: id)
  }

  /// The next time at which `advance` has something to do.
  package var nextDue: Timestamp {
    if !released.isEmpty { return .distantPast }
    return min(timers.next ?? .distantFuture, retiring.first?.due ?? .distantFuture)
  }

  /// What was let go since the last call.
  package mutating func takeReleased() -> ReleasedBytes {
    if released.isEmpty { return released }
    defer { released = ReleasedBytes() }
    return released
  }

  /// Closes the registrations that are over at this time. One that ended earlier may still follow within `holdBack`.
  ///
  /// - Parameter limit: memory is short: registrations with messages from before this one are closed as they are.
  package mutating func advance(
    to watermark: Timestamp, ledger: Ledger, givingUp limit: MessageID? = nil, _ close: (consuming Flow) -> Void
  ) {
    while let (due, key) = timers.pop(upTo: watermark) {
      guard let number = subscribers.number(of: key), subscribers[number].due == due else { continue }
      settle(number, at: watermark, ledger, close)
    }
    if let limit { giveUp(before: limit, at: watermark, ledger, close) }
    while let next = retiring.first, next.due <= watermark {
      _ = retiring.popFirst()
      released.add(next.bytes, of: next.id)
    }
  }

  private mutating func giveUp(
    before limit: MessageID, at watermark: Timestamp, _ ledger: Ledger, _ close: (consuming Flow) -> Void
  ) {
    for key in subscribers.keys.sorted() {
      guard let number = subscribers.number(of: key), subscribers[number].messages.contains(where: { $0.id < limit })
      else { continue }
      settle(number, at: watermark, givingUp: limit, ledger, close)
    }
  }

  /// Closes everything that is still open when the input has ended.
  package mutating func finish(ledger: Ledger, _ close: (consuming Flow) -> Void) {
    for key in subscribers.keys.sorted() {
      if let number = subscribers.number(of: key) { settle(number, at: .distantFuture, ledger, close) }
    }
  }

  private mutating func schedule(_ subscriber: Int, at time: Timestamp) {
    if time >= subscribers[subscriber].due { return }
    subscribers[subscriber].due = time
    timers.push(time, subscribers[subscriber].key)
  }

  /// Looks at what a subscriber did: registrations that are over are built and closed, the rest waits.
  private mutating func settle(
    _ subscriber: Int, at watermark: Timestamp, givingUp limit: MessageID? = nil, _ ledger: Ledger,
    _ close: (consuming Flow) -> Void
  ) {
    if ledger.waitingESP > 0, limit == nil, hold(&subscribers[subscriber], at: watermark, ledger) {
      subscribers[subscriber].due = .distantFuture
      schedule(subscriber, at: watermark + Correlator.holdStep)
      return
    }
    subscribers[subscriber].unfold()
    for copy in subscribers[subscriber].joinCutCopies() {
      subscribers.forget(copy.id)
      released.add(copy.footprint, of: copy.id)
    }
    let key = subscribers[subscriber].key
    let messages = subscribers[subscriber].messages
    order.sort(messages, ledger.clocks)
    partition.cut(order.messages, before: bindings[key], ledger)
    var due = Timestamp.distantFuture
    for number in partition.inOrder {
      let procedure = partition.procedures[number]
      let isOver = procedure.closesAt <= watermark
      guard isOver || partition.began(number, before: limit) else {
        for index in partition.messages(of: number) { order.keep(index) }
        due = min(due, procedure.closesAt)
        continue
      }
      let unknown =
        isOver ? bindings[key]?.unknown(of: procedure) : partition.end(of: number)...Timestamp.distantFuture
      var flow = builder.build(number, of: partition, ledger, before: bindings[key], unknown: unknown)
      if !isOver {
        // It goes at once: to hold it back would take more room than its messages did.
        flow.closedAt = watermark - Correlator.holdBack
        givenUp += 1
      }
      // Until the input ends nothing is known of the time after it.
      if watermark == .distantFuture, flow.finalStatus == nil { flow.closedAt = .distantFuture }
      if let binding = Binding.left(by: flow) { bindings.remember(binding, of: key) }
      close(consume flow)
    }
    keepStrays(at: watermark, givingUp: limit, &due)
    partition.clear()
    order.clear()
    retire(messages, at: watermark, atOnce: limit != nil)
    letGo(of: subscriber, at: watermark, lookingAgain: due)
  }

  /// Forgets what waits no longer.
  private mutating func letGo(of subscriber: Int, at watermark: Timestamp, lookingAgain due: Timestamp) {
    if !order.keepsSome { return subscribers.remove(subscriber) }
    // As they came: their times are made anew with what is known of the clocks then.
    order.removeOthers(from: &subscribers[subscriber].messages)
    subscribers[subscriber].due = .distantFuture
    schedule(subscriber, at: max(due, watermark + Interval.milliseconds(1)))
  }

  /// Messages that wait no longer; their bytes are let go when their registrations are.
  private mutating func retire(_ messages: [Message], at watermark: Timestamp, atOnce: Bool) {
    if watermark == .distantFuture { return }
    // Those that follow each other are let go together.
    var run: (id: MessageID, bytes: Int)?
    for index in messages.indices where !order.keeps(original: index) {
      let (id, bytes) = (messages[index].id, messages[index].footprint)
      subscribers.forget(id)
      if let known = run, OpenBytes.areOneRun(known.id, id) {
        run?.bytes += bytes
      } else {
        if let known = run { retire(known.bytes, of: known.id, at: watermark, atOnce: atOnce) }
        run = (id, bytes)
      }
    }
    if let run { retire(run.bytes, of: run.id, at: watermark, atOnce: atOnce) }
  }

  private mutating func retire(_ bytes: Int, of id: MessageID, at watermark: Timestamp, atOnce: Bool) {
    if atOnce { released.add(bytes, of: id) } else { retiring.append((watermark + Correlator.holdBack, id, bytes)) }
  }

  /// Do ESP packets between this UE and its P-CSCF wait for keys, which may belong to what is open?
  private func hold(_ subscriber: inout Subscribers.Subscriber, at watermark: Timestamp, _ ledger: Ledger) -> Bool {
    guard watermark != .distantFuture else { return false }
    let waits = subscriber.messages.contains { message in
      guard let keys = message.keys, keys.method == .register, keys.viaCount <= 1, let sip = message.sip,
        !(sip.isRequest ? sip.securityClient : sip.securityServer).isEmpty
      else { return false }
      return (ledger.esp(between: message.source.address, message.destination.address)?.waiting ?? 0) > 0
    }
    let since = subscriber.heldSince ?? watermark
    subscriber.heldSince = waits ? since : nil
    return waits && watermark - since < Correlator.longestHold
  }

  /// A message that belongs nowhere yet may still be joined by what it belongs to.
  private mutating func keepStrays(at watermark: Timestamp, givingUp limit: MessageID?, _ due: inout Timestamp) {
    for index in partition.strays {
      let end = partition.messages[index].time + Timers.linger
      if end > watermark, limit.map({ partition.messages[index].id >= $0 }) ?? true {
        order.keep(index)
        due = min(due, end)
      } else if partition.messages[index].keys?.method != .notify {
        // NOTIFYs of other causes are nobody's loss.
        strays += 1
      }
    }
  }
}

extension Flow {
  /// The order of registrations: by the packet time at which they were over, then by their first frame.
  package struct Order: Comparable, Sendable {
    package var closedAt: Timestamp
    var input: UInt16
    var frame: UInt32
    /// One frame may hold messages of several subscribers.
    var message: MessageID

    package static func < (left: Order, right: Order) -> Bool {
      (left.closedAt, left.input, left.frame, left.message)
        < (right.closedAt, right.input, right.frame, right.message)
    }
  }

  package var order: Order {
    let first = messages[messages.indices.first { messages[$0].message.isOfRegistration } ?? 0].message.place
    return Order(closedAt: closedAt, input: first.input, frame: first.frame, message: first.id)
  }
}

extension Binding {
  /// What a closed registration leaves behind; nil when it changes nothing.
  static func left(by flow: Flow) -> Binding? {
    if flow.kind == .networkDeregistration {
      var before = flow.before
      before?.registered = false
      return before
    }
    guard let number = flow.lastRound, flow.kind != .thirdParty, flow.kind != .fetch else {
      return nil
    }
    let wasRegistered = flow.before?.registered ?? false
    let registered = flow.outcome == .registered || (wasRegistered && flow.outcome != .deregistered)
    let round = flow.rounds[number]
    var binding = Binding(
      callID: round.callID, cseq: round.cseq, registered: registered, inIPsec: flow.facts.usesIPsec)
    binding.isUnanswered = flow.finalStatus.map(RecorderLoss.isOwn) ?? true
    binding.wasGivenUp =
      flow.unknown.map { $0.upperBound == .distantFuture && $0.lowerBound != .distantPast } ?? false
    guard flow.outcome == .registered, let final = flow.lastView.final else { return binding }
    binding.grantedAt = flow.messages[final].time
    binding.expiry = UInt32(clamping: flow.grantedExpiry ?? 0)
    return binding
  }
  /// All time, of the rest of a registration whose beginning was given up.
  fileprivate func unknown(of procedure: Procedure) -> ClosedRange<Timestamp>? {
    wasGivenUp && procedure.callID == callID ? .distantPast ... .distantFuture : nil
  }
}
