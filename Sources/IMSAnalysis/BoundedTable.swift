import IMSBytes

/// A map that forgets what came first when it is full, and counts what went before its time.
struct BoundedTable<Value> {
  private let capacity: Int
  private let patience: Interval
  private var table = FingerprintTable<Value>()
  private var order = FIFO<(key: Fingerprint, time: Timestamp)>()
  /// Forgotten within `patience`.
  private(set) var evicted = 0

  init(capacity: Int, patience: Interval) {
    self.capacity = capacity
    self.patience = patience
  }

  subscript(key: Fingerprint) -> Value? { table[key] }

  mutating func insert(_ key: Fingerprint, _ value: Value, at time: Timestamp) {
    if table.insert(key, value).before == nil { order.append((key, time)) }
    guard table.count > capacity, let oldest = order.popFirst() else { return }
    table.remove(oldest.key)
    if (time - oldest.time).magnitude <= patience { evicted += 1 }
  }
}
