import IMSAccess
package import IMSBytes
package import IMSMessages
package import IMSWire

/// The DNS exchanges of all nodes: which of them belong to a registration is known when it is over.
package struct DNSLedger: Sendable {
  /// They are remembered until the slowest UE must have given up (64·T1 with T1 = 2 s).
  static let memory = Interval.seconds(Int64(Bounds.dnsMemory))
  private static let early = Interval.seconds(3)

  package struct Exchange: Sendable {
    package var query: Message?
    package var answer: Message?
    package var client: IPAddress
    package var time: Timestamp
  }

  private var exchanges = BlockList<Exchange>()
  private var pendingQueries: [Fingerprint: Int] = [:]
  /// Answers that came before their queries: files and clocks are out of order by a little.
  private var earlyAnswers: [Fingerprint: Int] = [:]
  private var homes: [MessageID: Int] = [:]
  /// By how much one came behind a later one.
  private var disorder = Interval.zero
  /// Forgotten because there were too many.
  package private(set) var evicted = 0

  package var isEmpty: Bool { exchanges.isEmpty }
  package var count: Int { exchanges.count }

  /// Leaves what is needed to ask, not to write.
  mutating func forgetIndices() {
    pendingQueries = [:]
    earlyAnswers = [:]
    homes = [:]
  }

  mutating func note(_ message: Message) {
    guard let dns = message.dns else { return }
    let client = dns.isResponse ? message.destination : message.source
    let server = dns.isResponse ? message.source : message.destination
    guard var key = dns.questionKey else { return }
    key.combine(client)
    key.combine(server)
    if dns.isResponse, let number = pendingQueries.removeValue(forKey: key), exchanges.numbers.contains(number) {
      exchanges[number].answer = message
      homes[message.id] = number
      return
    }
    if !dns.isResponse, let number = earlyAnswers.removeValue(forKey: key), exchanges.numbers.contains(number),
      (message.time - exchanges[number].time).magnitude < DNSLedger.early
    {
      exchanges[number].query = message
      homes[message.id] = number
      return
    }
    if let last = exchanges.last, message.time < last.time { disorder = max(disorder, last.time - message.time) }
    let number = exchanges.append(
      Exchange(
        query: dns.isResponse ? nil : message, answer: dns.isResponse ? message : nil, client: client.address,
        time: message.time))
    homes[message.id] = number
    if dns.isResponse { earlyAnswers[key] = number } else { pendingQueries[key] = number }
    if exchanges.count > Bounds.dnsExchanges {
      evicted += exchanges.count / 2
      drop(exchanges.count / 2)
    }
  }

  /// A further sighting of a message, if it is one of these.
  mutating func note(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    guard let number = homes[id], exchanges.numbers.contains(number) else { return }
    if exchanges[number].query?.id == id { exchanges[number].query?.add(sighting, transmission: transmission) }
    if exchanges[number].answer?.id == id { exchanges[number].answer?.add(sighting, transmission: transmission) }
  }

  /// Forgets what no open registration can claim any more.
  mutating func prune(before time: Timestamp) {
    let limit = time - DNSLedger.memory
    var old = exchanges.first
    while old < exchanges.end, exchanges[old].time < limit { old += 1 }
    // The indices are gone through as a whole, so not for a few.
    if old - exchanges.first > max(64, exchanges.count / 8) { drop(old - exchanges.first) }
  }

  private mutating func drop(_ count: Int) {
    exchanges.drop(before: exchanges.first + count)
    let first = exchanges.first
    pendingQueries = pendingQueries.filter { $0.value >= first }
    earlyAnswers = earlyAnswers.filter { $0.value >= first }
    homes = homes.filter { $0.value >= first }
  }

  /// Those of a client in an interval, by corrected times.
  func exchanges(of client: IPAddress, from: Timestamp, to: Timestamp, _ clocks: Clocks) -> [Exchange] {
    let doubt = clocks.largestUncertainty
    let slack = clocks.spread + disorder + doubt
    var found: [Exchange] = []
    var number = exchanges.partitioningNumber { $0.time >= from - slack }
    while number < exchanges.end, exchanges[number].time <= to + slack {
      defer { number += 1 }
      guard exchanges[number].client == client else { continue }
      var exchange = exchanges[number]
      if exchange.query?.needsCorrection(clocks) ?? false { exchange.query?.correct(clocks) }
      if exchange.answer?.needsCorrection(clocks) ?? false { exchange.answer?.correct(clocks) }
      exchange.time = (exchange.query ?? exchange.answer)?.time ?? exchange.time
      if exchange.time >= from - doubt && exchange.time <= to + doubt { found.append(exchange) }
    }
    return found
  }
}
