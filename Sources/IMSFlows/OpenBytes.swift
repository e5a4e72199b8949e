package import IMSMessages

/// The bytes of the messages that wait for their registrations to end, over all lanes, by the order in which the reader
/// met them. The reader adds what it hands on, and takes off what the lanes told to have let go.
package struct OpenBytes: Sendable {
  /// So many messages, one behind the other, are given up together.
  static let run: UInt32 = 256

  package private(set) var total = 0
  /// Bytes of each run, from `first` on.
  private var runs: [Int] = []
  private var first = 0
  /// Runs at the beginning of `runs` of which nothing is open.
  private var spent = 0

  package init() {}

  static func areOneRun(_ one: MessageID, _ other: MessageID) -> Bool { one.value / run == other.value / run }

  package mutating func add(_ bytes: Int, of id: MessageID) {
    let index = Int(id.value / OpenBytes.run) - first
    // Of a run that was given up, or let go: nobody waits for what comes late.
    guard index >= spent else { return }
    while runs.count <= index { runs.append(0) }
    runs[index] += bytes
    total += bytes
  }

  package mutating func remove(_ released: ReleasedBytes) {
    for entry in released.entries {
      let index = Int(entry.run) - first
      guard index >= spent, index < runs.count else { continue }
      total -= min(entry.bytes, runs[index])
      runs[index] -= min(entry.bytes, runs[index])
    }
    while spent < runs.count - 1, runs[spent] == 0 { spent += 1 }
    if spent > 1024, spent * 2 > runs.count { forgetSpent() }
  }

  /// Gives up what the reader met first until no more than so many bytes are left; the first message that stays.
  package mutating func giveUp(downTo limit: Int) -> MessageID {
    while spent < runs.count, total > limit {
      total -= runs[spent]
      runs[spent] = 0
      spent += 1
    }
    return MessageID(UInt32(clamping: first + spent) &* OpenBytes.run)
  }

  private mutating func forgetSpent() {
    runs.removeFirst(spent)
    first += spent
    spent = 0
  }
}

/// What a lane let go: bytes by the run of messages they belong to.
package struct ReleasedBytes: Sendable {
  package private(set) var entries: [(run: UInt32, bytes: Int)] = []

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }

  package mutating func add(_ bytes: Int, of id: MessageID) {
    let run = id.value / OpenBytes.run
    if let last = entries.indices.last, entries[last].run == run {
      entries[last].bytes += bytes
    } else {
      entries.append((run, bytes))
    }
  }
}
