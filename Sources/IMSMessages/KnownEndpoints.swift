import IMSBytes
import IMSWire

/// Who sent or received a message, so that an error which quotes one of their packets is told from any other.
struct KnownEndpoints {
  /// The oldest is forgotten first.
  static var capacity: Int { Bounds.knownEndpoints }

  private var table = FingerprintTable<Bool>()
  private var order = FIFO<Fingerprint>()
  private let capacity: Int
  /// Forgotten because there were too many.
  private(set) var evicted = 0

  init(capacity: Int = KnownEndpoints.capacity) { self.capacity = capacity }

  mutating func insert(_ endpoint: Endpoint) {
    let key = Self.key(endpoint)
    guard table.slot(of: key) == nil else { return }
    table.insert(key, true)
    order.append(key)
    if order.count > capacity, let oldest = order.popFirst() {
      table.remove(oldest)
      evicted += 1
    }
  }

  func contains(_ endpoint: Endpoint) -> Bool { table.slot(of: Self.key(endpoint)) != nil }

  private static func key(_ endpoint: Endpoint) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(endpoint)
    return key
  }
}
