package import IMSBytes
package import IMSSecrets

/// What became of the ESP packets of one association: one SPI at one destination.
package struct ESPCount: Sendable, Equatable {
  package var destination: IPAddress
  package var spi: UInt32
  package var packets = 0
  /// Read, with keys or because nothing was encrypted.
  package var opened = 0
  /// Of these, packets whose ICV was right.
  package var verified = 0
  /// With an ICV that the keys do not give; not read, unless nothing was encrypted and no packet of the association fits
  /// the keys.
  package var wrong = 0
  /// Not read: without a key that fits, or cut by the capture.
  package var opaque = 0
  /// The algorithm that is not supported.
  package var unsupported: String?
  /// The first three that were wrong.
  package var wrongFrames: [UInt32] = []

  package init(destination: IPAddress, spi: UInt32) {
    self.destination = destination
    self.spi = spi
  }

  package mutating func add(_ other: ESPCount) {
    packets += other.packets
    opened += other.opened
    verified += other.verified
    wrong += other.wrong
    opaque += other.opaque
    unsupported = unsupported ?? other.unsupported
  }
}

/// One ESP packet, as those who wait for its content must know of it.
package struct ESPSighting: Sendable, BitwiseCopyable {
  package enum State: Sendable, BitwiseCopyable {
    case opened
    /// Closed so far.
    case parked
    /// Was parked before.
    case openedLate
    /// Was parked, and will not be opened any more.
    case givenUp
    /// Cannot be opened whatever keys come: cut by the capture.
    case closed
  }

  package var state: State
  package var time: Timestamp
  package var source: IPAddress
  package var destination: IPAddress
  package var spi: UInt32
  /// The recorder, by the input with which it began.
  package var input: UInt16

  package init(
    state: State, time: Timestamp, source: IPAddress, destination: IPAddress, spi: UInt32, input: UInt16
  ) {
    self.state = state
    self.input = input
    self.time = time
    self.source = source
    self.destination = destination
    self.spi = spi
  }
}

/// Opens ESP packets of one input: with the keys of the ring, or because nothing is encrypted. What cannot be opened yet
/// is parked.
struct ESPAssociations {
  enum Opened {
    /// A part of the packet.
    case clear(Range<Int>, next: UInt8)
    case decrypted([UInt8], next: UInt8)
  }

  private enum Attempt {
    case opened(Opened, isVerified: Bool, isWrong: Bool)
    case closed(isWrong: Bool, unsupported: String?)
  }

  struct Key: Hashable {
    var destination: IPAddress
    var spi: UInt32
  }

  /// Associations that are counted one by one; the packets of further ones are counted under SPI 0.
  static var mostCounted: Int { Bounds.espAssociations }
  /// Sightings that wait to be asked for; a caller asks after every frame.
  static var mostSightings: Int { Bounds.espSightings }

  private var ring = KeyRing()
  private var recent = RecentPackets()
  private var lot: ParkingLot
  private var indices: [Key: Int] = [:]
  /// In the order of their first packet.
  private(set) var counts: [ESPCount] = []
  /// Length of the ICV of associations that do not encrypt, as a packet proved it.
  private var proven: [Int: Int] = [:]
  private var sightings: [ESPSighting] = []
  private(set) var sightingsLeftOut = 0
  /// Associations that opened a packet, in the order in which they first did.
  private(set) var used: [SecurityAssociation] = []
  private var knownUsed = Set<SecurityAssociation>()

  private let keepsUsed: Bool
  /// Every packet is parked until keys are given for the first time, were it none.
  var waits = false

  init(room: Int, keepsUsed: Bool) {
    lot = ParkingLot(room: room)
    self.keepsUsed = keepsUsed
  }

  /// Octets that may wait.
  var room: Int {
    get { lot.room }
    set { lot.room = newValue }
  }
  var forgotten: Int { ring.forgotten }
  var nextExpiry: Timestamp { lot.nextExpiry }
  var hasPackets: Bool { !counts.isEmpty }
  var hasParked: Bool { lot.nextExpiry != .distantFuture }
  var hasSightings: Bool { !sightings.isEmpty }

