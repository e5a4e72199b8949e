import IMSBytes
import IMSMessages

/// The subscribers of a lane with the messages that wait for their registrations to end. Each has a number until it is
/// forgotten.
struct Subscribers: Sendable {
  struct Subscriber: Sendable {
    fileprivate(set) var key = Fingerprint.empty
    var messages: [Message] = []
    /// When it wants to be looked at.
    var due: Timestamp = .distantFuture
    /// Since when it waits for ESP packets to be opened.
    var heldSince: Timestamp?
    /// Some of these messages were cut by the capture.
    fileprivate var hasCut = false
    /// Among these messages are all those that are folded.
    fileprivate var folded = 0..<0

    /// Before anybody asks for the messages.
    mutating func unfold() {
      for index in folded { messages[index].unfold() }
      folded = 0..<0
    }

    /// Makes one message of copies that the capture points cut at different lengths: what is no message of its own any more.
    mutating func joinCutCopies() -> [Message] { hasCut ? messages.joinCutCopies() : [] }
  }

  private var numbers = FingerprintTable<Int>()
  private var all: [Subscriber] = []
  /// Numbers that nobody has.
  private var spare: [Int] = []
  private var homes = MessageHomes()
  private var ends = CommonEnds()

  /// A registration has more messages.
  private static let usualMessages = 16

  subscript(number: Int) -> Subscriber {
    get { all[number] }
    _modify { yield &all[number] }
  }

  func number(of key: Fingerprint) -> Int? { numbers[key] }

  var keys: [Fingerprint] { numbers.keys }

  /// The number of its subscriber.
  mutating func add(_ message: consuming Message, of key: Fingerprint) -> Int {
    let number = numbers[key] ?? begin(key)
    homes.insert(message.id, number)
    let place = all[number].messages.count
    if message.fold(by: &ends) {
      let first = all[number].folded.isEmpty ? place : all[number].folded.lowerBound
      all[number].folded = first..<place + 1
    }
    if message.isTruncated { all[number].hasCut = true }
    all[number].messages.append(message)
    return number
  }

  private mutating func begin(_ key: Fingerprint) -> Int {
    let number = spare.popLast() ?? all.count
    if number == all.count { all.append(Subscriber()) }
    all[number].key = key
    all[number].messages.reserveCapacity(Subscribers.usualMessages)
    numbers.insert(key, number)
    return number
  }

  /// False where the message is not kept.
  mutating func add(_ sighting: Sighting, of id: MessageID, transmission: Int) -> Bool {
    guard let number = homes[id] else { return false }
    var place = all[number].messages.count - 1
    while place >= 0, all[number].messages[place].id.value != id.value { place -= 1 }
    if place < 0 { return false }
    all[number].messages[place].add(sighting, transmission: transmission)
    return true
  }

  /// Its message is kept no longer.
  mutating func forget(_ id: MessageID) { homes.remove(id) }

  mutating func remove(_ number: Int) {
    numbers.remove(all[number].key)
    all[number] = Subscriber()
    spare.append(number)
  }
}
