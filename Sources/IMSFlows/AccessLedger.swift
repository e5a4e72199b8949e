package import IMSAccess
package import IMSBytes
package import IMSMessages
package import IMSWire

/// The exchanges by which UEs got their addresses and their P-CSCFs. A UE may be attached long before it registers: what
/// is kept is bounded by number, not by time.
package struct AccessLedger: Sendable {
  static let capacity = Bounds.accessExchanges
  /// The legs of one connection, over an S-GW, are answered within this.
  static let slack = Interval.seconds(2)

  /// A request of GTP-C or DHCP and its answer.
  package struct Exchange: Sendable {
    package fileprivate(set) var request: Message?
    package fileprivate(set) var answer: Message?
    /// Of the answer, or of the request where there is none.
    package fileprivate(set) var time: Timestamp
    fileprivate var isGrant = false
    fileprivate var isDelete = false
    /// A deletion that an S-GW would not pass on: another one serves the UE now (TS 29.274 §7.2.9.1).
    fileprivate var isLocal = false
    /// A grant on S11 or S4.
    fileprivate var isOfSGW = false
    fileprivate var imsi: Text?
    fileprivate var isForIMS = false
    fileprivate var addresses: [NodeAddress] = []
    /// Control plane of the server, as its answer announces it, or as a later request names it.
    fileprivate var session: Fingerprint?

    var server: IPAddress? { request?.destination.address ?? answer?.source.address }

    package var messages: [Message] { [request, answer].compactMap(\.self) }
  }

  private var exchanges = BlockList<Exchange>()
  /// Numbers of grants by their addresses and, of those for the IMS, their IMSI, of everything else by its session: where to
  /// look, for an exchange may have become another since.
  private var places = FingerprintShards<[Int]>()
  private var pending: [Fingerprint: Int] = [:]
  private var homes: [MessageID: Int] = [:]
  /// Forgotten because there were too many.
  package private(set) var evicted = 0

  var isEmpty: Bool { exchanges.isEmpty }

  /// Leaves what is needed to ask, not to write.
  mutating func forgetIndices() {
    pending = [:]
    homes = [:]
  }

  mutating func note(_ message: Message) {
    guard let access = message.access else { return }
    let key = AccessLedger.key(access, message)
    let number: Int
    if !access.isRequest, let open = pending.removeValue(forKey: key), exchanges.numbers.contains(open) {
      number = open
    } else {
      number = exchanges.append(Exchange(time: message.time))
      if access.isRequest { pending[key] = number }
    }
    homes[message.id] = number
    exchanges[number].add(message, access)
    enter(number)
    if exchanges.count > AccessLedger.capacity { prune(AccessLedger.capacity / 4) }
  }

  mutating func note(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    guard let number = homes[id], exchanges.numbers.contains(number) else { return }
    if exchanges[number].request?.id == id { exchanges[number].request?.add(sighting, transmission: transmission) }
    if exchanges[number].answer?.id == id { exchanges[number].answer?.add(sighting, transmission: transmission) }
  }

  private mutating func prune(_ count: Int) {
    let first = exchanges.first + count
    exchanges.drop(before: first)
    evicted += count
    pending = pending.filter { $0.value >= first }
    homes = homes.filter { $0.value >= first }
    places = FingerprintShards()
    for number in exchanges.numbers { enter(number) }
  }

  /// Notes where an exchange is looked for.
  private mutating func enter(_ number: Int) {
    let exchange = exchanges[number]
    guard exchange.isGrant else {
      if let session = exchange.session { enter(number, at: session) }
      return
    }
    if exchange.addresses.isEmpty { enter(number, at: AccessLedger.key(of: nil)) }
    for address in exchange.addresses { enter(number, at: AccessLedger.key(of: IPAddress(address))) }
    if exchange.isForIMS, let imsi = exchange.imsi { enter(number, at: Fingerprint(of: imsi)) }
  }

  private mutating func enter(_ number: Int, at key: Fingerprint) {
    let isKnown = places.update(key) { if $0.last != number { $0.append(number) } }
    if !isKnown { places.insert(key, [number]) }
  }

  /// Of IPv6 the prefix counts; nil for grants without an address.
  private static func key(of address: IPAddress?) -> Fingerprint {
    var key = Fingerprint.empty
    if let address { key.combine(address.high, address.isIPv4 ? address.low : .max) }
    return key
  }

  /// What an answer and its request have in common: both nodes, procedure and sequence number; of DHCP the transaction.
  private static func key(_ access: AccessMessage, _ message: Message) -> Fingerprint {
    var key = Fingerprint.empty
    switch access {
    case .gtp(let gtp):
      let ends = gtp.isRequest ? (message.source, message.destination) : (message.destination, message.source)
      // The answer goes to the port that the request came from.
      key.combine(Endpoint(ends.0.address, 0))
      key.combine(Endpoint(ends.1.address, 0))
      let procedure = UInt64(gtp.isRequest ? gtp.type.number : gtp.type.number &- 1)
      key.combine(UInt64(gtp.type.version) << 40 | procedure << 32 | UInt64(gtp.sequence ?? 0))
    case .dhcp(let dhcp): key.combine(UInt64(dhcp.version) << 32 | UInt64(dhcp.transaction))
    }
    return key
  }

  // MARK: asking

  /// The exchanges that gave a UE its address, over all legs, and what became of that connection until `end`; empty when
  /// none was captured, or when it was deleted before.
  ///
  /// - Parameters:
  ///   - address: of the UE on Gm. Of IPv6 the prefix counts, the rest is the UE's own choice.
  ///   - imsi: taken where no address fits, for a connection to the IMS alone.
  package func exchanges(
    of address: IPAddress?, imsi: Text?, before start: Timestamp, until end: Timestamp
  ) -> [Exchange] {
    func isKnown(_ exchange: Exchange) -> Bool { exchange.isGrant && exchange.time <= start + Timers.clockSlack }
    let last =
      address.flatMap { address in
        exchanges(at: [AccessLedger.key(of: address)]) { exchange in
          isKnown(exchange) && exchange.addresses.contains { $0.isOf(address) }
        }.latest
      }
      ?? imsi.flatMap { imsi in
        exchanges(at: [Fingerprint(of: imsi)]) { isKnown($0) && $0.isForIMS && $0.imsi == imsi }.last
      }
    guard let last else { return [] }
    let legs = exchanges(at: [AccessLedger.key(of: last.addresses.first.map { IPAddress($0) })]) {
      isKnown($0) && $0.addresses == last.addresses && (last.time - $0.time).magnitude <= AccessLedger.slack
        && ($0.imsi == last.imsi || $0.imsi == nil || last.imsi == nil)
    }
    let sessions = legs.compactMap(\.session)
    let later = exchanges(at: sessions) { exchange in
      !exchange.isGrant && exchange.time >= last.time && exchange.time <= end
        && exchange.session.map { sessions.contains($0) } ?? false
    }
    let local = legs.filter(\.isOfSGW).compactMap(\.session)
    let isDeleted = later.contains { exchange in
      exchange.isDelete && exchange.time < start
        && !(exchange.isLocal && exchange.session.map { local.contains($0) } ?? false)
    }
    return isDeleted ? [] : legs + later.filter { $0.time >= start }
  }

  /// Those that are looked for at one of these places, each once, in the order in which they came.
  private func exchanges(at keys: [Fingerprint], where holds: (Exchange) -> Bool) -> [Exchange] {
    var found: [Exchange] = []
    var last: Int?
    for number in keys.flatMap({ places[$0] ?? [] }).sorted() where number != last {
      last = number
      if holds(exchanges[number]) { found.append(exchanges[number]) }
    }
    return found
  }
}

