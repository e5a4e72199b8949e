import IMSBytes
import Testing

@Suite struct FIFOTests {
  @Test(arguments: [1, 3, 255, 256, 257, 1000]) func whatCameFirstGoesFirst(depth: Int) {
    var queue = FIFO<Int>()
    var next = 0
    for value in 0..<5000 {
      queue.append(value)
      guard queue.count == depth else { continue }
      #expect(queue.first == next)
      #expect(queue.popFirst() == next)
      next += 1
    }
    while let value = queue.popFirst() {
      #expect(value == next)
      next += 1
    }
    #expect(next == 5000)
    #expect(queue.isEmpty && queue.count == 0 && queue.first == nil)
  }

  @Test func anEmptyQueueIsFilledAgain() {
    var queue = FIFO<String>()
    #expect(queue.popFirst() == nil)
    for round in 0..<600 {
      queue.append("\(round)")
      #expect(queue.popFirst() == "\(round)")
      #expect(queue.isEmpty)
    }
  }

  /// What was taken is not kept alive by the queue.
  @Test func whatWasTakenIsLetGo() {
    final class Thing {}
    var queue = FIFO<Thing>()
    weak var first: Thing?
    do {
      let thing = Thing()
      first = thing
      queue.append(thing)
      queue.append(Thing())
    }
    #expect(first != nil)
    _ = queue.popFirst()
    #expect(first == nil && queue.count == 1)
  }
}
