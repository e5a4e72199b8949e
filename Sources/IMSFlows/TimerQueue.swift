import IMSBytes

/// Subscribers by the time at which they want to be looked at: a binary heap, ties by key, so that the order depends on
/// nothing else.
struct TimerQueue: Sendable {
  private var heap: [(time: Timestamp, key: Fingerprint)] = []

  var next: Timestamp? { heap.first?.time }

  mutating func push(_ time: Timestamp, _ key: Fingerprint) {
    heap.append((time, key))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop(upTo limit: Timestamp) -> (time: Timestamp, key: Fingerprint)? {
    guard let first = heap.first, first.time <= limit else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { break }
      let right = left + 1
      let child = right < heap.count && precedes(right, left) ? right : left
      guard precedes(child, parent) else { break }
      heap.swapAt(parent, child)
      parent = child
    }
    return first
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    (heap[left].time, heap[left].key) < (heap[right].time, heap[right].key)
  }
}
