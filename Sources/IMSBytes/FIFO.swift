/// A queue in one array: appending and taking the first cost constant time on average.
@usableFromInline package struct FIFO<Element> {
  @usableFromInline var items: [Element?] = []
  @usableFromInline var head = 0

  @inlinable package init() {}

  @inlinable package var isEmpty: Bool { head == items.count }
  @inlinable package var count: Int { items.count - head }
  @inlinable package var first: Element? { head < items.count ? items[head] : nil }

  @inlinable package mutating func append(_ element: Element) { items.append(element) }

  @inlinable package mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    var element: Element?
    swap(&element, &items[head])
    head += 1
    if head > 1024, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    return element
  }
}

extension FIFO: Sendable where Element: Sendable {}
