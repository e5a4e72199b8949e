import IMSBytes

/// ESP packets that came before their keys: kept, within bounds, until the keys come.
struct ParkingLot {
  struct Parked {
    /// From the SPI to the ICV; the walk's range is all of it.
    var bytes: [UInt8]
    var walk: Walk
    var spi: UInt32
    /// In the packet time of the input.
    var since: Timestamp
    /// Keys were there, but gave another ICV.
    var isWrong: Bool
    /// The algorithm that is not supported.
    var unsupported: String?
  }

  static var patience: Interval { .seconds(Int64(Bounds.parkedPatience)) }

  /// Octets that may wait.
  var room: Int
  private var parked: [UInt64: Parked] = [:]
  private var order = FIFO<UInt64>()
  private var serials: [UInt32: [UInt64]] = [:]
  private var held = 0
  private var nextSerial: UInt64 = 0
  /// When the oldest has waited long enough.
  private(set) var nextExpiry = Timestamp.distantFuture

  init(room: Int) { self.room = room }

  /// Packets that must go to make room, oldest first; the new one itself where it is larger than the lot.
  mutating func park(_ packet: Parked) -> [Parked] {
    held += packet.cost
    parked[nextSerial] = packet
    order.append(nextSerial)
    serials[packet.spi, default: []].append(nextSerial)
    nextSerial += 1
    if nextExpiry == .distantFuture { nextExpiry = packet.since + Self.patience }
    var evicted: [Parked] = []
    while held > room, let oldest = takeOldest() { evicted.append(oldest) }
    return evicted
  }

  mutating func expire(at now: Timestamp) -> [Parked] {
    var expired: [Parked] = []
    while nextExpiry <= now, let oldest = takeOldest() { expired.append(oldest) }
    return expired
  }

  /// In the order in which they came.
  mutating func take(spi: UInt32) -> [Parked] {
    defer { findExpiry() }
    return (serials.removeValue(forKey: spi) ?? []).compactMap { serial in
      guard let packet = parked.removeValue(forKey: serial) else { return nil }
      held -= packet.cost
      return packet
    }
  }

  mutating func takeAll() -> [Parked] {
    var all: [Parked] = []
    while let oldest = takeOldest() { all.append(oldest) }
    return all
  }

  private mutating func takeOldest() -> Parked? {
    while let serial = order.popFirst() {
      guard let packet = parked.removeValue(forKey: serial) else { continue }
      held -= packet.cost
      // The oldest of all is the oldest of its SPI.
      serials[packet.spi]?.removeFirst()
      if serials[packet.spi]?.isEmpty ?? false { serials[packet.spi] = nil }
      findExpiry()
      return packet
    }
    nextExpiry = .distantFuture
    return nil
  }

  /// Those that were taken are forgotten in passing.
  private mutating func findExpiry() {
    while let serial = order.first, parked[serial] == nil { _ = order.popFirst() }
    nextExpiry = order.first.flatMap { parked[$0] }.map { $0.since + Self.patience } ?? .distantFuture
  }
}

extension ParkingLot.Parked {
  /// Bytes, and what is kept beside them.
  fileprivate var cost: Int { bytes.count + 256 }
}
