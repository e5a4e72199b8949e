/// A map from fingerprints to values. A fingerprint is a hash already, so its low bits choose the slot and nothing is
/// hashed again; the next free slot is taken when that one is full. The layout depends on the contents alone.
@usableFromInline package struct FingerprintTable<Value> {
  @usableFromInline struct Slot {
    @usableFromInline var key: Fingerprint
    @usableFromInline var value: Value?

    @inlinable init(key: Fingerprint, value: Value?) {
      self.key = key
      self.value = value
    }
  }

  /// A power of two, at most three quarters in use.
  @usableFromInline var slots: [Slot]
  @usableFromInline var used = 0

  @inlinable package var count: Int { used }

  @inlinable package init() { slots = Array(repeating: Slot(key: .empty, value: nil), count: 16) }

  /// Where the value of a key lies until the next insertion or removal.
  @inlinable package func slot(of key: Fingerprint) -> Int? {
    let index = place(of: key)
    return slots[index].value == nil ? nil : index
  }

  /// The value in a slot that `slot(of:)` told.
  @inlinable package subscript(slot slot: Int) -> Value {
    get { slots[slot].value! }
    _modify { yield &slots[slot].value! }
  }

  @inlinable package subscript(key: Fingerprint) -> Value? { slots[place(of: key)].value }

  /// The value that stood there before.
  @discardableResult
  @inlinable package mutating func insert(_ key: Fingerprint, _ value: Value) -> Value? {
    if (used + 1) * 4 > slots.count * 3 { grow() }
    let index = place(of: key)
    let before = slots[index].value
    slots[index] = Slot(key: key, value: value)
    if before == nil { used += 1 }
    return before
  }

  @discardableResult
  @inlinable package mutating func remove(_ key: Fingerprint) -> Value? {
    var hole = place(of: key)
    guard let removed = slots[hole].value else { return nil }
    used -= 1
    slots[hole].value = nil
    // What was pushed past the hole moves back into it, so that no search ends too early.
    let mask = slots.count - 1
    var index = hole
    while true {
      index = (index + 1) & mask
      guard slots[index].value != nil else { return removed }
      let home = Int(truncatingIfNeeded: slots[index].key.low) & mask
      if (index - home) & mask >= (index - hole) & mask {
        slots.swapAt(index, hole)
        hole = index
      }
    }
  }

  /// In no order that means anything.
  @inlinable package var keys: [Fingerprint] { slots.compactMap { $0.value == nil ? nil : $0.key } }

  /// The slot that holds the key, or the free one where it would go.
  @inlinable @inline(__always) func place(of key: Fingerprint) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: key.low) & mask
    while slots[index].value != nil, slots[index].key != key { index = (index + 1) & mask }
    return index
  }

  @inlinable mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(key: .empty, value: nil), count: old.count * 2)
    for slot in old where slot.value != nil { slots[place(of: slot.key)] = slot }
  }
}

extension FingerprintTable.Slot: Sendable where Value: Sendable {}
extension FingerprintTable: Sendable where Value: Sendable {}
