import IMSBytes

/// A map that forgets what came first when it is full.
struct BoundedTable<Value> {
  private let capacity: Int
  private var table = FingerprintTable<Value>()
  private var order = FIFO<Fingerprint>()

  init(capacity: Int) { self.capacity = capacity }

  subscript(key: Fingerprint) -> Value? { table[key] }

  mutating func insert(_ key: Fingerprint, _ value: Value) {
    if table.insert(key, value) == nil { order.append(key) }
    if table.count > capacity, let oldest = order.popFirst() { table.remove(oldest) }
  }
}
