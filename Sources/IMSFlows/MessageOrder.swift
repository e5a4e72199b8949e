import IMSBytes
import IMSMessages

/// The messages of one subscriber in the order of their times, and which of them are kept. Used for subscriber after
/// subscriber: its lists keep their room.
struct MessageOrder: Sendable {
  private struct Entry: BitwiseCopyable, Sendable {
    var place: Message.Place
    /// Among the messages as they came.
    var original: Int
  }

  /// In the order of their times.
  private(set) var messages: [Message] = []
  private var entries: [Entry] = []
  /// Of each message as it came.
  private var isKept: [Bool] = []
  private(set) var keepsSome = false
  private var fetched: UInt8 = 0

  /// By time, each by the right clock.
  mutating func sort(_ original: [Message], _ clocks: Clocks) {
    messages = original
    fetched ^= Message.fetch(messages)
    entries.removeAll(keepingCapacity: true)
    var isInOrder = true
    for (index, message) in original.enumerated() {
      var place = message.place
      if message.needsCorrection(clocks) {
        messages[index].correct(clocks)
        place = messages[index].place
      }
      if !insert(Entry(place: place, original: index)) { isInOrder = false }
    }
    if !isInOrder {
      var sorted: [Message] = []
      sorted.reserveCapacity(messages.count)
      for index in entries.indices { sorted.append(messages[entries[index].original]) }
      messages = sorted
    }
    keepNone()
  }

  /// Lets the messages go.
  mutating func clear() { messages = [] }

  /// Is it the last? Most messages come in order.
  private mutating func insert(_ entry: Entry) -> Bool {
    guard let last = entries.last, entry.place < last.place else {
      entries.append(entry)
      return true
    }
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entry.place < entries[middle].place { high = middle } else { low = middle + 1 }
    }
    entries.insert(entry, at: low)
    return false
  }

  private mutating func keepNone() {
    isKept.removeAll(keepingCapacity: true)
    isKept.append(contentsOf: repeatElement(false, count: entries.count))
    keepsSome = false
  }

  /// - Parameter index: among the sorted ones.
  mutating func keep(_ index: Int) {
    isKept[entries[index].original] = true
    keepsSome = true
  }

  func keeps(original index: Int) -> Bool { isKept[index] }

  func removeOthers(from messages: inout [Message]) {
    var kept: [Message] = []
    for index in messages.indices where isKept[index] { kept.append(messages[index]) }
    messages = kept
  }
}
