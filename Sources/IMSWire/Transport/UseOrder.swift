/// Streams in the order in which they were used last: a list that goes through their slots.
struct UseOrder {
  /// -1: there are none.
  private(set) var oldest = -1
  private(set) var newest = -1

  mutating func append(_ slot: Int, _ slots: inout [TCPStream]) {
    slots[slot].older = newest
    slots[slot].newer = -1
    if newest >= 0 { slots[newest].newer = slot } else { oldest = slot }
    newest = slot
  }

  mutating func remove(_ slot: Int, _ slots: inout [TCPStream]) {
    let (older, newer) = (slots[slot].older, slots[slot].newer)
    if older >= 0 { slots[older].newer = newer } else { oldest = newer }
    if newer >= 0 { slots[newer].older = older } else { newest = older }
  }
}
