import IMSAccess
package import IMSBytes
package import IMSDiameter
package import IMSMessages
import IMSSIP
package import IMSWire

/// What belongs to the capture and not to one subscriber: which hops each capture point can see, from when to when, who
/// sent which Cx request, the DNS exchanges, and what networks and transports said of packets. Written by the reader before any lane sees the message; a lane asks only
/// about intervals that the watermark has passed.
package struct Ledger: Sendable {
  /// Activity is remembered per ten seconds.
  static let bucket = Interval.seconds(10)
  /// "Around the time" in the definition of a visible hop.
  static let around = Interval.seconds(60)

  /// What had to be forgotten or left out because there was too much of it, by name.
  package var forgotten: [String: Int] {
    [
      "exchanges of the access network": access.evicted, "places of loss": losses.evicted,
      "ICMP errors, resets and aborts": events.evicted, "exchanges of DNS": dns.evicted,
      "packets of further capture points": pointsLeftOut, "packets of further nodes": nodesLeftOut,
      "ESP packets of further hosts": espLeftOut,
    ].filter { $0.value > 0 }
  }
  private var pointsLeftOut = 0
  private var nodesLeftOut = 0
  private var espLeftOut = 0

  package struct PointCoverage: Sendable {
    package var first: Timestamp
    package var last: Timestamp
  }

  /// In the order of their first frame.
  package private(set) var points: [(key: CapturePoint, value: PointCoverage)] = []
  private var pointIndices = FingerprintTable<Int>()
  /// Of the frame before.
  private var latestPoint = 0
  /// Buckets by `activityKey`.
  private var activity = FingerprintTable<[Int64]>()
  /// When an address sent each Cx request first, by `senderKey`.
  private var senders = FingerprintTable<Timestamp>()
  package private(set) var dns = DNSLedger()
  package private(set) var events = EventLedger()
  package private(set) var access = AccessLedger()
  package private(set) var losses = LossLedger()

  /// By `pairKey`.
  private var esp = FingerprintShards<ESPTraffic>()
  /// ESP packets that may still be opened.
  package private(set) var waitingESP = 0
  /// Where ESP was seen first, of as many hosts as there is room for: both ends of a pair, unless one of them is known.
  private var espHosts: [(address: IPAddress, recorder: UInt16, first: Timestamp)] = []
  /// Which files belong to one recorder, as far as they have begun.
  package var recorders = Recorders()
  /// How the clocks of the capture points stood when they were read last.
  package var clocks = Clocks()
  /// Until when everything has come, while inputs are read.
  package var watermark = Timestamp.distantPast
  /// The recorders that wrote no more, by the input with which each began.
  private var endedRecorders: [UInt16] = []

  package init() {}

  /// As it stands now, for lanes to ask while the reader writes on. What only the writing needs stays behind, so that it
  /// is not copied when it changes next.
  package func snapshot() -> Ledger {
    var copy = self
    copy.pointIndices = Ledger.noIndices
    copy.dns.forgetIndices()
    copy.access.forgetIndices()
    return copy
  }

  private static let noIndices = FingerprintTable<Int>()

  /// The clock of a capture point: called for every frame of an interface, for what lies below one with each message.
  package mutating func tick(_ point: CapturePoint, _ time: Timestamp) {
    // Nearly always the one before.
    if latestPoint < points.count, points[latestPoint].key == point { return widen(latestPoint, time) }
    var key = Fingerprint.empty
    key.combine(point)
    guard let slot = pointIndices.slot(of: key) else {
      guard points.count < Bounds.capturePoints else {
        pointsLeftOut += 1
        return
      }
      pointIndices.insert(key, points.count)
      points.append((point, PointCoverage(first: time, last: time)))
      return
    }
    latestPoint = pointIndices[slot: slot]
    widen(latestPoint, time)
  }

  @inline(__always)
  private mutating func widen(_ index: Int, _ time: Timestamp) {
    if time > points[index].value.last {
      points[index].value.last = time
    } else if time < points[index].value.first {
      points[index].value.first = time
    }
  }

  /// A new message, and what `Ledger.route` said of it.
  package mutating func note(_ message: Message, _ route: LedgerRoute?) {
    if let route {
      note(message.firstPoint, message.time, of: route)
      if let command = message.command, message.asks {
        let key = Self.senderKey(message.source.address, command)
        if senders.slot(of: key) == nil { senders.insert(key, message.time) }
      }
    } else {
      switch message.body {
      case .dns: dns.note(message)
      case .event: events.note(message)
      case .access: access.note(message)
      case .sip, .diameter: break
      }
    }
  }

  /// A further sighting of a message: its point sees that hop too.
  package mutating func note(_ sighting: borrowing Sighting, of route: LedgerRoute) {
    note(sighting.point, sighting.time, of: route)
  }

  private mutating func note(_ point: CapturePoint, _ time: Timestamp, of route: LedgerRoute) {
    // Kernel interfaces of cooked captures and agents of HEP show in what they recorded.
    if point.channel != 0 { tick(point, time) }
    mark(Self.activityKey(point, Node(hop: route.hop, isClient: false, address: route.server)), time)
    // A hop is asked for by its core nodes; UE addresses would fill the table.
    if route.hop != .h0 {
      mark(Self.activityKey(point, Node(hop: route.hop, isClient: true, address: route.client)), time)
    }
  }

  /// A further sighting of a message that belongs to no lane.
  package mutating func note(_ sighting: Sighting, of id: MessageID, transmission: Int) {
    events.note(sighting, of: id, transmission: transmission)
    access.note(sighting, of: id, transmission: transmission)
    dns.note(sighting, of: id, transmission: transmission)
  }

  /// Where a message's further sightings count.
  package static func route(of message: Message) -> LedgerRoute? {
    let hop: Hop
    let forward: Bool
    if message.isSIP {
      guard message.isRegister else { return nil }
      let viaCount = message.viaCount
      hop = viaCount <= 1 ? .h0 : viaCount == 2 ? .h1 : .h2
      forward = message.asks
    } else if let command = message.command {
      guard message.application == .cx, let known = Ledger.hop(of: command) else { return nil }
      hop = known
      let fromHSS = command == .registrationTermination || command == .pushProfile
      forward = message.asks != fromHSS
    } else {
      return nil
    }
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

  /// One end of a hop. By its Vias the last leg to an I-CSCF behind border elements looks like one from it: what it receives
  /// there says nothing of what it sends.
  package struct Node {
    var hop: Hop
    var isClient: Bool
    var address: IPAddress

    package init(hop: Hop, isClient: Bool, address: IPAddress) {
      (self.hop, self.isClient, self.address) = (hop, isClient, address)
    }
  }

  private static func activityKey(_ point: CapturePoint, _ node: Node) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(point)
    let kind = node.hop.ordinal << 2 | (node.isClient ? 2 : 0) | (node.address.isIPv4 ? 1 : 0)
    key.combine(kind, node.address.high)
    key.combine(node.address.low)
    return key
  }

  private mutating func mark(_ key: Fingerprint, _ time: Timestamp) {
    let bucket = time.nanoseconds / Ledger.bucket.nanoseconds
    guard let slot = activity.slot(of: key) else {
      if activity.count < Bounds.hopActivities { activity.insert(key, [bucket]) } else { nodesLeftOut += 1 }
      return
    }
    guard activity[slot: slot].last != bucket else { return }
    activity[slot: slot].append(bucket)
    if activity[slot: slot].count > Bounds.hopHistory { activity[slot: slot].removeFirst() }
  }

  /// Forgets what no open registration can claim any more.
  package mutating func prune(before time: Timestamp) {
    events.prune(before: time)
    losses.prune(before: time)
    dns.prune(before: time)
  }

  /// Did this address send that Cx request before?
  package func sends(_ command: CommandCode, _ address: IPAddress, before time: Timestamp) -> Bool {
    senders.slot(of: Self.senderKey(address, command)).map { senders[slot: $0] <= time } ?? false
  }

  /// Did this address ask the HSS before as an S-CSCF does?
  func serves(_ address: IPAddress, before time: Timestamp) -> Bool {
    sends(.multimediaAuth, address, before: time) || sends(.serverAssignment, address, before: time)
  }

  private static func senderKey(_ address: IPAddress, _ command: CommandCode) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(address.high)
    key.combine(address.low)
    key.combine(UInt64(command.rawValue) << 1 | (address.isIPv4 ? 1 : 0))
    return key
  }

  /// Is there any of another recorder?
  func hasPoint(besides known: [CapturePoint]) -> Bool {
    for index in points.indices where !covers(known, points[index].key) { return true }
    return false
  }

  private func covers(_ known: [CapturePoint], _ point: CapturePoint) -> Bool {
    known.contains { recorders.areOne($0, point) }
  }

  /// Adds a point of each recorder that captured traffic of one of these ends of a hop around the interval.
  package func addPoints(seeing nodes: [Node], from: Timestamp, to: Timestamp, _ known: inout [CapturePoint]) {
    let low = (from - Ledger.around).nanoseconds / Ledger.bucket.nanoseconds
    let high = (to + Ledger.around).nanoseconds / Ledger.bucket.nanoseconds
    for index in points.indices where !covers(known, points[index].key) {
      let point = points[index].key
      let isSeeing = nodes.contains { node in
        guard let slot = activity.slot(of: Self.activityKey(point, node)) else { return false }
        return activity[slot: slot].contains { $0 >= low && $0 <= high }
      }
      if isSeeing { known.append(point) }
    }
  }

  package mutating func note(_ loss: Loss) { losses.note(loss) }

  /// An ESP packet, or what became of one.
  package mutating func note(_ sighting: ESPSighting) {
    let key = Self.pairKey(sighting.source, sighting.destination)
    var traffic = esp[key] ?? ESPTraffic()
    waitingESP -= traffic.waiting
    traffic.note(sighting)
    waitingESP += traffic.waiting
    if esp[key] == nil { noteHosts(sighting) }
    if esp[key] != nil || esp.count < Bounds.espPairs { esp.insert(key, traffic) } else { espLeftOut += 1 }
  }

  /// Of a new pair.
  private mutating func noteHosts(_ sighting: ESPSighting) {
    let ends = [sighting.source, sighting.destination]
    let isKnown = espHosts.contains { $0.recorder == sighting.input && ends.contains($0.address) }
    if isKnown || espHosts.count >= Bounds.espHosts { return }
    for address in ends { espHosts.append((address, sighting.input, sighting.time)) }
  }

  /// Does the recorder of this point show ESP of this host before that time, with whomever?
  package func showsESP(of host: IPAddress, at point: CapturePoint, before time: Timestamp) -> Bool {
    espHosts.contains { $0.address == host && $0.recorder == point.input && $0.first <= time }
  }

  package var hasESP: Bool { esp.count > 0 }

  /// The ESP between two hosts, in both directions.
  package func esp(between one: IPAddress, _ other: IPAddress) -> ESPTraffic? { esp[Self.pairKey(one, other)] }

  private static func pairKey(_ one: IPAddress, _ other: IPAddress) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(Endpoint(min(one, other), 0))
    key.combine(Endpoint(max(one, other), 0))
    return key
  }

  /// DNS exchanges of a client in an interval, by corrected times.
  package func exchanges(of client: IPAddress, from: Timestamp, to: Timestamp) -> [DNSLedger.Exchange] {
    dns.exchanges(of: client, from: from, to: to, clocks)
  }

  /// No packet of this recorder will come any more, unless another file continues it.
  package mutating func end(ofRecorder input: UInt16) {
    if !endedRecorders.contains(input) { endedRecorders.append(input) }
  }

  /// The last moment at which the recorder of this point recorded for sure: it does until its last packet, whichever of its
  /// interfaces was silent. Of one whose next packet is still to come that is until now; of a file with points of several machines
  /// nobody knows whose that will be.
  package func recordedUntil(_ point: CapturePoint) -> Timestamp {
    var isRecording = !endedRecorders.contains(point.input)
    var until = Timestamp.distantPast
    for index in points.indices {
      let other = points[index].key
      if recorders.areOne(other, point) {
        until = max(until, corrected(points[index].value.last, at: other))
      } else if other.input == point.input {
        isRecording = false
      }
    }
    return isRecording ? max(until, corrected(watermark, at: point)) : until
  }

  private func corrected(_ time: Timestamp, at point: CapturePoint) -> Timestamp {
    clocks.corrected(time, at: point) - clocks.uncertainty(of: point)
  }
}

/// The ESP packets between two hosts, as far as they were opened.
package struct ESPTraffic: Sendable, Equatable, BitwiseCopyable {
  package private(set) var opened = 0
  package private(set) var closed = 0
  /// Of the closed ones, those that a key may still open.
  package private(set) var waiting = 0
  /// The newest packet that was closed when it came.
  package private(set) var lastClosed = Timestamp.distantPast

  /// Everything between the two hosts was read.
  package var isRead: Bool { opened > 0 && closed == 0 }

  fileprivate mutating func note(_ sighting: ESPSighting) {
    switch sighting.state {
    case .opened: opened += 1
    case .closed: closed += 1
    case .parked:
      closed += 1
      waiting += 1
    case .openedLate:
      opened += 1
      closed -= 1
      waiting -= 1
    case .givenUp: waiting -= 1
    }
    if sighting.state == .closed || sighting.state == .parked { lastClosed = max(lastClosed, sighting.time) }
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