  mutating func takeSightings() -> [ESPSighting] {
    defer { sightings = [] }
    return sightings
  }

  // MARK: Packets

  /// Nil when the packet stays closed. `bytes` go from the SPI on.
  mutating func open(_ bytes: RawSpan, _ walk: Walk, now: Timestamp, _ census: inout Census) -> Opened? {
    guard bytes.byteCount >= 8 else {
      census.note("ESP", "header cut", frame: walk.frames.first)
      census.count(.ipProtocol(ESP.number))
      return nil
    }
    let spi = bytes.u32(0)
    let index = self.index(of: Key(destination: walk.destination, spi: spi))
    counts[index].packets += 1
    guard walk.missing == 0 else {
      counts[index].opaque += 1
      census.count(.ipProtocol(ESP.number))
      census.note("ESP", "packet cut by the capture", frame: walk.frames.first, bytes: walk.missing)
      see(.closed, walk, spi)
      return nil
    }
    switch waits ? .closed(isWrong: false, unsupported: nil) : attempt(bytes, walk, spi, index) {
    case .opened(let opened, let isVerified, let isWrong):
      note(isVerified: isVerified, isWrong: isWrong, walk, index, &census)
      see(.opened, walk, spi)
      return opened
    case .closed(let isWrong, let unsupported):
      see(.parked, walk, spi)
      var kept = walk
      kept.start = 0
      kept.end = bytes.byteCount
      let parked = ParkingLot.Parked(
        bytes: bytes.array, walk: kept, spi: spi, since: now, isWrong: isWrong, unsupported: unsupported)
      for packet in lot.park(parked) { giveUp(packet, &census) }
      return nil
    }
  }

  /// Adds keys, and gives the parked packets that they may open, in the order in which they came.
  mutating func learn(_ associations: [SecurityAssociation]) -> [ParkingLot.Parked] {
    recent.forget()
    if waits {
      waits = false
      for association in associations { ring.add(association) }
      return lot.takeAll()
    }
    var spis: [UInt32] = []
    for association in associations where ring.add(association) && !spis.contains(association.spi) {
      spis.append(association.spi)
    }
    return spis.flatMap { lot.take(spi: $0) }
  }

  /// A parked packet once more; nil when it stays closed, and is parked again.
  mutating func reopen(_ packet: ParkingLot.Parked, _ census: inout Census) -> Opened? {
    let index = self.index(of: Key(destination: packet.walk.destination, spi: packet.spi))
    switch attempt(packet.bytes.span.bytes, packet.walk, packet.spi, index) {
    case .opened(let opened, let isVerified, let isWrong):
      note(isVerified: isVerified, isWrong: isWrong, packet.walk, index, &census)
      see(.openedLate, packet.walk, packet.spi)
      return opened
    case .closed(let isWrong, let unsupported):
      var again = packet
      again.isWrong = isWrong
      again.unsupported = unsupported
      for packet in lot.park(again) { giveUp(packet, &census) }
      return nil
    }
  }

  /// Packets that waited too long.
  mutating func expire(at now: Timestamp, _ census: inout Census) {
    for packet in lot.expire(at: now) { giveUp(packet, &census) }
  }

  /// End of input: what is still parked stays closed.
  mutating func finish(_ census: inout Census) {
    for packet in lot.takeAll() { giveUp(packet, &census) }
  }

  // MARK: Keys

