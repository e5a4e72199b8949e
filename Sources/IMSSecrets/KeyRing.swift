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

  private struct Key: Hashable {
    var spi: UInt32
    var high: UInt64
    var low: UInt64
  }

  private var exact: [Key: [SecurityAssociation]] = [:]
  private var order = FIFO<Key>()
  private var patterns: [SecurityAssociation] = []
  /// Associations that were given up because there were too many.
  package private(set) var forgotten = 0

  package init(capacity: Int = Bounds.espKeys) { self.capacity = capacity }

  package var isEmpty: Bool { exact.isEmpty && patterns.isEmpty }

  /// False when it was known.
  @discardableResult
  package mutating func add(_ association: SecurityAssociation) -> Bool {
    guard association.isExact else {
      patterns.append(association)
      return true
    }
    let key = Key(spi: association.spi, high: association.destination.high, low: association.destination.low)
    guard !(exact[key]?.contains(association) ?? false) else { return false }
    if exact[key] == nil { order.append(key) }
    exact[key, default: []].insert(association, at: 0)
    if let count = exact[key]?.count, count > Self.generations {
      exact[key]?.removeLast()
      forgotten += 1
    }
    if exact.count > capacity, let oldest = order.popFirst(), let given = exact.removeValue(forKey: oldest) {
      forgotten += given.count
    }
    return true
  }

  /// Those that fit a packet: the newest first, then those with wildcards in the order in which they were given.
  package func candidates(
    spi: UInt32, source: AddressPattern, destination: AddressPattern
  ) -> [SecurityAssociation] {
    if isEmpty { return [] }
    let known = exact[Key(spi: spi, high: destination.high, low: destination.low)] ?? []
    return (known + patterns).filter { $0.matches(spi, source, destination) }
  }
}
