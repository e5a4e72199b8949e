/// A list that grows at its end and is forgotten from its beginning, in blocks. A copy costs a reference for each block, and
/// what changes after it copies one block. Elements keep their numbers, which count from 0 for the first that ever stood in it.
@usableFromInline package struct BlockList<Element> {
  @usableFromInline static var blockCount: Int { 64 }

  /// Each but the last is full.
  @usableFromInline var blocks: [[Element]] = []
  /// Number of the first element of the first block.
  @usableFromInline var base = 0
  /// Number of the oldest element that is kept.
  @usableFromInline package private(set) var first = 0
  /// One past the number of the newest.
  @usableFromInline package private(set) var end = 0

  package init() {}

  @inlinable package var isEmpty: Bool { first == end }
  @inlinable package var count: Int { end - first }
  /// Of the elements that are kept.
  @inlinable package var numbers: Range<Int> { first..<end }
  @inlinable package var last: Element? { isEmpty ? nil : self[end - 1] }

  /// - Parameter number: one of `numbers`.
  @inlinable package subscript(number: Int) -> Element {
    get {
      precondition(number >= first, "no longer in the list")
      return blocks[(number - base) / Self.blockCount][(number - base) % Self.blockCount]
    }
    _modify {
      precondition(number >= first, "no longer in the list")
      yield &blocks[(number - base) / Self.blockCount][(number - base) % Self.blockCount]
    }
  }

  /// Tells the number of the new element.
  @discardableResult
  package mutating func append(_ element: Element) -> Int {
    if (end - base) % Self.blockCount == 0 {
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(Self.blockCount)
    }
    blocks[blocks.count - 1].append(element)
    end += 1
    return end - 1
  }

  /// Forgets the elements before a number.
  package mutating func drop(before number: Int) {
    first = min(max(first, number), end)
    let past = (first - base) / Self.blockCount
    blocks.removeFirst(past)
    base += past * Self.blockCount
  }

  /// The first number for which `predicate` holds, in a list where it holds for all behind that; `end` when for none.
  @inlinable package func partitioningNumber(where predicate: (borrowing Element) -> Bool) -> Int {
    var (low, high) = (first, end)
    while low < high {
      let middle = (low + high) / 2
      let (block, place) = ((middle - base) / Self.blockCount, (middle - base) % Self.blockCount)
      if predicate(blocks[block][place]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension BlockList: Sendable where Element: Sendable {}
