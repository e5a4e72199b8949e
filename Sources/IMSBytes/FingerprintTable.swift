/// A map from fingerprints to values. A fingerprint is a hash already, so its low bits choose the slot and nothing is
/// hashed again; the next free slot is taken when that one is full. A slot is one word: what is not there is told without a
/// look at keys and values, and where something was taken out the next one goes.
@usableFromInline package struct FingerprintTable<Value> {
  @usableFromInline struct Item {
    @usableFromInline var key: Fingerprint
    @usableFromInline var value: Value?

    @inlinable init(key: Fingerprint, value: Value?) {
      self.key = key
      self.value = value
    }
  }

  /// A power of two, at most three quarters in use. 0 is free; else the low half of the key's low half, and above it the
  /// number of the item, from 1.
  @usableFromInline var slots: [UInt64]
  @usableFromInline var items: [Item] = []
  /// Numbers of items without a value, from 0.
  @usableFromInline var free: [UInt32] = []
  /// It will hold no more, if it is to be large.
  @usableFromInline let most: Int

  @inlinable package var count: Int { items.count &- free.count }

  /// - Parameter most: of a table that holds thousands when it is full: from some thousands on it has room for all, which costs
  ///   no memory before it is used, and is never moved.
  @inlinable package init(most: Int = 0) {
    slots = Array(repeating: 0, count: 16)
    self.most = most
  }

  /// Where the value of a key lies until it is removed.
  @inlinable package func slot(of key: Fingerprint) -> Int? {
    let slot = slots[place(of: key)]
    return slot == 0 ? nil : Self.number(slot)
  }

  /// The value in a slot that `slot(of:)` told.
  @inlinable package subscript(slot slot: Int) -> Value {
    get { items[slot].value! }
    _modify { yield &items[slot].value! }
  }

  @inlinable package subscript(key: Fingerprint) -> Value? { slot(of: key).flatMap { items[$0].value } }

  @inlinable package mutating func replace(slot: Int, with value: Value) { items[slot].value = value }

  /// The key of the value in a slot.
  @inlinable package func key(slot: Int) -> Fingerprint { items[slot].key }

  /// Tells the slot, and the value that stood there before.
  @discardableResult
  @inlinable package mutating func insert(_ key: Fingerprint, _ value: Value) -> (slot: Int, before: Value?) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    let place = place(of: key)
    if slots[place] != 0 {
      let number = Self.number(slots[place])
      let before = items[number].value
      items[number].value = value
      return (number, before)
    }
    let number: Int
    if let reused = free.popLast() {
      number = Int(reused)
      items[number] = Item(key: key, value: value)
    } else {
      number = items.count
      items.appendWithRoom(Item(key: key, value: value), most: most)
    }
    slots[place] = UInt64(number &+ 1) << 32 | UInt64(Self.tag(key))
    return (number, nil)
  }

  @discardableResult
  @inlinable package mutating func remove(_ key: Fingerprint) -> Value? {
    var hole = place(of: key)
    guard slots[hole] != 0 else { return nil }
    let number = Self.number(slots[hole])
    let removed = items[number].value
    items[number].value = nil
    free.append(UInt32(truncatingIfNeeded: number))
    slots[hole] = 0
    // What was pushed past the hole moves back into it, so that no search ends too early.
    let mask = slots.count - 1
    var index = hole
    while true {
      index = (index + 1) & mask
      guard slots[index] != 0 else { return removed }
      let home = Int(UInt32(truncatingIfNeeded: slots[index])) & mask
      if (index - home) & mask >= (index - hole) & mask {
        slots.swapAt(index, hole)
        hole = index
      }
    }
  }

  /// In no order that means anything.
  @inlinable package var keys: [Fingerprint] { items.compactMap { $0.value == nil ? nil : $0.key } }

  /// The slot that holds the key, or the free one where it would go.
  @inlinable @inline(__always) func place(of key: Fingerprint) -> Int {
    let (mask, tag) = (slots.count - 1, Self.tag(key))
    var index = Int(tag) & mask
    while slots[index] != 0,
      UInt32(truncatingIfNeeded: slots[index]) != tag || items[Self.number(slots[index])].key != key
    {
      index = (index + 1) & mask
    }
    return index
  }

  @inlinable @inline(__always) static func tag(_ key: Fingerprint) -> UInt32 { UInt32(truncatingIfNeeded: key.low) }
  @inlinable @inline(__always) static func number(_ slot: UInt64) -> Int { Int(slot >> 32) &- 1 }

  @inlinable mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    let mask = slots.count - 1
    for slot in old where slot != 0 {
      var index = Int(UInt32(truncatingIfNeeded: slot)) & mask
      while slots[index] != 0 { index = (index + 1) & mask }
      slots[index] = slot
    }
  }
}

extension FingerprintTable.Item: Sendable where Value: Sendable {}
extension FingerprintTable: Sendable where Value: Sendable {}

extension Array {
  /// Appends; from some thousands on there is room for so many, and nothing is moved any more until it is used up.
  @inlinable package mutating func appendWithRoom(_ element: Element, most: Int) {
    if count == 4096, most > count { reserveCapacity(most) }
    append(element)
  }
}
