import IMSAccess
package import IMSBytes
package import IMSDiameter
package import IMSMessages
import IMSSIP
package import IMSWire

/// What belongs to the capture and not to one subscriber: which hops each capture point can see, from when to when, who
/// sent which Cx request, and the DNS exchanges. Written by the reader before any lane sees the message; a lane asks only
/// about intervals that the watermark has passed.
package struct Ledger: Sendable {
  /// Activity is remembered per ten seconds.
  static let bucket = Interval.seconds(10)
  /// DNS exchanges are remembered until the slowest UE must have given up (64·T1 with T1 = 2 s).
  static let memory = Interval.seconds(140)
  /// "Around the time" in the definition of a visible hop.
  static let around = Interval.seconds(60)
  static let maximalEntries = 65_536
  static let maximalExchanges = 8_192

  package struct PointCoverage: Sendable {
    package var first: Timestamp
    package var last: Timestamp
  }

  package struct DNSExchange: Sendable {
    package var query: Message?
    package var answer: Message?
    package var client: IPAddress
    package var time: Timestamp
  }

  private struct Key: Hashable {
    var point: CapturePoint
    var hop: Hop
    var node: IPAddress
  }

  package private(set) var points: [CapturePoint: PointCoverage] = [:]
  private var activity: [Key: [Int64]] = [:]
  private var senders: [IPAddress: Set<CommandCode>] = [:]
  package private(set) var exchanges: [DNSExchange] = []
  private var pendingQueries: [Fingerprint: Int] = [:]
  private var prunedExchanges = 0
  private var messageExchange: [MessageID: Int] = [:]

  package init() {}

  /// The clock of a capture point: called for every frame.
  package mutating func tick(_ point: CapturePoint, _ time: Timestamp) {
    if var coverage = points[point] {
      if time > coverage.last {
        coverage.last = time
      } else if time < coverage.first {
        coverage.first = time
      } else {
        return
      }
      points[point] = coverage
    } else {
      points[point] = PointCoverage(first: time, last: time)
    }
  }

  package mutating func note(_ message: Message) {
    if let keys = message.keys, keys.method == .register, let sip = message.sip {
      noteSIP(sip, keys, message)
    } else if let diameter = message.diameter, diameter.application == .cx {
      noteCx(diameter, message)
    } else if message.dns != nil {
      noteDNS(message)
    }
  }

  /// A further sighting of a message: its point sees that hop too.
  package mutating func note(_ sighting: Sighting, of route: LedgerRoute) {
    mark(Key(point: sighting.point, hop: route.hop, node: route.server), sighting.time)
    // A hop is asked for by its core nodes; UE addresses would fill the table.
    if route.hop != .h0 { mark(Key(point: sighting.point, hop: route.hop, node: route.client), sighting.time) }
  }

  package mutating func noteDNS(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    guard let index = messageExchange[id].map({ $0 - prunedExchanges }), exchanges.indices.contains(index) else {
      return
    }
    if exchanges[index].query?.id == id { exchanges[index].query?.add(sighting, transmission: transmission) }
    if exchanges[index].answer?.id == id { exchanges[index].answer?.add(sighting, transmission: transmission) }
  }

  /// Where a message's further sightings count.
  package static func route(of message: Message) -> LedgerRoute? {
    if let keys = message.keys, keys.method == .register, let sip = message.sip {
      let hop: Hop = keys.viaCount <= 1 ? .h0 : keys.viaCount == 2 ? .h1 : .h2
      let forward = sip.isRequest
      return LedgerRoute(
        hop: hop, client: (forward ? message.source : message.destination).address,
        server: (forward ? message.destination : message.source).address)
    }
    guard let diameter = message.diameter, diameter.application == .cx,
      let hop = Ledger.hop(of: diameter.command)
    else { return nil }
    let fromHSS = diameter.command == .registrationTermination || diameter.command == .pushProfile
    let forward = diameter.isRequest != fromHSS
    return LedgerRoute(
      hop: hop, client: (forward ? message.source : message.destination).address,
      server: (forward ? message.destination : message.source).address)
  }

  package static func hop(of command: CommandCode) -> Hop? {
    switch command {
    case .userAuthorization, .locationInfo: .c1
    case .multimediaAuth, .serverAssignment, .registrationTermination, .pushProfile: .c2
    default: nil
    }
  }

  private mutating func noteSIP(_ sip: SIPMessage, _ keys: SIPKeys, _ message: Message) {
    guard let route = Ledger.route(of: message) else { return }
    note(message.firstSighting, of: route)
  }

  private mutating func noteCx(_ diameter: DiameterMessage, _ message: Message) {
    guard let route = Ledger.route(of: message) else { return }
    note(message.firstSighting, of: route)
    if diameter.isRequest { senders[message.source.address, default: []].insert(diameter.command) }
  }

  private mutating func mark(_ key: Key, _ time: Timestamp) {
    let bucket = time.nanoseconds / Ledger.bucket.nanoseconds
    guard activity[key]?.last != bucket else { return }
    if activity[key] == nil, activity.count >= Ledger.maximalEntries { return }
    activity[key, default: []].append(bucket)
    if activity[key]?.count ?? 0 > 90 { activity[key]?.removeFirst() }
  }

  private mutating func noteDNS(_ message: Message) {
    guard let dns = message.dns else { return }
    let client = dns.isResponse ? message.destination : message.source
    let server = dns.isResponse ? message.source : message.destination
    guard var key = dns.questionKey else { return }
    key.combine(client)
    key.combine(server)
    if dns.isResponse, let index = pendingQueries.removeValue(forKey: key).map({ $0 - prunedExchanges }),
      exchanges.indices.contains(index)
    {
      exchanges[index].answer = message
      messageExchange[message.id] = index + prunedExchanges
      return
    }
    exchanges.append(
      DNSExchange(
        query: dns.isResponse ? nil : message, answer: dns.isResponse ? message : nil, client: client.address,
        time: message.time))
    let index = exchanges.count - 1 + prunedExchanges
    messageExchange[message.id] = index
    if !dns.isResponse { pendingQueries[key] = index }
    if exchanges.count > Ledger.maximalExchanges { prune(exchanges.count / 2) }
  }

  /// Forgets DNS exchanges that no open registration can claim any more.
  package mutating func prune(before time: Timestamp) {
    let limit = time - Ledger.memory
    let old = exchanges.prefix { $0.time < limit }.count
    if old > 64 { prune(old) }
  }

  private mutating func prune(_ count: Int) {
    exchanges.removeFirst(count)
    prunedExchanges += count
    let first = prunedExchanges
    pendingQueries = pendingQueries.filter { $0.value >= first }
    messageExchange = messageExchange.filter { $0.value >= first }
  }

  /// Did this address ever send that Cx request?
  package func sends(_ command: CommandCode, _ address: IPAddress) -> Bool {
    senders[address]?.contains(command) ?? false
  }

  /// Capture points at which traffic of this hop with one of these nodes was captured around the interval.
  package func points(
    seeing hop: Hop, nodes: [IPAddress], from: Timestamp, to: Timestamp
  ) -> [CapturePoint] {
    let low = (from - Ledger.around).nanoseconds / Ledger.bucket.nanoseconds
    let high = (to + Ledger.around).nanoseconds / Ledger.bucket.nanoseconds
    return points.keys.sorted().filter { point in
      nodes.contains { node in
        activity[Key(point: point, hop: hop, node: node)]?.contains { $0 >= low && $0 <= high } ?? false
      }
    }
  }

  /// DNS exchanges of a client in an interval, in order of time.
  package func exchanges(of client: IPAddress, from: Timestamp, to: Timestamp) -> [DNSExchange] {
    let start = exchanges.partitioningIndex { $0.time >= from }
    return exchanges[start...].prefix { $0.time <= to }.filter { $0.client == client }
  }
}

/// The two nodes of a hop, as one message shows them.
package struct LedgerRoute: Sendable {
  package var hop: Hop
  package var client: IPAddress
  package var server: IPAddress

  package init(hop: Hop, client: IPAddress, server: IPAddress) {
    self.hop = hop
    self.client = client
    self.server = server
  }
}

extension Array {
  /// The first index for which `predicate` holds, in an array where it holds for a suffix; `endIndex` when for none.
  func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
