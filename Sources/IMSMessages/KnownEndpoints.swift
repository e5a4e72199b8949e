import IMSBytes
import IMSWire

/// Who sent or received a message, so that an error which quotes one of their packets is told from any other.
struct KnownEndpoints {
  /// The oldest is forgotten first.
  static var capacity: Int { Bounds.knownEndpoints }

  private var table: FingerprintTable<Bool>
  /// A bit for each port that was ever known: most that is asked for has another one.
  private var ports = [UInt64](repeating: 0, count: 1024)
  private var order = FIFO<Fingerprint>()
  private let capacity: Int
  /// Forgotten because there were too many.
  private(set) var evicted = 0

  init(capacity: Int = KnownEndpoints.capacity) {
    self.capacity = capacity
    table = FingerprintTable(most: capacity)
  }

  mutating func insert(_ endpoint: Endpoint) {
    let key = Self.key(endpoint)
    guard table.slot(of: key) == nil else { return }
    table.insert(key, true)
    ports[Int(endpoint.port >> 6)] |= 1 << UInt64(endpoint.port & 63)
    order.append(key)
    if order.count > capacity, let oldest = order.popFirst() {
      table.remove(oldest)
      evicted += 1
    }
  }

  func contains(_ endpoint: Endpoint) -> Bool {
    ports[Int(endpoint.port >> 6)] >> UInt64(endpoint.port & 63) & 1 != 0 && table.slot(of: Self.key(endpoint)) != nil
  }

  private static func key(_ endpoint: Endpoint) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(endpoint)
    return key
  }
}
