package import IMSAccess
package import IMSBytes
package import IMSDiameter
package import IMSSIP
package import IMSWire

/// Number of a message in the order in which the reader first met it, from 0.
package struct MessageID: Hashable, Comparable, Sendable, BitwiseCopyable {
  package var value: UInt32
  package init(_ value: UInt32) { self.value = value }
  package static func < (left: MessageID, right: MessageID) -> Bool { left.value < right.value }
}

/// One signalling message, however many capture points saw it and however often it was sent.
package struct Message: Sendable {
  package let id: MessageID
  /// Shared and never changed: a message is passed on often.
  private var content: Content
  /// Every appearance of every transmission, in the order of these; those of one in the order in which they came. One
  /// list, so that a message is passed on as two references.
  private var appearances: [Sighting]
  /// How often it was sent.
  private var sendings: Int32 = 1
  /// The earliest of the first transmission, in `appearances`.
  private var earliest: Int32 = 0

  /// A message is seen so often as a rule, where there are several capture points.
  private static var usualSightings: Int { 3 }

  package enum Body: Sendable {
    case sip(SIPMessage)
    case diameter(DiameterMessage)
    case dns(DNSMessage)
    case access(AccessMessage)
    /// No message, but what a network or a transport says of messages.
    case event(TransportEvent)
  }

  private final class Content: Sendable {
    let body: Body
    /// As in `body`, which is not opened for them.
    let sip: SIPMessage?
    let diameter: DiameterMessage?
    let source: Endpoint
    let destination: Endpoint
    let transport: Transport
    let isTruncated: Bool
    /// Of Diameter alone.
    let exchangeKey: Fingerprint
    let outerPaths: OuterPaths?
    let correlation: [UInt8]?

    init(
      _ body: consuming Body, _ source: Endpoint, _ destination: Endpoint, _ transport: Transport, isTruncated: Bool,
      _ outerPaths: OuterPaths?, correlation: [UInt8]?
    ) {
      self.outerPaths = outerPaths
      self.correlation = correlation
      switch body {
      case .sip(let sip):
        self.sip = sip
        diameter = nil
        exchangeKey = .empty
      case .diameter(let diameter):
        sip = nil
        self.diameter = diameter
        exchangeKey = Self.exchangeKey(diameter, source, destination, transport)
      case .dns, .access, .event:
        sip = nil
        diameter = nil
        exchangeKey = .empty
      }
      self.body = body
      self.source = source
      self.destination = destination
      self.transport = transport
      self.isTruncated = isTruncated
    }

    private static func exchangeKey(
      _ diameter: DiameterMessage, _ source: Endpoint, _ destination: Endpoint, _ transport: Transport
    ) -> Fingerprint {
      // Requests of the HSS have their own numbers on the same connection.
      let (client, server) = diameter.isRequest ? (source, destination) : (destination, source)
      var key = Fingerprint.empty
      if transport == .sctp {
        // The two may travel between different addresses of one association: what else they have in common tells them.
        key.combine(UInt64(client.port) << 16 | UInt64(server.port))
        key.combine(UInt64(diameter.hopByHop) << 32 | UInt64(diameter.endToEnd))
        if let session = diameter.sessionID { key.combine(session) }
        return key
      }
      key.combine(client)
      key.combine(server)
      key.combine(UInt64(diameter.hopByHop))
      return key
    }
  }

  package init(
    id: MessageID, body: consuming Body, source: Endpoint, destination: Endpoint, transport: Transport,
    isTruncated: Bool, sighting: Sighting, outerPaths: OuterPaths? = nil, correlation: [UInt8]? = nil
  ) {
    self.id = id
    content = Content(
      body, source, destination, transport, isTruncated: isTruncated, outerPaths, correlation: correlation)
    appearances = []
    appearances.reserveCapacity(Self.usualSightings)
    appearances.append(sighting)
  }

  /// Gives it the keys of what it belongs to, where the capture cut its own off.
  package mutating func complete(_ keys: SIPKeys) {
    guard var sip = content.sip else { return }
    sip.complete(keys)
    content = Content(
      .sip(sip), source, destination, transport, isTruncated: isTruncated, content.outerPaths,
      correlation: content.correlation)
  }

  package var body: Body { content.body }
  package var source: Endpoint { content.source }
  package var destination: Endpoint { content.destination }
  package var transport: Transport { content.transport }
  /// The capture cut the packet; header rules that need the whole message keep silent.
  package var isTruncated: Bool { content.isTruncated }
  /// The name that the agent of HEP that recorded it gives to its call.
  package var correlation: Text? { content.correlation.map { Text($0) } }

  package var sip: SIPMessage? { content.sip }
  package var keys: SIPKeys? { content.sip?.keys }
  /// Nil when the capture cut it.
  package var callID: Text? {
    guard let sip else { return nil }
    return isTruncated && !sip.showsWhole(.callID) ? nil : sip.callID
  }

  package var diameter: DiameterMessage? { content.diameter }
  package var dns: DNSMessage? { if case .dns(let message) = body { message } else { nil } }

  /// What a Diameter request and its answer have in common: the connection, who asked, and the Hop-by-Hop Id.
  package var exchangeKey: Fingerprint { content.exchangeKey }

  package var access: AccessMessage? { if case .access(let message) = body { message } else { nil } }

  package var event: TransportEvent? { if case .event(let event) = body { event } else { nil } }

  /// A request or a query, of whatever protocol; an event answers nothing.
  package var asks: Bool {
    switch body {
    case .sip(let sip): return sip.isRequest
    case .diameter(let diameter): return diameter.isRequest
    case .dns(let dns): return !dns.isResponse
    case .access(let access): return access.isRequest
    case .event: return true
    }
  }

  /// The tunnels that this packet was taken out of, outermost first.
  package func tunnels(of sighting: Sighting) -> [TunnelHop] {
    content.outerPaths?.hops(of: sighting.outer) ?? []
  }

  /// Signalling of a registration itself: what else there is belongs to the capture, until a registration claims it.
  package var isOfRegistration: Bool {
    content.sip != nil || content.diameter != nil
  }

  /// The times it was sent: the first transmission, then every retransmission.
  package var transmissions: Transmissions {
    Transmissions(sightings: appearances, sendings: Int(sendings), earliest: Int(earliest))
  }
  package var retransmissions: [Transmission] { sendings == 1 ? [] : Array(transmissions.dropFirst()) }
  /// Of the first transmission.
  package var sightings: [Sighting] { sendings == 1 ? appearances : transmissions[0].sightings }

  /// Time of the earliest sighting of the first transmission.
  package var time: Timestamp { appearances[Int(earliest)].time }
  /// The earliest sighting of all: the place a finding points at.
  package var firstSighting: Sighting { appearances[Int(earliest)] }

  /// Makes the typed values of its headers, for a message that will be asked often.
  package mutating func read(by reader: inout HeaderReader) {
    guard var message = content.sip else { return }
    message.read(by: &reader)
    content = Content(
      .sip(message), source, destination, transport, isTruncated: isTruncated, content.outerPaths,
      correlation: content.correlation)
  }

  /// Where it stands in the order of a flow: time, then input, then frame, of its first sighting.
  package struct Place: Comparable, Sendable, BitwiseCopyable {
    package var time: Timestamp
    package var input: UInt16
    package var frame: UInt32
    package var id: MessageID

    package static func < (left: Place, right: Place) -> Bool {
      (left.time, left.input, left.frame, left.id) < (right.time, right.input, right.frame, right.id)
    }
  }

  package var place: Place {
    let first = Int(earliest)
    return Place(
      time: appearances[first].time, input: appearances[first].point.input, frame: appearances[first].frames.first,
      id: id)
  }

  /// Every appearance of every transmission.
  package func forEachSighting(_ body: (borrowing Sighting) -> Void) {
    for index in appearances.indices { body(appearances[index]) }
  }

  package mutating func add(_ sighting: Sighting, transmission: Int) {
    var new = sighting
    new.transmission = min(Int32(clamping: max(0, transmission)), sendings)
    if new.transmission == sendings { sendings += 1 }
    // Nearly always the last transmission, which ends the list.
    var place = appearances.count
    while place > 0, appearances[place - 1].transmission > new.transmission { place -= 1 }
    if new.transmission == 0, new.precedes(appearances[Int(earliest)]) { earliest = Int32(place) }
    if place == appearances.count { appearances.append(new) } else { appearances.insert(new, at: place) }
  }

  /// At least one transmission, and of each at least one sighting.
  mutating func set(_ transmissions: [Transmission]) {
    appearances = []
    sendings = Int32(transmissions.count)
    earliest = Int32(transmissions[0].first)
    for number in transmissions.indices {
      for var sighting in transmissions[number].sightings {
        sighting.transmission = Int32(number)
        appearances.append(sighting)
      }
    }
  }
}
