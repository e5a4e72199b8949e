package import IMSBytes

/// What is known of subscribers whose registrations are over. Bounded: each share of the subscribers forgets its oldest
/// one, so that it does not matter how many lanes the shares are dealt out to.
package struct Bindings: Sendable {
  /// Shares of all subscribers, and so the largest number of lanes.
  package static let shares = 64

  /// In each share.
  private let capacity: Int
  private var table = FingerprintTable<Binding>()
  private var order = Array(repeating: FIFO<Fingerprint>(), count: Bindings.shares)
  private(set) var forgotten = 0

  /// - Parameter capacity: over all shares.
  init(capacity: Int) { self.capacity = max(1, capacity / Bindings.shares) }

  /// The share that a subscriber belongs to.
  package static func share(of subscriber: Fingerprint) -> Int {
    Int(truncatingIfNeeded: subscriber.low % UInt64(Bindings.shares))
  }

  subscript(subscriber: Fingerprint) -> Binding? { table[subscriber] }

  mutating func remember(_ binding: Binding, of subscriber: Fingerprint) {
    guard table.insert(subscriber, binding).before == nil else { return }
    let share = Bindings.share(of: subscriber)
    order[share].append(subscriber)
    if order[share].count > capacity, let oldest = order[share].popFirst() {
      table.remove(oldest)
      forgotten += 1
    }
  }
}