  private mutating func attempt(_ bytes: RawSpan, _ walk: Walk, _ spi: UInt32, _ index: Int) -> Attempt {
    let key = RecentPackets.key(bytes, walk)
    if let (opened, isVerified) = recent.find(key) { return .opened(opened, isVerified: isVerified, isWrong: false) }
    let candidates = ring.candidates(
      spi: spi, source: AddressPattern(walk.source), destination: AddressPattern(walk.destination))
    var isWrong = false
    var encrypts = false
    var unsupported: String?
    for association in candidates {
      let suite = association.suite
      unsupported = unsupported ?? suite.unsupported
      encrypts = encrypts || suite.encrypts
      guard let opened = Self.open(bytes, suite, walk, &isWrong) else { continue }
      if keepsUsed, used.count < Bounds.espKeys, knownUsed.insert(association).inserted { used.append(association) }
      recent.keep(key, opened, isVerified: suite.isVerifiable)
      return .opened(opened, isVerified: suite.isVerifiable, isWrong: false)
    }
    // Keys that never fitted say nothing of a packet that anybody can read.
    if !encrypts, counts[index].verified == 0, let clear = ESP.clear(bytes, walk, known: proven[index]) {
      proven[index] = clear.checkLength
      return .opened(.clear(clear.payload, next: clear.next), isVerified: false, isWrong: isWrong)
    }
    return .closed(isWrong: isWrong, unsupported: unsupported)
  }

  /// Without an ICV that is verified the content must prove that the key is right.
  private static func open(_ bytes: RawSpan, _ suite: ESPSuite, _ walk: Walk, _ isWrong: inout Bool) -> Opened? {
    switch suite.open(bytes) {
    case .clear(let range, let next):
      guard suite.isVerifiable || ESP.fits(bytes.extracting(range), next, walk, isKnown: true) else { return nil }
      return .clear(range, next: next)
    case .decrypted(let clear, let next):
      guard suite.isVerifiable || ESP.fits(clear.span.bytes, next, walk, isKnown: true) else { return nil }
      return .decrypted(clear, next: next)
    case .wrongCheck:
      isWrong = true
      return nil
    case .malformed: return nil
    }
  }

  // MARK: Counting

  private mutating func index(of key: Key) -> Int {
    if let known = indices[key] { return known }
    let isListed = counts.count < Self.mostCounted
    let place = isListed ? key : Key(destination: IPAddress(v4: 0), spi: 0)
    if let known = indices[place] { return known }
    counts.append(ESPCount(destination: place.destination, spi: place.spi))
    indices[place] = counts.count - 1
    return counts.count - 1
  }

  private mutating func note(
    isVerified: Bool, isWrong: Bool, _ walk: Walk, _ index: Int, _ census: inout Census
  ) {
    counts[index].opened += 1
    if isVerified { counts[index].verified += 1 }
    if isWrong { noteWrong(walk, index, &census) }
  }

  private mutating func noteWrong(_ walk: Walk, _ index: Int, _ census: inout Census) {
    counts[index].wrong += 1
    if counts[index].wrongFrames.count < 3 { counts[index].wrongFrames.append(walk.frames.first) }
    census.note("ESP", "ICV wrong", frame: walk.frames.first)
  }

  private mutating func giveUp(_ packet: ParkingLot.Parked, _ census: inout Census) {
    let index = self.index(of: Key(destination: packet.walk.destination, spi: packet.spi))
    if packet.isWrong {
      noteWrong(packet.walk, index, &census)
    } else {
      counts[index].opaque += 1
      counts[index].unsupported = counts[index].unsupported ?? packet.unsupported
      census.count(.ipProtocol(ESP.number))
    }
    see(.givenUp, packet.walk, packet.spi)
  }

  private mutating func see(_ state: ESPSighting.State, _ walk: Walk, _ spi: UInt32) {
    guard sightings.count < Self.mostSightings else {
      sightingsLeftOut += 1
      return
    }
    sightings.append(
      ESPSighting(
        state: state, time: walk.time, source: walk.source, destination: walk.destination, spi: spi,
        input: walk.point.input))
  }
}

extension AddressPattern {
  /// This address alone.
  package init(_ address: IPAddress) { self.init(isIPv4: address.isIPv4, high: address.high, low: address.low) }
}
