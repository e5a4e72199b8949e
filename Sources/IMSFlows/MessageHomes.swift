import IMSMessages

/// To which subscriber, by number, each message belongs that is kept. Messages come in the order of their identifiers: eight
/// that follow each other lie side by side, so that most are found where the caches have just been.
struct MessageHomes: Sendable {
  /// Identifier and number; all ones for none.
  private var slots = Array(repeating: MessageHomes.free, count: 64)
  private var count = 0
  private static let free = UInt64.max

  mutating func insert(_ id: MessageID, _ subscriber: Int) {
    if (count + 1) * 2 > slots.count { grow() }
    let place = place(of: id.value)
    if slots[place] == MessageHomes.free { count += 1 }
    slots[place] = UInt64(id.value) << 32 | UInt64(UInt32(truncatingIfNeeded: subscriber))
  }

  subscript(id: MessageID) -> Int? {
    let slot = slots[place(of: id.value)]
    return slot == MessageHomes.free ? nil : Int(slot & 0xffff_ffff)
  }

  mutating func remove(_ id: MessageID) {
    var hole = place(of: id.value)
    if slots[hole] == MessageHomes.free { return }
    count -= 1
    slots[hole] = MessageHomes.free
    // What was pushed past the hole moves back into it, so that no search ends too early.
    let mask = slots.count - 1
    var index = (hole + 1) & mask
    while slots[index] != MessageHomes.free {
      let home = home(of: UInt32(truncatingIfNeeded: slots[index] >> 32))
      if (index - home) & mask >= (index - hole) & mask {
        slots.swapAt(index, hole)
        hole = index
      }
      index = (index + 1) & mask
    }
  }

  private func home(of id: UInt32) -> Int {
    let line = (UInt64(id >> 3) &* 0x9E37_79B9_7F4A_7C15) >> 32
    return Int(truncatingIfNeeded: line << 3 | UInt64(id & 7)) & (slots.count - 1)
  }

  /// The slot that holds it, or the free one where it would go.
  private func place(of id: UInt32) -> Int {
    var index = home(of: id)
    while slots[index] != MessageHomes.free, UInt32(truncatingIfNeeded: slots[index] >> 32) != id {
      index = (index + 1) & (slots.count - 1)
    }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: MessageHomes.free, count: old.count * 2)
    for slot in old where slot != MessageHomes.free {
      slots[place(of: UInt32(truncatingIfNeeded: slot >> 32))] = slot
    }
  }
}
