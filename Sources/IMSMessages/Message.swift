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

/// One signalling message, however many capture points saw it and however often it was sent. It is passed on often: at the
/// cost of one reference.
package struct Message: Sendable {
  package let id: MessageID
  private var content: Content

  package enum Body: Sendable {
    case sip(SIPMessage)
    case diameter(DiameterMessage)
    case dns(DNSMessage)
    case access(AccessMessage)
    /// No message, but what a network or a transport says of messages.
    case event(TransportEvent)
  }

  /// Unchecked: its only holder alone changes it, `own` sees to that.
  final class Content: @unchecked Sendable {
    /// Of SIP and Diameter, which are asked for again and again, and of everything else.
    let sip: SIPMessage?
    let diameter: DiameterMessage?
    let other: Other?
    let source: Endpoint
    let destination: Endpoint
    let transport: Transport
    let isTruncated: Bool
    /// Of Diameter alone.
    let exchangeKey: Fingerprint
    let outerPaths: OuterPaths?
    let correlation: [UInt8]?

    // Every appearance of every transmission, in the order of these; those of one in the order in which they came. The first
    // three lie here: more have only messages that were sent again or seen at many points. Of fewer the rest says nothing.
    @exclusivity(unchecked) var first: Appearance
    @exclusivity(unchecked) var second: Appearance
    @exclusivity(unchecked) var third: Appearance
    @exclusivity(unchecked) var further: [Appearance] = []
    /// Of the appearances with more than two frames.
    @exclusivity(unchecked) var lists: [FrameList] = []
    @exclusivity(unchecked) var count: Int32 = 1
    /// How often it was sent.
    @exclusivity(unchecked) var sendings: Int32 = 1
    /// The earliest of the first transmission.
    @exclusivity(unchecked) var earliest: Int32 = 0

    /// Of what is neither SIP nor Diameter, or is folded.
    final class Other: Sendable {
      let body: Body?
      let folded: DiameterMessage.Folded?

      init(_ body: Body) { (self.body, folded) = (body, nil) }
      init(_ folded: DiameterMessage.Folded) { (body, self.folded) = (nil, folded) }
    }

    init(
      _ body: consuming Body, _ source: Endpoint, _ destination: Endpoint, _ transport: Transport, isTruncated: Bool,
      _ outerPaths: OuterPaths?, correlation: [UInt8]?, _ sighting: Sighting
    ) {
      self.outerPaths = outerPaths
      self.correlation = correlation
      self.source = source
      self.destination = destination
      self.transport = transport
      self.isTruncated = isTruncated
      var lists: [FrameList] = []
      first = Appearance(sighting, transmission: 0, list: Self.keep(sighting.frames, in: &lists))
      (second, third) = (first, first)
      self.lists = lists
      switch body {
      case .sip(let sip):
        self.sip = sip
        (diameter, other) = (nil, nil)
        exchangeKey = .empty
      case .diameter(let diameter):
        (sip, other) = (nil, nil)
        self.diameter = diameter
        exchangeKey = Self.exchangeKey(diameter, source, destination, transport)
      case .dns, .access, .event:
        (sip, diameter) = (nil, nil)
        exchangeKey = .empty
        other = Other(body)
      }
    }

    /// - Parameter keys: of a message of SIP, when they are others.
    convenience init(copying other: Content, _ keys: SIPKeys? = nil) {
      self.init(other, keys.flatMap { other.sip?.completed($0) } ?? other.sip, other.diameter, other.other)
    }
    convenience init(copying other: Content, diameter: DiameterMessage?, _ folded: Other? = nil) {
      self.init(other, other.sip, diameter, folded)
    }

    private init(_ other: Content, _ sip: SIPMessage?, _ diameter: DiameterMessage?, _ body: Other?) {
      (self.sip, self.diameter, self.other) = (sip, diameter, body)
      (source, destination, transport) = (other.source, other.destination, other.transport)
      (isTruncated, exchangeKey) = (other.isTruncated, other.exchangeKey)
      (outerPaths, correlation) = (other.outerPaths, other.correlation)
      (first, second, third) = (other.first, other.second, other.third)
      (further, lists) = (other.further, other.lists)
      (count, sendings, earliest) = (other.count, other.sendings, other.earliest)
    }

    /// One octet of each cache line.
    func fetch() -> UInt8 {
      let words = UInt64(truncatingIfNeeded: first.time.nanoseconds ^ second.time.nanoseconds ^ third.time.nanoseconds)
      return UInt8(truncatingIfNeeded: words ^ exchangeKey.low ^ UInt64(source.port) ^ UInt64(bitPattern: Int64(count)))
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
      body, source, destination, transport, isTruncated: isTruncated, outerPaths, correlation: correlation, sighting)
  }

  /// Gives it the keys of what it belongs to, where the capture cut its own off.
  package mutating func complete(_ keys: SIPKeys) { content = Content(copying: content, keys) }

  /// Keeps no more of it than has to be, until `unfold`: before that, nobody may ask for its body. False where that is all.
  package mutating func fold(by ends: inout CommonEnds) -> Bool {
    guard count > CommonEnds.shortest, let folded = content.diameter?.folded(by: &ends) else { return false }
    content = Content(copying: content, diameter: nil, Content.Other(folded))
    return true
  }

  /// As it was before `fold`.
  package mutating func unfold() {
    guard let folded = content.other?.folded else { return }
    content = Content(copying: content, diameter: folded.whole)
  }

  /// What follows changes this message alone.
  private mutating func own() {
    if !isKnownUniquelyReferenced(&content) { content = Content(copying: content) }
  }

  package var body: Body {
    if let sip { return .sip(sip) }
    if let diameter = content.diameter { return .diameter(diameter) }
    // Never nil: what is none of the two has a body there.
    guard let body = content.other?.body else { preconditionFailure("a message without a body") }
    return body
  }
  package var source: Endpoint { content.source }
  package var destination: Endpoint { content.destination }
  package var transport: Transport { content.transport }
  /// The capture cut the packet; header rules that need the whole message keep silent.
  package var isTruncated: Bool { content.isTruncated }
  /// The name that the agent of HEP that recorded it gives to its call.
  package var correlation: Text? { content.correlation.map { Text($0) } }

  package var sip: SIPMessage? { content.sip }

  /// Reads something of each cache line of what is known of it, and of its octets: see `fetch(_:)`.
  func fetchContent() -> UInt8 { content.fetch() }
  func fetchOctets() -> UInt8 { content.sip?.fetch() ?? content.diameter?.fetch() ?? 0 }

  /// Fetches messages that lay long untouched from memory: many lines at once, where whoever reads one message after the
  /// other would wait for each line. The sum means nothing; who asks keeps it, so that nobody leaves the reading out.
  package static func fetch(_ messages: [Message]) -> UInt8 {
    var sum: UInt8 = 0
    for index in messages.indices { sum ^= messages[index].fetchContent() }
    for index in messages.indices { sum ^= messages[index].fetchOctets() }
    return sum
  }

  // What is asked of nearly every message, without a reference to it.

  package var keys: SIPKeys? { content.sip?.keys }
  package var isSIP: Bool { content.sip != nil }
  /// Whom the credentials of SIP name.
  package var authorizedUser: Fingerprint? { content.sip?.authorizedUser }
  /// A request or response of REGISTER.
  package var isRegister: Bool { content.sip?.method == .register }
  package var viaCount: Int { content.sip?.viaCount ?? 0 }
  /// Of SIP: is there a header of this name?
  package func has(_ name: HeaderName) -> Bool { content.sip?.has(name) ?? false }
  /// 0 for what is no SIP response.
  package var status: Int { content.sip?.status ?? 0 }
  /// Of Diameter.
  package var command: CommandCode? { content.diameter?.command }
  /// Of Diameter.
  package var application: ApplicationID? { content.diameter?.application }
  /// Of Diameter, 0 for everything else.
  package var endToEnd: UInt32 { content.diameter?.endToEnd ?? 0 }
  /// Octets of a message of SIP or Diameter.
  var count: Int { content.sip?.count ?? content.diameter?.count ?? 0 }

  /// Nil when the capture cut it.
  package var callID: Text? {
    guard let sip else { return nil }
    return isTruncated && !sip.showsWhole(.callID) ? nil : sip.callID
  }

  package var diameter: DiameterMessage? { content.diameter }
  package var isDNS: Bool { if case .dns = content.other?.body { true } else { false } }
  package var dns: DNSMessage? { if case .dns(let message) = content.other?.body { message } else { nil } }

  /// What a Diameter request and its answer have in common: the connection, who asked, and the Hop-by-Hop Id.
  package var exchangeKey: Fingerprint { content.exchangeKey }

  package var access: AccessMessage? { if case .access(let message) = content.other?.body { message } else { nil } }

  package var event: TransportEvent? { if case .event(let event) = content.other?.body { event } else { nil } }

  /// A request or a query, of whatever protocol; an event answers nothing.
  package var asks: Bool {
    if let isRequest = content.sip?.isRequest ?? content.diameter?.isRequest { return isRequest }
    switch content.other?.body {
    case .dns(let dns): return !dns.isResponse
    case .access(let access): return access.isRequest
    default: return true
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
}

extension Message {
  /// What its headers say, for a message of SIP that will be asked often.
  package func readings(by reader: inout HeaderReader) -> SIPReadings? { content.sip?.readings(by: &reader) }
  package func authentication(_ digests: inout DigestTable) -> AuthenticationFacts {
    guard let sip = content.sip else { return AuthenticationFacts() }
    return AuthenticationFacts(sip, &digests)
  }
  package func sip(with readings: SIPReadings?) -> SIPMessage? { content.sip?.with(readings) }
}

// MARK: - Sightings

extension Message {
  /// The times it was sent: the first transmission, then every retransmission.
  package var transmissions: Transmissions { Transmissions(self, count: Int(content.sendings)) }
  /// How often it was sent: 1, as a rule.
  package var sendings: Int { Int(content.sendings) }
  /// The time from its first transmission to that of a later message by the stamps of a capture point that saw both; nil where
  /// none did.
  package func delay(to later: Message) -> Interval? { content.delay(to: later.content) }
  /// Some capture point saw it in ESP.
  package var isInESP: Bool { content.isInESP }
  package var retransmissions: [Transmission] {
    content.sendings == 1 ? [] : Array(transmissions.dropFirst())
  }
  /// Of the first transmission.
  package var sightings: Sightings { transmissions[0].sightings }
  /// Of all transmissions.
  package var sightingCount: Int { Int(content.count) }

  /// Of all transmissions, in the order of these.
  func sighting(_ number: Int) -> Sighting { content[number] }
  /// Where the sightings of a transmission stand among all.
  func appearances(of transmission: Int) -> Range<Int> { content.places(of: transmission) }
  /// The earliest of the first transmission.
  var earliest: Int { Int(content.earliest) }

  /// Time of the earliest sighting of the first transmission.
  package var time: Timestamp { first.time }
  /// The earliest sighting of all: the place a finding points at.
  package var firstSighting: Sighting { sighting(earliest) }
  package var firstPoint: CapturePoint { first.point }
  private var first: Appearance { content.appearance(earliest) }

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
    let first = first
    return Place(time: first.time, input: first.point.input, frame: first.frame, id: id)
  }

  /// When its first transmission was seen last, at whichever point.
  package var latest: Timestamp { content.latest }
  /// Every appearance of every transmission.
  package func forEachAppearance(_ body: (Appearance) -> Void) { content.forEach(body) }
  package func forEachSighting(_ body: (borrowing Sighting) -> Void) {
    for number in 0..<sightingCount { body(sighting(number)) }
  }

  package mutating func add(_ sighting: borrowing Sighting, transmission: Int) {
    own()
    content.add(sighting, transmission: transmission)
  }

  /// At least one transmission, and of each at least one sighting.
  mutating func set(_ transmissions: [[Sighting]]) {
    own()
    content.set(transmissions)
  }
}