extension [AccessLedger.Exchange] {
  /// Other access points may give the same address: one that asked for a P-CSCF comes first.
  fileprivate var latest: AccessLedger.Exchange? { last(where: \.isForIMS) ?? last }
}

extension AccessLedger.Exchange {
  fileprivate init(time: Timestamp) { self.time = time }

  fileprivate mutating func add(_ message: Message, _ access: AccessMessage) {
    if access.isRequest { request = message } else { answer = message }
    time = message.time
    if let imsi = access.gtp?.imsi { self.imsi = imsi }
    if access.asksForPCSCF || !access.pcscf.isEmpty || access.gtp?.pco?.hasIMSignallingFlag ?? false { isForIMS = true }
    switch access {
    case .gtp(let gtp):
      let server = (access.isRequest ? message.destination : message.source).address
      isDelete = gtp.type.procedure == .delete
      if isDelete, gtp.isRequest { isLocal = gtp.type.version == 2 && !gtp.hasOperationIndication }
      if gtp.isRequest, gtp.teid != 0 { session = Self.session(server, gtp.teid) }
      guard gtp.type.procedure == .create, !gtp.isRequest, gtp.cause?.isAccepted ?? false else { return }
      isGrant = true
      addresses = gtp.addresses
      let tunnel = gtp.controlTunnel
      isOfSGW = tunnel?.interface == 11
      session = tunnel.map { Self.session($0.address.map { IPAddress($0) } ?? server, $0.teid) }
    case .dhcp(let dhcp):
      // An offer is none yet; an answer that confirms an address is.
      guard !dhcp.isRequest, dhcp.address != nil, dhcp.version == 4 ? dhcp.type == 5 : dhcp.type == 7 else { return }
      isGrant = true
      addresses = access.addresses
    }
  }

  private static func session(_ server: IPAddress, _ teid: UInt32) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(Endpoint(server, 0))
    key.combine(UInt64(teid))
    return key
  }
}

extension IPAddress {
  package init(_ address: NodeAddress) {
    switch address {
    case .ipv4(let value): self.init(v4: value)
    case .ipv6(let high, let low): self.init(high: high, low: low)
    }
  }
}

extension NodeAddress {
  fileprivate func isOf(_ other: IPAddress) -> Bool {
    let own = IPAddress(self)
    return own.isIPv4 ? own == other : !other.isIPv4 && own.high == other.high
  }
}
