/// Registrations that are over, held back in their order until it is known that none that was over earlier follows. A flow
/// is large: it is moved in and out, never copied.
struct EndedFlows: Sendable {
  private struct Entry: Sendable {
    let order: Flow.Order
    /// Nil when it was taken.
    var flow: Flow?
  }

  private var entries: [Entry] = []
  /// The first that was not taken.
  private var head = 0

  var first: Flow.Order? { head < entries.count ? entries[head].order : nil }

  mutating func append(_ flow: consuming Flow) { entries.append(Entry(order: flow.order, flow: flow)) }

  /// Into its place: nearly always the end, for registrations are looked at soon after they are over.
  mutating func insert(_ flow: consuming Flow) {
    let order = flow.order
    var place = entries.count
    while place > head, order < entries[place - 1].order { place -= 1 }
    let entry = Entry(order: order, flow: flow)
    if place == entries.count { entries.append(entry) } else { entries.insert(entry, at: place) }
  }

  mutating func popFirst() -> Flow? {
    guard head < entries.count else { return nil }
    let flow = entries[head].flow.take()
    head += 1
    if head > 256, head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
    return flow
  }

  /// Brings those that were appended into their order.
  mutating func sort() {
    let order = (head..<entries.count).sorted { entries[$0].order < entries[$1].order }
    var sorted: [Entry] = []
    sorted.reserveCapacity(order.count)
    for index in order { sorted.append(Entry(order: entries[index].order, flow: entries[index].flow.take())) }
    entries = sorted
    head = 0
  }
}
