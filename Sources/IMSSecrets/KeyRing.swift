import IMSBytes

/// The IP addresses that an association is for: those that agree with `value` where `mask` has ones. IPv4 lies in the low
/// 32 bits.
package struct AddressPattern: Sendable, Hashable {
  package var isIPv4: Bool
  package var high: UInt64
  package var low: UInt64
  package var maskHigh = UInt64.max
  package var maskLow = UInt64.max

  /// One address.
  package init(isIPv4: Bool, high: UInt64, low: UInt64) {
    self.isIPv4 = isIPv4
    self.high = high
    self.low = low
  }

  package static func any(isIPv4: Bool) -> AddressPattern {
    var pattern = AddressPattern(isIPv4: isIPv4, high: 0, low: 0)
    pattern.maskHigh = isIPv4 ? .max : 0
    pattern.maskLow = isIPv4 ? 0xffff_ffff_0000_0000 : 0
    return pattern
  }

  package var isExact: Bool { maskHigh == .max && maskLow == .max }

  package func matches(_ other: AddressPattern) -> Bool {
    isIPv4 == other.isIPv4 && (high ^ other.high) & maskHigh == 0 && (low ^ other.low) & maskLow == 0
  }
}

/// One direction between two hosts: how packets with this SPI are protected.
package struct SecurityAssociation: Sendable, Hashable {
  package var source: AddressPattern
  package var destination: AddressPattern
  package var spi: UInt32
  /// Where it has zeros, the SPI may be anything.
  package var spiMask = UInt32.max
  package var suite: ESPSuite

  package init(source: AddressPattern, destination: AddressPattern, spi: UInt32, suite: ESPSuite) {
    self.source = source
    self.destination = destination
    self.spi = spi
    self.suite = suite
  }

  fileprivate var isExact: Bool { spiMask == .max && source.isExact && destination.isExact }

  package func matches(_ spi: UInt32, _ source: AddressPattern, _ destination: AddressPattern) -> Bool {
    (self.spi ^ spi) & spiMask == 0 && self.source.matches(source) && self.destination.matches(destination)
  }
}

/// The security associations that are known. Several may have one SPI and one destination: the algorithms that a server
/// offered, and the generations of re-authentications; the integrity check tells which one a packet belongs to.
package struct KeyRing: Sendable {
  /// Some 32 000 UEs with four associations each; the oldest goes first.
  private let capacity: Int
  /// Of one SPI and destination.
  static let generations = Bounds.espGenerations

  /// One association of an SPI and destination.
  private struct Generation: BitwiseCopyable, Sendable {
    var sourceHigh: UInt64
    var sourceLow: UInt64
    /// In `suites`.
    var suite: Int32
    /// The one that was known before it, or the next free one; -1 at the end.
    var before: Int32
    var sourceIsIPv4: Bool
    var destinationIsIPv4: Bool
  }

  /// The newest of each SPI and destination.
  private var newest: FingerprintTable<Int32>
  private var known: [Generation] = []
  private var free: Int32 = -1
  private var suites = SuiteTable()
  private var order = FIFO<Fingerprint>()
  private var patterns: [SecurityAssociation] = []
  /// Associations that were given up because there were too many.
  package private(set) var forgotten = 0

  package init(capacity: Int = Bounds.espKeys) {
    self.capacity = capacity
    newest = FingerprintTable(most: capacity + 1)
  }

  package var isEmpty: Bool { newest.count == 0 && patterns.isEmpty }

  private static func key(_ spi: UInt32, _ destination: AddressPattern) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(UInt64(spi))
    key.combine(destination.high, destination.low)
    return key
  }

  /// False when it was known.
  @discardableResult
  package mutating func add(_ association: SecurityAssociation) -> Bool {
    guard association.isExact else {
      patterns.append(association)
      return true
    }
    let key = Self.key(association.spi, association.destination)
    let first = newest[key] ?? -1
    var (next, count, oldestButOne) = (first, 1, Int32(-1))
    while next >= 0 {
      if generation(next, is: association) { return false }
      count += 1
      if count == Self.generations { oldestButOne = next }
      next = known[Int(next)].before
    }
    if first < 0 { order.append(key) }
    newest.insert(key, keep(association, before: first))
    if count > Self.generations, oldestButOne >= 0 {
      forget(from: known[Int(oldestButOne)].before)
      known[Int(oldestButOne)].before = -1
    }
    if newest.count > capacity, let oldest = order.popFirst(), let given = newest.remove(oldest) { forget(from: given) }
    return true
  }

  private func generation(_ number: Int32, is association: SecurityAssociation) -> Bool {
    let one = known[Int(number)]
    let (source, destination) = (association.source, association.destination)
    return one.sourceLow == source.low && one.sourceHigh == source.high && one.sourceIsIPv4 == source.isIPv4
      && one.destinationIsIPv4 == destination.isIPv4 && suites[one.suite] == association.suite
  }

  private mutating func keep(_ association: SecurityAssociation, before: Int32) -> Int32 {
    let (source, destination) = (association.source, association.destination)
    let one = Generation(
      sourceHigh: source.high, sourceLow: source.low, suite: suites.use(association.suite), before: before,
      sourceIsIPv4: source.isIPv4, destinationIsIPv4: destination.isIPv4)
    guard free >= 0 else {
      known.appendWithRoom(one, most: capacity + 1)
      return Int32(known.count - 1)
    }
    let number = free
    free = known[Int(number)].before
    known[Int(number)] = one
    return number
  }

  /// This one and those before it.
  private mutating func forget(from number: Int32) {
    var next = number
    while next >= 0 {
      let one = known[Int(next)]
      suites.letGo(of: one.suite)
      known[Int(next)].before = free
      free = next
      next = one.before
      forgotten += 1
    }
  }

  /// Those that fit a packet: the newest first, then those with wildcards in the order in which they were given.
  package func candidates(
    spi: UInt32, source: AddressPattern, destination: AddressPattern
  ) -> [SecurityAssociation] {
    var found: [SecurityAssociation] = []
    var next = newest.count == 0 ? -1 : newest[Self.key(spi, destination)] ?? -1
    while next >= 0 {
      let one = known[Int(next)]
      let its = AddressPattern(isIPv4: one.sourceIsIPv4, high: one.sourceHigh, low: one.sourceLow)
      if its == source, one.destinationIsIPv4 == destination.isIPv4 {
        found.append(
          SecurityAssociation(source: source, destination: destination, spi: spi, suite: suites[one.suite]))
      }
      next = one.before
    }
    for pattern in patterns where pattern.matches(spi, source, destination) { found.append(pattern) }
    return found
  }
}
