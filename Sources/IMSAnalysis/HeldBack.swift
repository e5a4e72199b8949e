import IMSFlows

/// Registrations that are over and judged, held back in their order until it is known that none that was over earlier
/// follows. A report is large: it is moved in and out, never copied.
struct HeldBack: Sendable {
  private struct Entry: Sendable {
    let order: Flow.Order
    /// Nil when it was taken.
    var ended: Lane.Ended?
  }

  private var entries: [Entry] = []
  /// The first that was not taken.
  private var head = 0

  var first: Flow.Order? { head < entries.count ? entries[head].order : nil }

  /// Whoever adds many at once sorts them.
  mutating func append(_ ended: consuming Lane.Ended) {
    entries.append(Entry(order: ended.order, ended: ended))
  }

  /// Into its place: nearly always the end, for registrations are looked at soon after they are over.
  mutating func insert(_ ended: consuming Lane.Ended) {
    let order = ended.order
    var place = entries.count
    while place > head, order < entries[place - 1].order { place -= 1 }
    let entry = Entry(order: order, ended: ended)
    if place == entries.count { entries.append(entry) } else { entries.insert(entry, at: place) }
  }

  mutating func popFirst() -> Lane.Ended? {
    guard head < entries.count else { return nil }
    let ended = entries[head].ended.take()
    head += 1
    if head > 256, head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
    return ended
  }

  /// Brings those that were appended into their order.
  mutating func sort() {
    let order = (head..<entries.count).sorted { entries[$0].order < entries[$1].order }
    var sorted: [Entry] = []
    sorted.reserveCapacity(order.count)
    for index in order { sorted.append(Entry(order: entries[index].order, ended: entries[index].ended.take())) }
    entries = sorted
    head = 0
  }
}
