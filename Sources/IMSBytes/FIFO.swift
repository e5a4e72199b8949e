/// A queue in one array: appending and taking the first cost constant time on average.
package struct FIFO<Element> {
  private var items: [Element?] = []
  private var head = 0

  package init() {}

  package var isEmpty: Bool { head == items.count }
  package var count: Int { items.count - head }
  package var first: Element? { head < items.count ? items[head] : nil }

  package mutating func append(_ element: Element) { items.append(element) }

  package mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    let element = items[head]
    items[head] = nil
    head += 1
    if head > 1024, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    return element
  }
}

extension FIFO: Sendable where Element: Sendable {}
