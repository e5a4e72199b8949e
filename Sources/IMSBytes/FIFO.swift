/// A queue in blocks: appending and taking the first cost constant time on average, and what was taken leaves its room.
@usableFromInline package struct FIFO<Element> {
  @inlinable static var blockCount: Int { 256 }

  /// Each but the last is full; what was taken is nil.
  @usableFromInline var blocks: [[Element?]] = []
  /// Taken from the first block.
  @usableFromInline var head = 0
  @usableFromInline var used = 0

  @inlinable package init() {}

  @inlinable package var count: Int { used }
  @inlinable package var isEmpty: Bool { used == 0 }
  @inlinable package var first: Element? { used == 0 ? nil : blocks[0][head] }

  @inlinable package mutating func append(_ element: consuming Element) {
    let last = blocks.count - 1
    if last >= 0, blocks[last].count < Self.blockCount {
      blocks[last].append(element)
    } else {
      var block: [Element?] = [element]
      // A short queue needs little.
      if last >= 0 { block.reserveCapacity(Self.blockCount) }
      blocks.append(block)
    }
    used += 1
  }

  @inlinable package mutating func popFirst() -> Element? {
    guard used > 0 else { return nil }
    var element: Element?
    swap(&element, &blocks[0][head])
    head += 1
    used -= 1
    if used == 0 {
      blocks[0].removeAll(keepingCapacity: true)
      head = 0
    } else if head == Self.blockCount {
      blocks.removeFirst()
      head = 0
    }
    return element
  }
}

extension FIFO: Sendable where Element: Sendable {}
