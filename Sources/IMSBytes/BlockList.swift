/// A list that grows at its end and is forgotten from its beginning, in blocks. A copy costs a reference for each block, and
/// what changes after it copies one block. Elements keep their numbers, which count from 0 for the first that ever stood in it.
@usableFromInline package struct BlockList<Element> {
  @inlinable static var blockBits: Int { 6 }

  /// Each but the last is full.
  @usableFromInline var blocks: [[Element]] = []
  /// Number of the first element of the first block.
  @usableFromInline var base = 0
  /// Number of the oldest element that is kept.
  @usableFromInline package internal(set) var first = 0
  /// One past the number of the newest.
  @usableFromInline package internal(set) var end = 0

  @inlinable package init() {}

  @inlinable package var isEmpty: Bool { first == end }
  @inlinable package var count: Int { end - first }
  /// Of the elements that are kept.
  @inlinable package var numbers: Range<Int> { first..<end }
  @inlinable package var last: Element? { isEmpty ? nil : self[end - 1] }

  /// - Parameter number: one of `numbers`.
  @inlinable package subscript(number: Int) -> Element {
    get {
      precondition(number >= first, "no longer in the list")
      return blocks[Self.block(number &- base)][Self.place(number &- base)]
    }
    _modify {
      precondition(number >= first, "no longer in the list")
      yield &blocks[Self.block(number &- base)][Self.place(number &- base)]
    }
  }

  /// Tells the number of the new element.
  @discardableResult
  @inlinable package mutating func append(_ element: Element) -> Int {
    if Self.place(end &- base) == 0 {
      blocks.append([])
      // A short list needs little.
      if blocks.count > 1 { blocks[blocks.count - 1].reserveCapacity(1 << Self.blockBits) }
    }
    blocks[blocks.count - 1].append(element)
    end += 1
    return end - 1
  }

  /// Forgets the elements before a number.
  @inlinable package mutating func drop(before number: Int) {
    first = min(max(first, number), end)
    let past = Self.block(first &- base)
    blocks.removeFirst(past)
    base += past << Self.blockBits
  }

  /// The first number for which `predicate` holds, in a list where it holds for all behind that; `end` when for none.
  @inlinable package func partitioningNumber(where predicate: (borrowing Element) -> Bool) -> Int {
    var (low, high) = (first, end)
    while low < high {
      let middle = (low + high) / 2
      let offset = middle &- base
      if predicate(blocks[Self.block(offset)][Self.place(offset)]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  @inlinable @inline(__always) static func block(_ offset: Int) -> Int { offset &>> blockBits }
  @inlinable @inline(__always) static func place(_ offset: Int) -> Int { offset & (1 &<< blockBits &- 1) }
}

extension BlockList: Sendable where Element: Sendable {}
